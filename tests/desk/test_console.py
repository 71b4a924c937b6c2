"""The story of a conversation that an officer takes: one speaker, nothing lost, nothing twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from desk import accounts
from hub.emergency_guide import SOS
from hub.keys import DATABASE, HANDOFFS
from hub.ownership import LEASE
from tests.desk.officer_page import Arrive, Officer, ask, texts, traveler_of
from tests.desk.officers import audited
from tests.stand_in import StandIn

SAY = "conversations/{id}/messages"


async def test_a_kazakh_traveler_and_a_chinese_officer_talk_in_one_conversation(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    traveler = await traveler_of(hub, "kk", "Arab")
    conversation = traveler.conversation["id"]
    await traveler.ask("سالەمەتسىز بە")
    officer = await officers("li", "07")
    waiting = await ask(hub, traveler)
    assert (waiting["owner"], waiting["place"], waiting["on_duty"]) == ("queue", 1, 1)

    (listed,) = (await officer.see("queue"))["conversations"]
    assert (listed["owner"], listed["reason"], listed["language"]) == ("queue", "asked", "kk")
    assert listed["first_words"] == "سالەمەتسىز بە"
    assert (await officer.do(conversation, "claim"))[1] == {"owner": "officer", "mine": True}

    await officer.say(conversation, phrase="wait_minutes", values={"minutes": 5})
    seq = await traveler.say("راقمەت")
    shown = await traveler.messages()
    # the phrase came in the traveler's language and script, the number in it
    assert texts(shown, "officer") == ["وسىندا 5 مينۋت كۇتىڭىز."]
    assert shown[-1]["seq"] == seq
    # what the traveler says now is the officer's to answer
    assert len(assistant.asked) == 1

    status, _ = await officer.do(conversation, "release")
    assert status == 200
    answer = await traveler.ask("ۆيزا كەرەك پە")
    assert answer["text"] == "echo ۆيزا كەرەك پە"
    assert len(assistant.asked) == 2
    shown = await traveler.messages()
    assert [m["seq"] for m in shown] == list(range(1, len(shown) + 1))
    # every change of the speaker is told in the traveler's language
    assert len(texts(shown, "system")) == 3
    assert not any(letter in "".join(texts(shown, "system")) for letter in "абвгдежз")


async def test_of_two_officers_one_wins_and_the_other_is_told(
    hub: TestClient, officers: Arrive
) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    first, second = await officers("first", "01"), await officers("second", "02")
    await ask(hub, traveler)
    assert (await first.do(conversation, "claim"))[0] == 200
    status, answer = await second.do(conversation, "claim")
    assert (status, answer["error"]["code"]) == (409, "taken")
    status, answer = await second.do(conversation, "messages", client_id="x", text="me too")
    assert (status, answer["error"]["code"]) == (409, "not_yours")
    assert texts(await traveler.messages(), "officer") == []


async def test_a_reply_of_the_assistant_that_comes_after_a_claim_is_withheld(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    officer = await officers("anna", "03")
    assistant.go_on.clear()
    await traveler.say("вопрос")
    await traveler.until_working()
    assert (await officer.do(conversation, "claim"))[0] == 200
    assistant.go_on.set()
    await officer.say(conversation, text="Отвечаю я.")
    await traveler.log_until(answers=2)
    (asked,) = (
        each
        for each in (await officer.see(f"conversations/{conversation}"))["messages"]
        if each["author"] == "traveler"
    )
    assert asked["understood"]["withheld"]
    assert texts(await traveler.messages(), "assistant") == []


async def test_the_same_send_twice_is_one_message(hub: TestClient, officers: Arrive) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    officer = await officers("anna", "03")
    await officer.do(conversation, "claim")
    numbers = [
        (await officer.do(conversation, "messages", client_id="same", text="Здравствуйте"))[1]
        for _ in range(3)
    ]
    assert len({each["seq"] for each in numbers}) == 1
    assert texts(await traveler.messages(), "officer") == ["Здравствуйте"]


async def test_a_vanished_officers_conversation_returns_to_the_queue_and_says_so(
    hub: TestClient, officers: Arrive
) -> None:
    traveler = await traveler_of(hub, "en")
    conversation = traveler.conversation["id"]
    officer = await officers("anna", "03")
    await ask(hub, traveler)
    await officer.do(conversation, "claim")
    handoffs = hub.app[HANDOFFS]
    assert await handoffs.expire(datetime.now(UTC)) == []
    assert await handoffs.expire(datetime.now(UTC) + LEASE + timedelta(seconds=1)) == [conversation]
    assert "connection was lost" in texts(await traveler.messages(), "system")[-1]
    status, answer = await officer.do(conversation, "renew")
    assert (status, answer["error"]["code"]) == (409, "not_yours")
    assert (await officer.do(conversation, "claim"))[0] == 200


async def test_an_emergency_rings_until_a_person_acknowledges_it(
    hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.press(SOS)
    seen = await officer.see("queue")
    (alarm,) = seen["alarms"]
    assert (alarm["conversation_id"], alarm["kind"]) == (traveler.conversation["id"], "help")
    assert seen["conversations"][0]["reason"] == "emergency"
    assert "alarmed" in texts(await traveler.messages(), "system")[0]
    path = f"alarms/{alarm['conversation_id']}/{alarm['seq']}/acknowledge"
    assert (await officer.change("POST", path))[0] == 204
    assert (await officer.see("queue"))["alarms"] == []


@pytest.mark.parametrize(("asked_before", "left"), [(True, "asked"), (False, None)])
async def test_a_false_alarm_ends_itself_and_nothing_else(
    hub: TestClient, officers: Arrive, asked_before: bool, left: str | None
) -> None:
    officer = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    if asked_before:
        await ask(hub, traveler)
    await traveler.say("he is not breathing")
    (listed,) = (await officer.see("queue"))["conversations"]
    assert listed["reason"] == "emergency"
    buttons = [b for m in await traveler.messages() for b in m["buttons"] or []]
    (back,) = (b["payload"] for b in buttons if "not_emergency" in b["payload"])
    assert (await traveler.press(back)).status == 202
    seen = await officer.see("queue")
    assert seen["alarms"] == []
    assert [each["reason"] for each in seen["conversations"]] == [left]
    owner = seen["conversations"][0]["owner"]
    assert owner == ("queue" if asked_before else "assistant")


async def test_with_nobody_on_duty_no_hope_is_made(hub: TestClient) -> None:
    traveler = await traveler_of(hub, "en")
    waiting = await ask(hub, traveler)
    assert waiting["on_duty"] == 0
    assert "Nobody is at the desk" in texts(await traveler.messages(), "system")[0]


async def test_the_traveler_calls_it_off_and_asking_again_is_a_new_place(hub: TestClient) -> None:
    traveler = await traveler_of(hub, "en")
    await ask(hub, traveler)
    path = f"/api/conversations/{traveler.conversation['id']}/handoff"
    assert (await hub.delete(path, headers=traveler.headers)).status == 204
    again = await hub.delete(path, headers=traveler.headers)
    assert again.status == 409
    assert (await again.json())["error"]["code"] == "not_waiting"
    # the same asking repeated changes nothing, a new one does
    assert (await ask(hub, traveler))["owner"] == "assistant"
    assert (await ask(hub, traveler, "k2"))["owner"] == "queue"


async def test_unread_counts_go_by_what_an_officer_has_read(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    traveler = await traveler_of(hub, "en")
    conversation = traveler.conversation["id"]
    first, second = await officers("first", "01"), await officers("second", "02")

    async def unread(officer: Officer) -> int:
        (listed,) = (await officer.see("queue"))["conversations"]
        return int(listed["unread"])

    seq = await traveler.say("one question")
    await traveler.say("and another")
    assert await unread(first) == 0, "the assistant answers"
    await ask(hub, traveler)
    assert await unread(first) == await unread(second) == 2
    assert (await first.do(conversation, "read", seq=seq))[0] == 204
    assert (await unread(first), await unread(second)) == (1, 2)
    # an older page that reports late takes nothing back
    await first.do(conversation, "read", seq=9)
    await first.do(conversation, "read", seq=seq)
    assert await unread(first) == 0


async def test_notes_are_for_officers_alone(hub: TestClient, officers: Arrive) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    officer = await officers("anna", "03", name="Анна")
    assert (await officer.do(conversation, "notes", text="<b>проверить</b>"))[0] == 204
    (note,) = (await officer.see(f"conversations/{conversation}"))["notes"]
    assert note["text"] == "<b>проверить</b>"
    assert await traveler.messages() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("conversations/unknown/claim", {}, 404, "unknown_conversation"),
        (SAY, {"text": "no id"}, 400, "bad_request"),
        (SAY, {"client_id": "a", "text": " "}, 400, "text_empty"),
        (
            "conversations/{id}/messages",
            {"client_id": "a", "text": "x" * 3000},
            400,
            "text_too_long",
        ),
        (SAY, {"client_id": "a", "phrase": "none"}, 400, "bad_request"),
        (
            SAY,
            {"client_id": "a", "phrase": "wait_minutes", "values": {"minutes": "soon"}},
            400,
            "bad_request",
        ),
        (
            "conversations/{id}/messages",
            {"client_id": "a", "text": "x" * 1_000_000},
            413,
            "too_large",
        ),
        ("conversations/{id}/pass-on", {"language": "fr"}, 400, "unsupported_language"),
        ("conversations/{id}/pass-on", {}, 409, "not_yours"),
    ],
)
async def test_a_wrong_request_is_refused_with_a_clear_error(
    hub: TestClient, officers: Arrive, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    traveler = await traveler_of(hub, "ru")
    officer = await officers("anna", "03")
    found, answer = await officer.change(
        "POST", path.format(id=traveler.conversation["id"]), **body
    )
    assert (found, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]


async def test_without_sign_in_or_csrf_token_nothing_is_seen_or_changed(
    hub: TestClient, officers: Arrive
) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    for path in ("queue", f"conversations/{conversation}", "phrases", "events"):
        assert (await hub.get(f"/desk/api/{path}")).status == 401, path
    forged = {"Cookie": "desk=forged"}
    assert (await hub.get("/desk/api/queue", headers=forged)).status == 401
    officer = await officers("anna", "03")
    officer.csrf = {}
    status, answer = await officer.do(conversation, "claim")
    assert (status, answer["error"]["code"]) == (403, "bad_csrf")


async def test_the_internal_api_takes_nobody_without_the_service_token(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    body = {"conversation_id": traveler.conversation["id"], "reason": "asked", "key": "k"}
    for headers in ({}, {"Authorization": "Bearer wrong"}, traveler.headers):
        response = await hub.post("/internal/handoffs", json=body, headers=headers)
        assert response.status == 403
    assert await traveler.messages() == []


@pytest.mark.parametrize("kind", ["text", "json"])
async def test_a_transcript_covers_numbers_and_is_noted(
    hub: TestClient, officers: Arrive, kind: str
) -> None:
    traveler = await traveler_of(hub, "en")
    await traveler.ask("my passport E12345678 has a wrong date, may I cross")
    officer = await officers("anna", "03")
    path = f"conversations/{traveler.conversation['id']}/transcript?format={kind}"
    response = await officer._session.get(f"{officer._url}/{path}")
    assert response.status == 200
    assert "attachment" in response.headers["Content-Disposition"]
    text = await response.text()
    assert "E12345678" not in text
    assert text.count("●●●●●●●78") == 2
    assert ("downloaded", 2, {"format": kind}) in await audited(hub.app[DATABASE])
    assert (await hub.get(f"/desk/api/{path}")).status == 401


async def test_what_a_disabled_officer_said_and_noted_stays_with_their_number(
    hub: TestClient, officers: Arrive
) -> None:
    anna, boris = await officers("anna", "03"), await officers("boris", "04")
    conversation = (await traveler_of(hub)).conversation["id"]
    await anna.do(conversation, "claim")
    await anna.say(conversation, text="Здравствуйте")
    await anna.do(conversation, "notes", text="вылет в 10")
    await anna.do(conversation, "release")
    await accounts.set_disabled(hub.app[DATABASE], "anna", True)
    seen = await boris.see(f"conversations/{conversation}")
    said = [m["officer"]["number"] for m in seen["messages"] if m["author"] == "officer"]
    assert said == ["03"]
    assert [note["officer"]["number"] for note in seen["notes"]] == ["03"]
    assert [c["officer"]["number"] for c in seen["history"] if c["officer"]] == ["03"]
    # but nothing can be passed on to who is gone
    queue = await boris.see("queue")
    assert "03" not in [officer["number"] for officer in queue["officers"]]
    await boris.do(conversation, "claim")
    gone = seen["notes"][0]["officer"]["id"]
    assert (await boris.do(conversation, "pass-on", officer=gone))[0] == 400
