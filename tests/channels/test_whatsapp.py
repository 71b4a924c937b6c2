"""What travelers write on WhatsApp: the channel against a strict local server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from bot.language import Language
from channels.intake import ENGLISH, TOPICS
from channels.wording import say
from hub.database import conversations, messages, routes
from hub.keys import DATABASE
from hub.outbox import delivery_of
from hub.words import supported
from tests.clock import PATIENCE, MovedClock
from tests.fakes.whatsapp import VERIFY_TOKEN, FakeWhatsApp, Person, text_of
from tests.stand_in import StandIn

CRY = "help! he collapsed and is not breathing"


def texts(sent: list[dict[str, Any]]) -> list[str]:
    return [text_of(each) for each in sent]


async def shown(
    whatsapp: FakeWhatsApp, clock: MovedClock, who: Person, count: int
) -> list[dict[str, Any]]:
    """What a person was sent, when there are so many messages."""
    await clock.run_until(lambda: len(whatsapp.to(who)) >= count)
    return whatsapp.to(who)


async def everything(line: TestClient) -> list[dict[str, Any]]:
    """The whole log, of all conversations."""
    query = sa.select(messages).order_by(messages.c.conversation_id, messages.c.seq)
    async with line.app[DATABASE].read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def delivered(line: TestClient, clock: MovedClock) -> None:
    """Waits until the hub has noted that everything was sent."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with line.app[DATABASE].read() as connection:
                rows = list(await connection.execute(sa.select(routes.c.conversation_id)))
                found = [await delivery_of(connection, row[0]) for row in rows]
            if all(each["state"] == "delivered" for every in found for each in every.values()):
                return
            clock.step()


async def begun(whatsapp: FakeWhatsApp, clock: MovedClock, country: str = "7") -> Person:
    """Somebody who was welcomed already."""
    traveler = whatsapp.person("Traveler", country)
    assert await traveler.say("/start") == 200
    await shown(whatsapp, clock, traveler, 1)
    whatsapp.sent.clear()
    return traveler


FIRST_WORDS = {
    "zh-Hans": "可以带狗过关吗？",
    "zh-Hant": "可以帶狗過關嗎？",
    "kk-Cyrl": "Ит алып өтуге бола ма?",
    "ru-Cyrl": "Можно взять с собой собаку?",
    "en-Latn": "May I bring my dog across the border?",
}


@pytest.mark.parametrize("tag", FIRST_WORDS)
async def test_who_writes_first_is_welcomed_in_the_messages_language_and_answered(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn, tag: str
) -> None:
    code, _, script = tag.partition("-")
    traveler = whatsapp.person("Traveler")
    assert await traveler.say(FIRST_WORDS[tag]) == 200
    said = await shown(whatsapp, clock, traveler, 2)
    welcome = say("welcome", Language(code, script))  # type: ignore[arg-type]
    assert texts(said) == [welcome, f"echo {FIRST_WORDS[tag]}"]
    metadata = assistant.asked[0]["metadata"]
    assert (metadata["language"], metadata["script"]) == (code, script)
    await traveler.say("123")
    assert texts(await shown(whatsapp, clock, traveler, 3))[2:] == ["echo 123"]


@pytest.mark.parametrize(("country", "code"), [("86", "zh"), ("7", "ru"), ("49", "en")])
async def test_who_begins_without_words_is_answered_in_the_language_of_the_number(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, country: str, code: str
) -> None:
    language = supported(code) or ENGLISH
    traveler = whatsapp.person("Traveler", country)
    await traveler.send("audio", id="1", mime_type="audio/ogg; codecs=opus", voice=True)
    said = await shown(whatsapp, clock, traveler, 2)
    assert texts(said) == [say("welcome", language), say("text_only", language)]


