"""Processes killed in the middle of a turn: the answer comes late, once, in order.

The action server is stopped (SIGSTOP) so that the turn can't end by itself
before the kill.
"""

from __future__ import annotations

import signal

import aiohttp
import pytest

from tests.system import System
from tests.talk import Traveler

QUESTIONS = ["how much cash may I carry", "when does the port open", "can I bring my dog"]


@pytest.mark.parametrize("victim", ["hub", "assistant", "actions"])
async def test_a_kill_in_the_middle_of_a_turn_delays_the_answer_and_no_more(
    system: System, victim: str
) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language="en")
        greeting = await traveler.ask("hello")
        system.signal("actions", signal.SIGSTOP)
        stopped = system.pid("actions")
        try:
            await traveler.say(QUESTIONS[0], "first")
            await traveler.until_working()
            system.signal(victim, signal.SIGKILL)
            await traveler.say(QUESTIONS[1], "second")
            assert await traveler.say(QUESTIONS[0], "first") < await traveler.say(
                QUESTIONS[1], "second"
            )
        finally:
            if system.pid("actions") == stopped:
                system.signal("actions", signal.SIGCONT)
        await traveler.say(QUESTIONS[2], "third")
        shown = await traveler.log_until(answers=4)

        assert [message["seq"] for message in shown] == list(range(1, 9))
        assert shown == await traveler.messages()
        asked = [m["text"] for m in shown if m["author"] == "traveler"]
        assert asked == ["hello", *QUESTIONS]
        answers = [m for m in shown if m["author"] == "assistant"]
        assert answers[0] == greeting
        assert "10,000" in answers[1]["text"]
        assert "reliable public information" in answers[2]["text"]
        assert "dog" in answers[3]["text"]
    system.wait_until_up()
