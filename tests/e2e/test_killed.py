"""Processes killed in the middle of a turn: the answer comes late, once, in order.

The action server is stopped (SIGSTOP) so that the turn can't end by itself
before the kill.
"""

from __future__ import annotations

import signal

import aiohttp
import pytest
from playwright.async_api import expect

from tests.browser import ANSWERED, ask, chromium, open_page
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


@pytest.mark.parametrize(
    ("language", "call", "said"),
    [
        ("zh", "有人晕倒了没有呼吸", "中国: 120"),
        ("kk", "әкем есінен танып қалды", "Қазақстан: 112"),
        ("ru", "помогите мужчина не дышит", "Китай: 120"),
        ("en", "my dad collapsed hes not breathing", "Kazakhstan: 112"),
    ],
)
async def test_a_call_for_help_is_answered_at_once_with_assistant_and_actions_killed(
    system: System, language: str, call: str, said: str
) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language=language)
        for victim in ("assistant", "actions"):
            system.signal(victim, signal.SIGKILL)
        seq = await traveler.say(call)
        # the answer is in the log as soon as the call is
        first, where = (await traveler.messages(after=seq))[:2]
        assert said in first["text"]
        assert first["card"]["calls"]
        assert len(where["buttons"]) == 4
    system.wait_until_up()


async def test_a_hub_killed_while_the_traveler_types_costs_nothing(system: System) -> None:
    async with chromium() as browser:
        page = await open_page(browser, system.url)
        await ask(page, "hello")
        await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
        await page.locator("#text").press_sequentially("how much cash ")
        system.signal("hub", signal.SIGKILL)
        await page.locator("#text").press_sequentially("may I carry")
        await page.locator("#send").click()
        answers = page.locator("article.assistant")
        await expect(answers).to_have_count(2, timeout=ANSWERED)
        await expect(answers.last).to_contain_text("20,000")
        await expect(page.locator("article.traveler")).to_have_count(2)
    system.wait_until_up()