async def test_a_call_for_help_is_answered_before_any_welcome(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    traveler = whatsapp.person("Traveler")
    await traveler.say(CRY)
    said = await shown(whatsapp, clock, traveler, 2)
    assert "112" in texts(said)[0]
    assert say("welcome", ENGLISH) not in texts(said)
    assert not assistant.asked


TITLES = {
    "request_welcome": ("en", "Talk to an officer"),
    "/start kk": ("kk", "Офицермен сөйлесу"),
}


@pytest.mark.parametrize("opening", TITLES)
async def test_opening_the_chat_shows_what_can_be_asked_as_buttons(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn, opening: str
) -> None:
    traveler = whatsapp.person("Traveler")
    if opening.startswith("/"):
        await traveler.say(opening)
    else:
        await traveler.send(opening)
    (greeting,) = await shown(whatsapp, clock, traveler, 1)
    code, title = TITLES[opening]
    assert text_of(greeting) == say("welcome", supported(code) or ENGLISH)
    assert await traveler.press(greeting, title) == 200
    await shown(whatsapp, clock, traveler, 2)
    assert assistant.asked[-1]["message"] == "/talk_to_officer"
    assert assistant.asked[-1]["metadata"]["channel"] == "whatsapp"


async def test_commands_that_are_typed_work(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    for number, command in enumerate(("officer", "lane", "briefing"), 1):
        await traveler.say(f"/{command}")
        await shown(whatsapp, clock, traveler, number)
        assert assistant.asked[-1]["message"] == f"/{TOPICS[command]}"
    await traveler.say("/Help")
    assert texts(await shown(whatsapp, clock, traveler, 4))[3] == say("help", ENGLISH)
    await traveler.say("/sos")
    assert "112" in texts(await shown(whatsapp, clock, traveler, 5))[4]


async def test_a_language_is_chosen_from_a_list(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    await traveler.say("/language")
    (offer,) = await shown(whatsapp, clock, traveler, 1)
    assert offer["interactive"]["type"] == "list"
    await traveler.press(offer, "Қазақша")
    said = await shown(whatsapp, clock, traveler, 2)
    assert text_of(said[1]) == "Жақсы, қазақша жауап беремін."
    await traveler.say("123")
    await shown(whatsapp, clock, traveler, 3)
    assert assistant.asked[-1]["metadata"]["language"] == "kk"
    assert assistant.asked[-1]["metadata"]["chosen"] is True


async def test_only_what_was_offered_can_be_pressed(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler, other = whatsapp.person("Traveler"), whatsapp.person("Other")
    await traveler.say("/start ru")
    (greeting,) = await shown(whatsapp, clock, traveler, 1)
    assert await traveler.press_id(greeting, "/restart", "Restart") == 200
    said = await shown(whatsapp, clock, traveler, 2)
    assert text_of(said[1]) == say("not_yours", supported("ru") or ENGLISH)
    await other.press(greeting, "Поговорить с офицером")
    assert texts(await shown(whatsapp, clock, other, 1)) == [say("not_yours", ENGLISH)]
    assert not assistant.asked


async def test_of_more_than_ten_choices_one_is_taken_by_its_number(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    assistant.buttons = [{"title": f"Choice {n}", "payload": f"/choice{n}"} for n in range(1, 12)]
    await traveler.say("what is there?")
    await shown(whatsapp, clock, traveler, 1)
    await delivered(line, clock)
    await traveler.say("11.")
    await shown(whatsapp, clock, traveler, 2)
    assert assistant.asked[-1]["message"] == "/choice11"
    await delivered(line, clock)
    await traveler.say("12")
    await shown(whatsapp, clock, traveler, 3)
    assert assistant.asked[-1]["message"] == "12"


async def test_a_number_answers_a_question_where_choices_show_none(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    assistant.buttons = [{"title": f"{n} people", "payload": f"/people{n}"} for n in (3, 4, 5)]
    await traveler.say("a wheelchair please")
    await shown(whatsapp, clock, traveler, 1)
    await delivered(line, clock)
    await traveler.say("2")
    await shown(whatsapp, clock, traveler, 2)
    assert assistant.asked[-1]["message"] == "2"


KINDS: dict[str, dict[str, Any]] = {
    "image": {"id": "1", "mime_type": "image/jpeg", "sha256": "x"},
    "audio": {"id": "1", "mime_type": "audio/ogg; codecs=opus", "voice": True},
    "video": {"id": "1", "mime_type": "video/mp4"},
    "sticker": {"id": "1", "mime_type": "image/webp", "animated": False},
    "document": {"id": "1", "mime_type": "application/pdf", "filename": "visa.pdf"},
    "contacts": {"name": {"formatted_name": "A"}},
    "reaction": {"message_id": "wamid.x", "emoji": "👍"},
    "order": {"catalog_id": "1"},
    "unsupported": {},
}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_no_text_is_answered_politely(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn, kind: str
) -> None:
    traveler = await begun(whatsapp, clock)
    message = traveler.message(kind, **KINDS[kind])
    if kind == "contacts":
        message[kind] = [message[kind]]
    assert await whatsapp.deliver(message) == 200
    said = await shown(whatsapp, clock, traveler, 1)
    assert texts(said) == [say("text_only", ENGLISH)]
    assert not assistant.asked
    logged = await everything(line)
    assert any(each["text"].startswith("[") for each in logged)


async def test_what_nobody_wrote_is_not_answered(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    await traveler.send("system", body="changed", type="user_changed_number", wa_id="1")
    await traveler.send("revoke", original_message_id="wamid.x")
    await traveler.send("reaction", message_id="wamid.x")
    await traveler.say("hello")
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["echo hello"]
    assert len([m for m in await everything(line) if m["author"] == "traveler"]) == 2


async def test_captions_edits_and_buttons_of_templates_are_read(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    await traveler.send("image", id="1", caption="may I bring this")
    await traveler.send(
        "edit",
        original_message_id="wamid.x",
        message={"type": "text", "text": {"body": "or that"}},
    )
    await traveler.send("button", payload="p", text="Yes please")
    said = await shown(whatsapp, clock, traveler, 3)
    assert texts(said) == ["echo may I bring this", "echo or that", "echo Yes please"]


async def test_a_location_is_kept_during_an_emergency_and_at_no_other_time(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    place = {"latitude": 46.681234, "longitude": 82.751234, "name": "Road"}
    traveler = await begun(whatsapp, clock)
    await traveler.send("location", **place)
    said = await shown(whatsapp, clock, traveler, 1)
    assert texts(said) == [say("place_unused", ENGLISH)]
    await traveler.say(CRY)
    await shown(whatsapp, clock, traveler, 3)
    await traveler.send("location", **place)
    said = await shown(whatsapp, clock, traveler, 4)
    assert "46.681234, 82.751234" in texts(said)[3]
    logged = [m["text"] for m in await everything(line) if m["author"] == "traveler"]
    assert logged[1:] == ["[Location]", CRY, "My location: 46.681234, 82.751234"]


async def test_who_keeps_the_number_secret_is_answered_too(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = whatsapp.person("Traveler", hidden=True)
    await traveler.say("/start")
    await traveler.say("hello")
    said = await shown(whatsapp, clock, traveler, 2)
    assert [sent["recipient"] for sent in said] == [traveler.user_id] * 2
    assert all("to" not in sent for sent in said)


# -- deliveries


async def test_the_address_is_confirmed_to_who_knows_the_word(
    line: TestClient, whatsapp: FakeWhatsApp
) -> None:
    def asked(token: str, mode: str = "subscribe") -> dict[str, str]:
        return {"hub.mode": mode, "hub.verify_token": token, "hub.challenge": "1158201444"}

    answer = await line.get("/whatsapp/webhook", params=asked(VERIFY_TOKEN))
    assert (answer.status, await answer.text()) == (200, "1158201444")
    for wrong in (asked("guess"), asked("ÿ"), asked(""), asked(VERIFY_TOKEN, "unsubscribe"), {}):
        answer = await line.get("/whatsapp/webhook", params=wrong)
        assert (answer.status, await answer.text()) == (403, "")


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "sha1=x", "sha256=ÿ"])
async def test_a_forged_delivery_is_refused_before_it_is_read(
    line: TestClient,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    assistant: StandIn,
    signature: str,
) -> None:
    traveler = await begun(whatsapp, clock)
    forged = whatsapp.delivery(traveler.message(body="forged"))
    assert await whatsapp.bring(forged, signature) == 403
    await traveler.say("true")
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["echo true"]
    assert [asked["message"] for asked in assistant.asked] == ["true"]


async def test_a_delivery_brings_many_messages_each_once_the_oldest_first(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler, other = await begun(whatsapp, clock), await begun(whatsapp, clock)
    now = whatsapp.now()
    later = traveler.message(at=now + 5, body="later")
    earlier = traveler.message(at=now + 2, body="earlier")
    theirs = other.message(body="mine")
    delivery = whatsapp.delivery(later, earlier, theirs)
    # one change may hold several, too
    delivery["entry"][0]["changes"][0]["value"]["messages"].append(
        traveler.message(at=now + 9, body="last")
    )
    for _ in range(3):
        assert await whatsapp.bring(delivery) == 200
    said = await shown(whatsapp, clock, traveler, 3)
    await shown(whatsapp, clock, other, 1)
    await clock.run_for(60)
    assert texts(said) == ["echo earlier", "echo later", "echo last"]
    assert len(whatsapp.sent) == 4
    assert len({asked["sender"] for asked in assistant.asked}) == 2


async def test_a_large_delivery_is_taken(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    delivery = whatsapp.delivery(traveler.message(body="hello"))
    delivery["entry"].append({"id": "x" * 200_000, "changes": []})
    assert await whatsapp.bring(delivery) == 200
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["echo hello"]


async def test_what_is_anothers_or_nobody_understands_holds_up_nothing(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    other_number = whatsapp.delivery(traveler.message(body="not for us"), number="999")
    assert await whatsapp.bring(other_number) == 200
    assert await whatsapp.bring({"object": "page", "entry": [{"changes": []}]}) == 200
    broken = whatsapp.delivery({"nonsense": True}, traveler.message(body="hello"))
    broken["entry"].append({"changes": [{"field": "account_update", "value": {"event": "x"}}]})
    assert await whatsapp.bring(broken) == 200
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["echo hello"]


async def test_whatsapp_is_asked_to_come_again_when_a_message_can_not_be_stored(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    traveler = whatsapp.person("Traveler")
    message = traveler.message(body="hello everybody")

    def broken() -> Any:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(line.app[DATABASE], "write", broken)
        assert await whatsapp.deliver(message) == 500
    assert await whatsapp.deliver(message) == 200
    said = await shown(whatsapp, clock, traveler, 2)
    assert texts(said) == [say("welcome", ENGLISH), "echo hello everybody"]


async def test_a_message_is_shown_as_read_when_it_is_in_the_log(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    first, last = traveler.message(body="first"), traveler.message(body="last")
    # a mark covers what came before it
    await whatsapp.deliver(first, last)
    await clock.run_until(lambda: last["id"] in whatsapp.read)
    assert first["id"] not in whatsapp.read


async def test_an_answer_quotes_its_question_when_another_came_after_it(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = await begun(whatsapp, clock)
    assistant.go_on.clear()
    first, last = traveler.message(body="first"), traveler.message(body="last")
    await whatsapp.deliver(first)
    await whatsapp.deliver(last)
    assistant.go_on.set()
    said = await shown(whatsapp, clock, traveler, 2)
    assert [sent.get("context") for sent in said] == [{"message_id": first["id"]}, None]


async def test_who_writes_much_too_fast_is_told_once_but_may_call_for_help(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    many = [traveler.message(body=f"question {number}") for number in range(30)]
    await whatsapp.deliver(*many, traveler.message(body=CRY))
    await clock.run_until(lambda: any("112" in text for text in texts(whatsapp.to(traveler))))
    await clock.run_for(300)
    assert texts(whatsapp.to(traveler)).count(say("too_fast", ENGLISH)) == 1
    assert whatsapp.refused == []


async def test_nothing_of_a_number_stands_in_a_messages_id(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    await traveler.say("hello")
    await shown(whatsapp, clock, traveler, 1)
    ids = [m["client_id"] for m in await everything(line) if m["client_id"]]
    assert len(ids) == 2
    assert all(len(each) <= 64 and traveler.number not in each for each in ids)
    async with line.app[DATABASE].read() as connection:
        assert len(list(await connection.execute(conversations.select()))) == 1
