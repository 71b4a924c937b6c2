"""Whole dialogues through the running system: corrections, questions in between, bad days."""

from __future__ import annotations

import signal
from collections import Counter
from typing import Any

import aiohttp
import pytest

from tests.dialogues import Dialogue, dialogues, play
from tests.system import SERVICE_TOKEN, System
from tests.talk import Traveler


@pytest.mark.parametrize("dialogue", dialogues(), ids=lambda each: f"{each.language}: {each.name}")
async def test_a_dialogue_goes_as_it_should(system: System, dialogue: Dialogue) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language=dialogue.language)
        played = await play(dialogue, traveler)
        story = "\n".join(played.lines)
        assert not played.faults, f"{played.faults}\n{story}"
        if dialogue.ends is not None:
            left = await requests_of(session, system, traveler)
            told = (
                [{name: each.get(name) for name in dialogue.ends[0]} for each in left]
                if (dialogue.ends)
                else left
            )
            assert told == dialogue.ends, story


@pytest.mark.parametrize(
    ("sent", "loop"),
    [("wheelchair for my dad", "special_lane_form"), ("may I bring my dog?", None)],
)
async def test_the_assistant_says_which_dialogue_a_turn_belongs_to(
    system: System, sent: str, loop: str | None
) -> None:
    body = {
        "sender": f"loop-{loop}",
        "message": sent,
        "message_id": "1",
        "metadata": {"language": "en", "script": "Latn"},
    }
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    url = f"{system.assistant_url}/webhooks/hub/webhook"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=headers) as response,
    ):
        assert (await response.json())["understood"]["loop"] == loop


async def test_processes_killed_once_a_request_is_written_leave_one_request_and_its_number(
    system: System,
) -> None:
    asked = Dialogue(
        "killed",
        "ru",
        [{"say": "коляска, {+5} в 12:00 по Пекину, 2 человека, выезжаем из Китая на автобусе"}],
    )
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language="ru")
        await play(asked, traveler)
        summary = (await traveler.messages())[-1]
        (payload,) = [b["payload"] for b in summary["buttons"] if '"send"' in b["payload"]]
        assert (await traveler.press(payload)).status == 202
        while not (written := await requests_of(session, system, traveler)):
            pass
        # the turn is not stored yet, or just now; either way nothing may happen twice
        for victim in ("actions", "assistant"):
            system.signal(victim, signal.SIGKILL)
        shown = await traveler.log_until(messages=4)
        assert written[0]["number"] in shown[-1]["text"]
        assert await requests_of(session, system, traveler) == written
        assert len(written) == 1
    system.wait_until_up()


def test_every_language_has_its_dialogues() -> None:
    by_language = Counter(each.language for each in dialogues())
    assert all(by_language[code] >= 10 for code in ("zh", "kk", "ru", "en"))


async def requests_of(
    session: aiohttp.ClientSession, system: System, traveler: Traveler
) -> list[dict[str, Any]]:
    """What the conversation has asked officers for, the newest first."""
    async with session.post(
        f"{system.url}/internal/requests/find",
        json={"conversation_id": traveler.conversation["id"], "number": None},
        headers={"Authorization": f"Bearer {SERVICE_TOKEN}"},
    ) as response:
        assert response.status == 200, await response.text()
        return list((await response.json())["requests"])
