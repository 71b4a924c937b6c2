"""Private chats on Telegram: the real library against a strict local server."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from channels.intake import ENGLISH, TOPICS
from channels.wording import say
from hub.database import messages
from hub.keys import DATABASE, NETWORKS
from hub.words import supported
from tests.clock import MovedClock
from tests.fakes.telegram import FakeTelegram, Group, Person
from tests.stand_in import StandIn

FILE = {"file_id": "f", "file_unique_id": "u"}
STICKER = {
    **FILE,
    "type": "regular",
    "width": 512,
    "height": 512,
    "is_animated": False,
    "is_video": False,
}
CONTENT: dict[str, Any] = {
    "photo": [{**FILE, "width": 90, "height": 90}],
    "voice": {**FILE, "duration": 3},
    "document": {**FILE, "file_name": "visa.pdf"},
    "video_note": {**FILE, "length": 240, "duration": 3},
    "contact": {"phone_number": "+77010000000", "first_name": "A"},
}


def texts(sent: list[dict[str, Any]]) -> list[str]:
    return [each["text"] for each in sent]


async def shown(
    telegram: FakeTelegram, clock: MovedClock, where: Person | Group, count: int
) -> list[dict[str, Any]]:
    """What was sent into a chat, when there are so many messages."""
    await clock.run_until(lambda: len(telegram.to(where)) >= count)
    return telegram.to(where)


async def everything(port: TestClient) -> list[dict[str, Any]]:
    """The whole log, of all conversations."""
    query = sa.select(messages).order_by(messages.c.conversation_id, messages.c.seq)
    async with port.app[DATABASE].read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def test_a_question_is_answered_in_its_chat(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    aigul = telegram.person("Aigul", "kk")
    aigul.say("Визасыз қанша күн жүре аламын?")
    await clock.run_until(lambda: len(telegram.sent) >= 1)
    assert texts(telegram.to(aigul)) == ["echo Визасыз қанша күн жүре аламын?"]


TITLES = {
    "zh": ("zh-hans", "找工作人员", "简体中文"),
    "kk": ("kk", "Офицермен сөйлесу", "Қазақша"),
    "ru": ("ru", "Поговорить с офицером", "Русский"),
    "en": ("en", "Talk to an officer", "English"),
}


@pytest.mark.parametrize("code", TITLES)
async def test_a_private_chat_in_each_language(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn, code: str
) -> None:
    device, officer, _ = TITLES[code]
    traveler = telegram.person("Traveler", device)
    language = supported(code)
    assert language is not None

    traveler.say("/start")
    (greeting,) = await shown(telegram, clock, traveler, 1)
    assert greeting["text"] == say("welcome", language)
    traveler.press(greeting, officer)
    await shown(telegram, clock, traveler, 2)
    asked = assistant.asked[-1]
    assert asked["message"] == "/talk_to_officer"
    assert (asked["metadata"]["channel"], asked["metadata"]["language"]) == ("telegram", code)
    assert telegram.answered

    traveler.send(sticker=STICKER)
    said = await shown(telegram, clock, traveler, 3)
    assert said[-1]["text"] == say("text_only", language)

    traveler.say("/help")
    said = await shown(telegram, clock, traveler, 4)
    assert said[-1]["text"] == say("help", language)
    for number, command in enumerate(("officer", "lane", "briefing"), 5):
        traveler.say(f"/{command}")
        await shown(telegram, clock, traveler, number)
        assert assistant.asked[-1]["message"] == f"/{TOPICS[command]}"

    traveler.say("/language")
    said = await shown(telegram, clock, traveler, 8)
    traveler.press(said[-1], "Қазақша")
    said = await shown(telegram, clock, traveler, 9)
    assert said[-1]["text"] == "Жақсы, қазақша жауап беремін."
    traveler.say("123")
    await shown(telegram, clock, traveler, 10)
    assert assistant.asked[-1]["metadata"]["language"] == "kk"
    assert assistant.asked[-1]["metadata"]["chosen"] is True


async def test_commands_are_described_in_four_languages(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    await clock.run_until(lambda: len(telegram.commands) == 8)
    for code in ("", "zh", "kk", "ru"):
        alone = [each["command"] for each in telegram.commands["all_private_chats", code]]
        assert alone == ["start", "help", "officer", "lane", "briefing", "language", "sos"]
        in_group = telegram.commands["all_group_chats", code]
        assert [each["command"] for each in in_group] == [*alone, "leader"]
    described = {code: telegram.commands["all_private_chats", code][2] for code in ("", "kk")}
    assert described[""]["description"] == "Talk to an officer"
    assert described["kk"]["description"] == "Офицермен сөйлесу"


@pytest.mark.parametrize(
    ("link", "asked", "language"),
    [
        ("ru_lane", "/request_special_lane", "ru"),
        ("kk-Arab_briefing", "/first_departure_briefing", "kk"),
        ("officer", "/talk_to_officer", "en"),
    ],
)
async def test_a_deep_link_begins_with_its_question_and_language(
    port: TestClient,
    telegram: FakeTelegram,
    clock: MovedClock,
    assistant: StandIn,
    link: str,
    asked: str,
    language: str,
) -> None:
    traveler = telegram.person("Traveler", "en")
    traveler.say(f"/start {link}")
    await shown(telegram, clock, traveler, 1)
    assert assistant.asked[0]["message"] == asked
    assert assistant.asked[0]["metadata"]["language"] == language


async def test_a_long_answer_comes_in_parts_cut_between_sentences_with_the_buttons_last(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    # an emoji is two units for Telegram: 3,000 characters of them are 6,000
    assistant.buttons = [{"title": "More", "payload": "/policy" + '{"topic": "pets"}' + "x" * 60}]
    sentence = "Ask the officer 🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂🙂. "
    assistant.answer = sentence * 100
    traveler = telegram.person("Traveler")
    traveler.say("tell me everything")
    said = await shown(telegram, clock, traveler, 2)
    assert " ".join(texts(said)) == (sentence * 100).strip()
    assert all(text.endswith(".") for text in texts(said))
    assert "reply_markup" not in said[0]
    traveler.press(said[-1], "More")
    await shown(telegram, clock, traveler, 4)
    assert assistant.asked[-1]["message"] == assistant.buttons[0]["payload"]


async def test_only_buttons_that_were_offered_are_taken(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler", "ru")
    traveler.say("привет")
    said = await shown(telegram, clock, traveler, 1)
    traveler.press_data(said[0], "/restart")
    await clock.run_until(lambda: bool(telegram.answered))
    assert telegram.answered[0]["text"] == say("not_yours", supported("ru") or ENGLISH)
    assert len(assistant.asked) == 1


async def test_typed_markup_and_commands_of_the_assistant_arrive_as_they_were_typed(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    traveler.say("<b>*hello*</b> [x](y) & _z_")
    said = await shown(telegram, clock, traveler, 1)
    assert said[0]["text"] == "echo <b>*hello*</b> [x](y) & _z_"
    assert "parse_mode" not in said[0]


async def test_an_edited_message_is_asked_anew_but_not_when_its_words_are_the_same(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    message = traveler.say("may I bring a dog")
    await shown(telegram, clock, traveler, 1)
    traveler.edit(message, "may I bring a dog")
    traveler.edit(message, "may I bring two dogs")
    said = await shown(telegram, clock, traveler, 2)
    assert texts(said) == ["echo may I bring a dog", "echo may I bring two dogs"]


@pytest.mark.parametrize("content", ["photo", "voice", "document", "video_note", "contact"])
async def test_what_is_no_text_is_answered_politely(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn, content: str
) -> None:
    traveler = telegram.person("Traveler", "ru")
    traveler.send(**{content: CONTENT[content]})
    said = await shown(telegram, clock, traveler, 1)
    assert said[0]["text"] == say("text_only", supported("ru") or ENGLISH)
    assert not assistant.asked


async def test_a_pictures_caption_is_read(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    traveler.send(photo=CONTENT["photo"], caption="may I bring this")
    said = await shown(telegram, clock, traveler, 1)
    assert texts(said) == ["echo may I bring this"]


async def test_a_location_is_kept_during_an_emergency_and_at_no_other_time(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    place = {"latitude": 46.681234, "longitude": 82.751234}
    traveler = telegram.person("Traveler")
    traveler.send(location=place)
    said = await shown(telegram, clock, traveler, 1)
    assert said[0]["text"] == say("place_unused", ENGLISH)
    assistant.go_on.clear()
    traveler.say("help! he collapsed and is not breathing")
    await shown(telegram, clock, traveler, 3)
    traveler.send(location=place)
    said = await shown(telegram, clock, traveler, 4)
    assert "46.681234, 82.751234" in said[-1]["text"]
    logged = await everything(port)
    assert [m["text"] for m in logged if m["author"] == "traveler"] == [
        "[Location]",
        "help! he collapsed and is not breathing",
        "My location: 46.681234, 82.751234",
    ]


async def test_an_emergency_is_answered_while_the_assistant_is_down(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    traveler = telegram.person("Traveler", "kk")
    traveler.say("Көмектесіңдер! Адам құлап қалды, тыныс алмай жатыр")
    said = await shown(telegram, clock, traveler, 2)
    assert "112" in said[0]["text"]
    title = said[0]["reply_markup"]["inline_keyboard"][0][0]["text"]
    traveler.press(said[0], title)
    assert len(await shown(telegram, clock, traveler, 3)) == 3
    assert not assistant.asked


async def test_a_traveler_without_words_sends_sos(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler", "zh-hans")
    traveler.say("/sos")
    said = await shown(telegram, clock, traveler, 2)
    assert "120" in said[0]["text"]
    assert not assistant.asked


async def test_one_user_is_one_conversation_and_a_repeated_update_one_message(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler, other = telegram.person("Traveler"), telegram.person("Other")
    for number in range(3):
        traveler.say(f"question {number}")
    other.say("mine")
    await clock.run_until(lambda: len(telegram.sent) == 4)
    update = telegram.push(700, message=traveler.message(text="once"))
    telegram.push(701, message=traveler.message(text="more"))
    await clock.run_until(lambda: len(telegram.sent) == 6)
    network = port.app[NETWORKS][0]
    await network._take(update)
    await network._take(update)
    traveler.say("last")
    telegram.push(702, message=traveler.message(text="last"))
    await clock.run_until(lambda: len(telegram.sent) >= 7)
    assert len({asked["sender"] for asked in assistant.asked}) == 2
    assert [asked["message"] for asked in assistant.asked].count("once") == 1


async def test_an_update_is_confirmed_only_when_it_is_in_the_log(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    database = port.app[DATABASE]
    whole = database.write

    def broken() -> Any:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    database.write = broken  # type: ignore[method-assign]
    traveler.say("hello")
    number = telegram._next_update - 1
    await clock.run_for(100)
    assert telegram.confirmed <= number
    database.write = whole  # type: ignore[method-assign]
    await shown(telegram, clock, traveler, 1)
    await clock.run_until(lambda: telegram.confirmed > number)


async def test_updates_out_of_order_are_all_taken(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    network = port.app[NETWORKS][0]
    await clock.run_until(lambda: bool(telegram.commands))
    first = {"update_id": 50, "message": traveler.message(text="first")}
    second = {"update_id": 51, "message": traveler.message(text="second")}
    await network._take(second)
    await network._take(first)
    said = await shown(telegram, clock, traveler, 2)
    assert texts(said) == ["echo second", "echo first"]


async def test_an_update_that_nobody_understands_holds_up_no_other(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    telegram.push(message={"nonsense": True})
    telegram.push(poll_of_the_future={"id": 1})
    traveler.say("hello")
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo hello"]


async def test_who_writes_much_too_fast_is_told_once_but_may_call_for_help(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    for number in range(30):
        traveler.say(f"question {number}")
    traveler.say("help! he collapsed and is not breathing")
    said = await shown(telegram, clock, traveler, 23)
    assert texts(said).count(say("too_fast", ENGLISH)) == 1
    assert any("112" in text for text in texts(said))


async def test_a_message_that_is_too_long_is_answered_so(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn
) -> None:
    traveler = telegram.person("Traveler")
    traveler.say("may I bring a dog " * 150)
    said = await shown(telegram, clock, traveler, 1)
    assert texts(said) == [say("too_long", ENGLISH)]
    assert not assistant.asked
