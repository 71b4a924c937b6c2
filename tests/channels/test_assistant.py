"""The connector in the really running assistant: whole turns or none, and each only once."""

from __future__ import annotations

import asyncio
import signal
import uuid
from typing import Any

import aiohttp
import pytest

from tests.system import SERVICE_TOKEN, System

WEBHOOK = "/webhooks/hub/webhook"
EVENTS = "/webhooks/hub/events"
PERSON = "/talk_to_officer"
KAZAKH = {"channel": "web", "language": "kk", "script": "Arab", "chosen": True}


async def post(
    system: System, body: Any, token: str | None = SERVICE_TOKEN, path: str = WEBHOOK
) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(system.assistant_url + path, json=body) as response,
    ):
        return response.status, await response.json() if response.status != 204 else {}


def payloads(answer: dict[str, Any]) -> list[str]:
    return [b["payload"] for reply in answer["replies"] for b in reply["buttons"] or []]


def message(text: str, sender: str, number: int, **more: Any) -> dict[str, Any]:
    return {"sender": sender, "message": text, "message_id": f"{sender}:{number}", **more}


@pytest.fixture
def sender() -> str:
    return uuid.uuid4().hex


async def test_a_turn_brings_replies_and_what_was_understood(system: System, sender: str) -> None:
    status, answer = await post(system, message("can I bring my dog", sender, 1))
    assert status == 200
    assert answer["replies"][0]["card"]["kind"] == "source"
    understood = answer["understood"]
    assert (understood["intent"], understood["topic"]) == ("policy", "pets")
    assert understood["guesses"][0]["name"] == "policy/pets"
    assert 0 < understood["confidence"] <= 1


async def test_the_hub_s_language_and_script_are_answered_in(system: System, sender: str) -> None:
    _, answer = await post(system, message("12367?", sender, 1, metadata=KAZAKH))
    assert all((r["language"], r["script"]) == ("kk", "Arab") for r in answer["replies"])


async def test_the_same_message_at_once_and_again_is_one_turn(system: System, sender: str) -> None:
    body = message("can I bring my dog", sender, 1)
    answers = await asyncio.gather(*(post(system, body) for _ in range(4)))
    assert all(answer == answers[0] for answer in answers)
    await post(system, message("hello", sender, 2))
    assert await post(system, body) == answers[0]


async def test_a_turn_whose_action_fails_leaves_no_trace_and_can_be_asked_again(
    system: System, sender: str
) -> None:
    body = message("can I bring my dog", sender, 1)
    system.signal("actions", signal.SIGKILL)
    status, answer = await post(system, body)
    assert (status, answer["error"]["code"]) == (503, "turn_failed")
    system.wait_until_up()
    status, answer = await post(system, body)
    assert status == 200
    assert len(answer["replies"]) == 1


async def test_a_button_s_payload_asks_for_its_topic(system: System, sender: str) -> None:
    _, answer = await post(system, message('/policy{"topic": "overstay"}', sender, 1))
    assert answer["understood"]["topic"] == "overstay"
    assert answer["replies"][0]["card"]


async def test_after_an_officer_two_messages_not_understood_count_anew(
    system: System, sender: str
) -> None:
    unclear = "хм 77 ъъ"
    await post(system, message(unclear, sender, 1))
    for number, owner in enumerate(("officer", "assistant")):
        change = {"sender": sender, "event_id": f"{sender}:owner:{number}", "owner": owner}
        for _ in range(2):
            assert (await post(system, change, path=EVENTS))[0] == 204
    _, answer = await post(system, message(unclear, sender, 2))
    assert answer["understood"]["intent"] == "nlu_fallback"
    assert PERSON not in payloads(answer)
    _, answer = await post(system, message(unclear, sender, 3))
    assert PERSON in payloads(answer)


async def test_a_change_for_a_conversation_that_it_never_saw_leaves_nothing(
    system: System, sender: str
) -> None:
    change = {"sender": sender, "event_id": "1", "owner": "officer"}
    assert (await post(system, change, path=EVENTS))[0] == 204
    assert (await post(system, {"sender": sender}, path=EVENTS))[0] == 400


@pytest.mark.parametrize("token", [None, "wrong", ""])
async def test_without_the_service_token_nothing_is_answered(
    system: System, sender: str, token: str | None
) -> None:
    status, answer = await post(system, message("hello", sender, 1), token)
    assert (status, answer["error"]["code"]) == (401, "wrong_token")


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"sender": "a", "message": "x"},
        {"sender": "a", "message": " ", "message_id": "1"},
        {"sender": 1, "message": "x", "message_id": "1"},
        {"sender": "a", "message": "x", "message_id": "1", "metadata": "?"},
    ],
    ids=str,
)
async def test_a_body_that_can_not_be_used_is_named_so(system: System, body: Any) -> None:
    status, answer = await post(system, body)
    assert (status, answer["error"]["code"]) == (400, "bad_request")
    assert "must be" in answer["error"]["message"]
