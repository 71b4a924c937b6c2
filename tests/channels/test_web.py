"""The traveler API: every way to use it wrongly ends in a clear error and loses nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from hub.rate_limits import MESSAGES
from tests.stand_in import StandIn
from tests.talk import Traveler


def url(hub: TestClient) -> str:
    return str(hub.make_url("")).rstrip("/")


async def arrive(hub: TestClient, **language: str) -> Traveler:
    return await Traveler.arrive(hub.session, url(hub), **language)


async def send(hub: TestClient, traveler: Traveler, body: Any, **options: Any) -> tuple[int, Any]:
    path = f"/api/conversations/{traveler.conversation['id']}/messages"
    options.setdefault("headers", traveler.headers)
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    response = await hub.post(path, data=data, **options)
    return response.status, await response.json()


async def test_a_message_gets_the_next_number_and_an_answer(hub: TestClient) -> None:
    traveler = await arrive(hub, language="en")
    assert await traveler.say("hello") == 1
    shown = await traveler.log_until(answers=1)
    assert [(m["seq"], m["author"], m["text"]) for m in shown] == [
        (1, "traveler", "hello"),
        (2, "assistant", "echo hello"),
    ]


async def test_the_same_client_id_twice_is_one_message(hub: TestClient, assistant: StandIn) -> None:
    traveler = await arrive(hub, language="en")
    numbers = await asyncio.gather(*(traveler.say("hello", "same") for _ in range(8)))
    assert set(numbers) == {1}
    await traveler.log_until(answers=1)
    assert await traveler.say("hello", "same") == 1
    await traveler.say("second")
    shown = await traveler.log_until(answers=2)
    assert [m["text"] for m in shown] == ["hello", "echo hello", "second", "echo second"]
    assert len(assistant.asked) == 2


async def test_messages_sent_at_once_are_numbered_without_gaps(hub: TestClient) -> None:
    traveler = await arrive(hub, language="en")
    numbers = await asyncio.gather(*(traveler.say(f"m{i}", f"id{i}") for i in range(12)))
    shown = await traveler.log_until(answers=12)
    assert sorted(m["seq"] for m in shown) == list(range(1, 25))
    by_number = {m["seq"]: m["text"] for m in shown}
    assert [by_number[number] for number in numbers] == [f"m{i}" for i in range(12)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        ([], 400, "bad_request"),
        ({"text": "no client id"}, 400, "bad_request"),
        ({"client_id": "", "text": "x"}, 400, "bad_request"),
        ({"client_id": "x" * 65, "text": "x"}, 400, "bad_request"),
        ({"client_id": "a", "text": 5}, 400, "bad_request"),
        ({"client_id": "a"}, 400, "bad_request"),
        ({"client_id": "a", "payload": {}}, 400, "bad_request"),
        ({"client_id": "a", "payload": "/restart"}, 400, "not_offered"),
        ({"client_id": "a", "text": "  \n "}, 400, "text_empty"),
        ({"client_id": "a", "text": "\x00"}, 400, "text_empty"),
        ({"client_id": "a", "text": "x" * 2001}, 400, "text_too_long"),
        ({"client_id": "a", "text": "x" * 100_000}, 413, "too_large"),
        ({"client_id": "\ud83d", "text": "x"}, 400, "bad_request"),
        ("[" * 60_000, 400, "bad_json"),
    ],
    ids=str,
)
async def test_a_body_that_can_not_be_used_is_refused_with_a_sentence(
    hub: TestClient, body: Any, status: int, code: str
) -> None:
    traveler = await arrive(hub, language="ru")
    got, answer = await send(hub, traveler, body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert any("а" <= letter <= "я" for letter in answer["error"]["message"].lower())
    assert await traveler.messages() == []
    assert await traveler.say("still works") == 1


async def test_a_foreign_token_opens_nothing(hub: TestClient) -> None:
    mine, foreign = await arrive(hub, language="en"), await arrive(hub, language="en")
    await mine.say("my secret")
    path = f"/api/conversations/{mine.conversation['id']}"
    for method, end in (
        ("GET", "/messages"),
        ("GET", "/events"),
        ("POST", "/messages"),
        ("PATCH", ""),
        ("DELETE", ""),
    ):
        response = await hub.request(
            method, path + end, headers=foreign.headers, json={"client_id": "a", "text": "x"}
        )
        assert response.status == 403, (method, end)
        body = await response.json()
        assert body["error"]["code"] == "wrong_token"
        assert "secret" not in str(body)
        without = await hub.request(method, path + end, json={})
        assert (without.status, (await without.json())["error"]["code"]) == (401, "no_token")
    assert (await mine.messages())[0]["text"] == "my secret"


async def test_half_an_emoji_is_stored_as_a_question_mark_and_answered(hub: TestClient) -> None:
    traveler = await arrive(hub, language="zh")
    assert await send(hub, traveler, {"client_id": "a", "text": "带狗\ud83d"}) == (202, {"seq": 1})
    shown = await traveler.log_until(answers=1)
    assert shown[0]["text"] == "带狗?"


async def test_a_choice_of_language_is_not_lost_to_a_message_sent_at_the_same_time(
    hub: TestClient,
) -> None:
    traveler = await arrive(hub, language="en")
    path = f"/api/conversations/{traveler.conversation['id']}"
    choice = {"language": "kk", "script": "Arab"}
    await asyncio.gather(
        traveler.say("when does the border open"),
        hub.patch(path, json=choice, headers=traveler.headers),
        traveler.say("may I bring my dog"),
    )
    await traveler.say("12")
    last = [m for m in await traveler.messages() if m["author"] == "traveler"][-1]
    assert (last["language"], last["script"]) == ("kk", "Arab")


async def test_an_unknown_conversation_is_named_so(hub: TestClient) -> None:
    traveler = await arrive(hub, language="en")
    response = await hub.get("/api/conversations/never-was/messages", headers=traveler.headers)
    assert response.status == 404
    assert (await response.json())["error"]["code"] == "unknown_conversation"


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "9" * 30, "²"])
async def test_an_odd_message_number_is_refused(hub: TestClient, number: str) -> None:
    traveler = await arrive(hub, language="en")
    path = f"/api/conversations/{traveler.conversation['id']}"
    asked = await hub.get(f"{path}/messages", params={"after": number}, headers=traveler.headers)
    assert (asked.status, (await asked.json())["error"]["code"]) == (400, "bad_request")


async def test_what_is_not_there_is_a_json_error_too(hub: TestClient) -> None:
    missing = await hub.get("/api/nothing")
    assert (missing.status, (await missing.json())["error"]["code"]) == (404, "not_found")
    wrong = await hub.put("/api/conversations")
    assert (wrong.status, (await wrong.json())["error"]["code"]) == (405, "method_not_allowed")


async def test_too_many_messages_of_one_conversation_have_to_wait(hub: TestClient) -> None:
    hasty, other = await arrive(hub, language="zh"), await arrive(hub, language="zh")
    for number in range(int(MESSAGES.burst)):
        assert (await send(hub, hasty, {"client_id": f"{number}", "text": "x"}))[0] == 202
    path = f"/api/conversations/{hasty.conversation['id']}/messages"
    refused = await hub.post(path, json={"client_id": "z", "text": "x"}, headers=hasty.headers)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert "稍" in (await refused.json())["error"]["message"]
    again = await send(hub, hasty, {"client_id": "0", "text": "x"})
    assert again == (202, {"seq": 1})
    assert await other.say("a neighbour in the same bus") == 1


async def test_a_stream_resumes_after_the_last_event_without_loss_or_doubles(
    hub: TestClient,
) -> None:
    traveler = await arrive(hub, language="en")
    for text in ("one", "two"):
        await traveler.ask(text)
    numbers = []
    async for name, data in traveler.events(after=2):
        if name == "message":
            numbers.append(data["seq"])
        if len(numbers) == 2:
            break
    assert numbers == [3, 4]


async def test_a_stream_without_a_usable_last_event_is_refused(hub: TestClient) -> None:
    traveler = await arrive(hub, language="en")
    response = await hub.get(
        f"/api/conversations/{traveler.conversation['id']}/events",
        headers={**traveler.headers, "Last-Event-ID": "yesterday"},
    )
    assert (response.status, (await response.json())["error"]["code"]) == (400, "bad_request")


async def test_the_language_follows_the_traveler_until_chosen(hub: TestClient) -> None:
    traveler = await arrive(hub, language="en")
    await traveler.say("сколько денег можно везти через границу")
    path = f"/api/conversations/{traveler.conversation['id']}"
    chosen = await hub.patch(
        path, json={"language": "kk", "script": "Arab"}, headers=traveler.headers
    )
    assert await chosen.json() == {"language": "kk", "script": "Arab"}
    await traveler.say("сколько денег можно везти через границу")
    shown = await traveler.log_until(answers=2)
    spoken = [(m["language"], m["script"]) for m in shown if m["author"] == "traveler"]
    assert spoken == [("ru", "Cyrl"), ("kk", "Arab")]


@pytest.mark.parametrize("body", [{}, {"language": "de"}, {"language": "ru", "script": "Arab"}])
async def test_a_language_we_do_not_speak_is_refused(hub: TestClient, body: dict) -> None:
    traveler = await arrive(hub, language="en")
    path = f"/api/conversations/{traveler.conversation['id']}"
    response = await hub.patch(path, json=body, headers=traveler.headers)
    assert response.status == 400
    assert (await response.json())["error"]["code"] == "unsupported_language"


async def test_a_deleted_conversation_is_gone_everywhere(
    hub: TestClient, assistant: StandIn
) -> None:
    traveler = await arrive(hub, language="en")
    await traveler.ask("remember this")
    conversation_id = traveler.conversation["id"]
    path = f"/api/conversations/{conversation_id}"
    stream = await hub.get(f"{path}/events", headers=traveler.headers)
    assert (await hub.delete(path, headers=traveler.headers)).status == 204
    assert "event: gone" in (await stream.text())
    after = await hub.get(f"{path}/messages", headers=traveler.headers)
    assert after.status == 404
    async with asyncio.timeout(10):
        assert await assistant.forgotten.get() == conversation_id


async def test_only_own_files_may_run_and_only_we_may_frame_the_page(hub: TestClient) -> None:
    response = await hub.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    page = await response.text()
    assert "onclick" not in page
    assert "<style" not in page


async def test_health_tells_each_process(hub: TestClient) -> None:
    async with asyncio.timeout(10):
        while True:
            health = await (await hub.get("/health")).json()
            if health == {"hub": "ok", "assistant": "ok", "actions": "ok"}:
                break
    assert set(health) == {"hub", "assistant", "actions"}
