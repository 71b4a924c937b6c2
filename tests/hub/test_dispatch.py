"""Turns reach the assistant one after another, however often it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient

from hub import dispatch
from hub.app import make_app
from hub.settings import Settings
from tests.stand_in import StandIn
from tests.talk import Traveler


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(dispatch, "LONGEST_WAIT", 0.02)


async def arrive(hub: TestClient, language: str = "en") -> Traveler:
    url = str(hub.make_url("")).rstrip("/")
    return await Traveler.arrive(hub.session, url, language=language)


async def test_a_failed_turn_is_asked_again_with_the_same_id(
    hub: TestClient, assistant: StandIn
) -> None:
    assistant.fail_next = [(503, "not_ready"), (500, "?"), (503, "turn_failed")]
    traveler = await arrive(hub)
    await traveler.say("first")
    await traveler.say("second")
    shown = await traveler.log_until(answers=2)
    assert [m["text"] for m in shown if m["author"] == "assistant"] == [
        "echo first",
        "echo second",
    ]
    ids = [body["message_id"] for body in assistant.asked]
    assert len(ids) == 5
    assert len(set(ids[:4])) == 1


@pytest.mark.parametrize("failure", [(503, "turn_failed"), (500, "crashed"), (400, "bad")])
async def test_a_message_that_can_never_be_answered_gets_an_apology_and_blocks_nothing(
    hub: TestClient, assistant: StandIn, failure: tuple[int, str]
) -> None:
    assistant.fail_next = [failure] * dispatch.FAILED_TRIES
    traveler = await arrive(hub, "ru")
    await traveler.say("плохое")
    await traveler.say("хорошее")
    shown = await traveler.log_until(answers=2)
    apology, answer = (m for m in shown if m["author"] != "traveler")
    assert apology["author"] == "system"
    assert "12367" in apology["text"]
    assert apology["language"] == "ru"
    assert answer["text"] == "echo хорошее"


async def test_what_is_deleted_in_the_middle_of_its_turn_is_forgotten_after_the_turn(
    hub: TestClient, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    traveler = await arrive(hub)
    await traveler.say("forget me")
    await traveler.until_working()
    path = f"/api/conversations/{traveler.conversation['id']}"
    assert (await hub.delete(path, headers=traveler.headers)).status == 204
    assert await assistant.forgotten.get() == traveler.conversation["id"]
    assistant.go_on.set()
    async with asyncio.timeout(10):
        assert await assistant.forgotten.get() == traveler.conversation["id"]


async def test_one_conversation_waits_for_its_own_turn_and_not_for_others(
    hub: TestClient, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    slow = await arrive(hub)
    await slow.say("slow")
    await slow.until_working()
    await slow.say("after slow")
    assistant.go_on.set()
    quick = await arrive(hub)
    assert (await quick.ask("quick"))["text"] == "echo quick"
    shown = await slow.log_until(answers=2)
    assert [m["text"] for m in shown if m["author"] == "assistant"] == [
        "echo slow",
        "echo after slow",
    ]


async def test_what_waited_when_the_hub_stopped_is_answered_after_the_start(
    settings: Settings,
    assistant: StandIn,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> None:
    assistant.go_on.clear()
    before = await aiohttp_client(make_app(settings))
    traveler = await arrive(before)
    await traveler.say("do you keep this?")
    await traveler.until_working()
    await before.close()
    assistant.go_on.set()
    after = await aiohttp_client(make_app(settings))
    returned = Traveler(after.session, str(after.make_url("")).rstrip("/"), traveler.conversation)
    shown = await returned.log_until(answers=1)
    assert [m["text"] for m in shown] == ["do you keep this?", "echo do you keep this?"]


async def test_a_leading_slash_is_text_and_an_offered_button_is_a_command(
    hub: TestClient, assistant: StandIn
) -> None:
    assistant.buttons = [{"title": "Pets", "payload": '/policy{"topic": "pets"}'}]
    traveler = await arrive(hub)
    await traveler.ask("/restart")
    assert not assistant.asked[0]["message"].startswith("/")
    assert (await traveler.press('/policy{"topic": "pets"}')).status == 202
    await traveler.log_until(answers=2)
    assert assistant.asked[1]["message"] == '/policy{"topic": "pets"}'
    assert [m["text"] for m in await traveler.messages()][2] == "Pets"
