"""WeChat: the webhook, choices by number, and what an official account may send when."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from bot.language import SCRIPTS, Language
from channels import wechat_api
from channels.__main__ import main
from channels.intake import ENGLISH, TOPICS
from channels.wechat import ROOM
from channels.wechat_api import WeChatApi
from channels.wording import say, title
from hub import ownership
from hub.app import make_app
from hub.conversation import Draft
from hub.database import messages
from hub.keys import DATABASE, HANDOFFS, LOG, NETWORKS, WAKEUPS
from hub.outbox import delivery_of
from hub.settings import Settings, SettingsError, read
from hub.words import supported
from tests.clock import PATIENCE, MovedClock
from tests.fakes import wechat as fake
from tests.fakes.wechat import AES_KEY, APP_ID, SECRET, TOKEN, FakeWeChat, Person
from tests.stand_in import StandIn

OFFICER = 1
LONGEST = 2048
HOUR = 3600.0
CHINESE = supported("zh")
assert CHINESE is not None
CHOICES = [
    {"title": "Leaving China", "payload": '/answer{"direction": "leaving"}'},
    {"title": "Entering China", "payload": '/answer{"direction": "entering"}'},
]


@pytest.fixture
async def wechat(
    clock: MovedClock, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> FakeWeChat:
    """WeChat's server."""
    server = FakeWeChat(clock)
    await server.serve(aiohttp_server)
    return server


@pytest.fixture
def on_wechat(settings: Settings, wechat: FakeWeChat) -> Settings:
    """Settings of a hub with an official account."""
    return replace(
        settings,
        wechat_app_id=APP_ID,
        wechat_secret=SECRET,
        wechat_token=TOKEN,
        wechat_api_url=wechat.url,
        public_url="https://port.example/",
    )


async def opened(
    settings: Settings,
    wechat: FakeWeChat,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    client = await aiohttp_client(make_app(settings, clock))
    wechat.hub = str(client.make_url("/"))
    return client


@pytest.fixture
async def port(
    on_wechat: Settings,
    wechat: FakeWeChat,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    """A hub that WeChat calls, in plain mode."""
    return await opened(on_wechat, wechat, clock, aiohttp_client)


async def shown(wechat: FakeWeChat, clock: MovedClock, who: Person, count: int) -> list[str]:
    """What a user sees, when there are so many messages."""
    await clock.run_until(lambda: len(wechat.to(who)) >= count)
    return [sent["text"] for sent in wechat.to(who)]


async def logged(port: TestClient, author: str = "traveler") -> list[dict[str, Any]]:
    query = sa.select(messages).where(messages.c.author == author)
    query = query.order_by(messages.c.conversation_id, messages.c.seq)
    async with port.app[DATABASE].read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]


async def conversation_of(port: TestClient, person: Person) -> str:
    async with port.app[DATABASE].read() as connection:
        found = await connection.exec_driver_sql(
            "SELECT conversation_id FROM addresses WHERE sender = ?", (person.id,)
        )
        return str(found.scalar_one())


async def states(port: TestClient, person: Person) -> dict[int, Any]:
    async with port.app[DATABASE].read() as connection:
        return await delivery_of(connection, await conversation_of(port, person))


async def settled(port: TestClient, clock: MovedClock, person: Person) -> dict[int, Any]:
    """What became of the messages when none is on its way any more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = await states(port, person)
            if {"state": "waiting", "why": None} not in found.values():
                return found
            clock.step()


async def becomes(
    port: TestClient,
    clock: MovedClock,
    person: Person,
    seq: int,
    state: str,
    why: str | None = None,
) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await states(port, person))[seq] != {"state": state, "why": why}:
            clock.step()


async def claimed(port: TestClient, wechat: FakeWeChat, clock: MovedClock, person: Person) -> str:
    """A conversation that an officer has."""
    assert await person.say("hello") == 200
    await shown(wechat, clock, person, 1)
    conversation_id = await conversation_of(port, person)
    now = datetime.now(UTC)
    await port.app[HANDOFFS].change(
        conversation_id, lambda state: ownership.claim(state, OFFICER, now)
    )
    return conversation_id


async def write(port: TestClient, conversation_id: str, text: str) -> int:
    """An officer writes."""
    draft = Draft("officer", text, "en", "Latn", client_id=text[:60], officer=OFFICER)
    seq = await port.app[LOG].say(
        conversation_id, draft, partial(ownership.officer_may_speak, officer=OFFICER)
    )
    port.app[WAKEUPS].wake(conversation_id)
    return seq


# -- the webhook


async def test_the_server_is_verified_by_its_token_and_by_no_other(
    port: TestClient, wechat: FakeWeChat
) -> None:
    assert await wechat.verify() == (200, "3839475")
    for forged in ({"signature": "0" * 40}, {"nonce": "other"}, {"timestamp": "1"}):
        assert (await wechat.verify(**forged))[0] == 403


@pytest.mark.parametrize(
    "forged", [{"signature": "0" * 40}, {"signature": "ÿ"}, {"signature": ""}, {"nonce": "x"}]
)
async def test_a_forged_call_is_refused_and_nothing_of_it_is_read(
    port: TestClient,
    wechat: FakeWeChat,
    clock: MovedClock,
    assistant: StandIn,
    forged: dict[str, str],
) -> None:
    person = wechat.person("Li")
    forgery = person.message("text", Content="forged")
    assert await wechat.call(forgery, **forged) == 403
    assert (await wechat.post("<not xml", {"signature": "0" * 40}))[0] == 403
    assert await person.say("true") == 200
    assert await shown(wechat, clock, person, 1) == ["echo true"]
    assert [message["text"] for message in await logged(port)] == ["true"]


async def test_what_is_signed_but_can_not_be_read_is_no_fault_of_the_hub(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    for body in ("", "<not xml", "<xml><MsgType>text</MsgType></xml>", "<a/>"):
        assert (await wechat.post(body, wechat.signed()))[0] in (200, 400)
    bomb = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'
    assert (await wechat.post(bomb, wechat.signed()))[0] == 400
    person = wechat.person("Li")
    assert await person.send("telepathy", Thought="?") == 200
    assert await person.event("mass_hysteria") == 200
    assert await person.say("hello") == 200
    assert "echo hello" in await shown(wechat, clock, person, 2)


async def test_three_tries_of_one_message_are_one_message(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Li")
    message = person.message("text", Content="once")
    # two at the same time, and a late one
    assert await asyncio.gather(wechat.call(message), wechat.call(message)) == [200, 200]
    assert await shown(wechat, clock, person, 1) == ["echo once"]
    assert await wechat.call(message) == 200
    event = person.happening("CLICK", "officer")
    for _ in range(3):
        assert await wechat.call(event) == 200
    await person.say("last")
    said = await shown(wechat, clock, person, 3)
    assert [asked["message"] for asked in assistant.asked] == [
        "once",
        f"/{TOPICS['officer']}",
        "last",
    ]
    assert len(said) == 3


async def test_two_taps_in_the_same_second_are_two(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Li")
    for key in ("lane", "briefing"):
        assert await person.event("CLICK", key) == 200
    await shown(wechat, clock, person, 2)
    assert [asked["message"] for asked in assistant.asked] == [
        f"/{TOPICS['lane']}",
        f"/{TOPICS['briefing']}",
    ]


async def test_messages_that_come_out_of_order_are_all_taken(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    first, second = (person.message("text", Content=text) for text in ("first", "second"))
    assert await wechat.call(second) == 200
    assert await wechat.call(first) == 200
    assert await shown(wechat, clock, person, 2) == ["echo second", "echo first"]


async def test_wechat_is_answered_at_once_however_long_the_assistant_thinks(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    person = wechat.person("Li")
    # the server here waits five seconds, as WeChat does
    assert await wechat.call(person.message("text", Content="hello")) == 200
    assert wechat.sent == []
    assistant.go_on.set()
    assert await shown(wechat, clock, person, 1) == ["echo hello"]


async def test_wechat_is_asked_to_come_again_when_a_message_can_not_be_stored(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = wechat.person("Li")
    message = person.message("text", Content="hello")

    def broken() -> Any:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(port.app[DATABASE], "write", broken)
        assert await wechat.deliver(message) == 500
    assert await wechat.deliver(message) == 200
    assert await shown(wechat, clock, person, 1) == ["echo hello"]


# -- encrypted


@pytest.fixture
async def encrypted(
    on_wechat: Settings,
    wechat: FakeWeChat,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    """A hub that WeChat calls with encrypted messages."""
    wechat.aes_key = AES_KEY
    return await opened(replace(on_wechat, wechat_aes_key=AES_KEY), wechat, clock, aiohttp_client)


async def test_encrypted_messages_are_read_and_answered(
    encrypted: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    assert await wechat.verify() == (200, "3839475")
    person = wechat.person("Li")
    text = "可以带狗吗？🙂 " + "很长" * 200
    assert await person.say(text) == 200
    assert await shown(wechat, clock, person, 1) == [f"echo {text.strip()}"]


async def test_what_is_not_encrypted_with_our_key_for_our_account_is_refused(
    encrypted: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Li")
    message = person.message("text", Content="forged")
    assert await wechat.call(message, msg_signature="0" * 40) == 403
    wechat.aes_key = ""
    assert await wechat.call(message) in (400, 403)
    for key, app_id in ((AES_KEY, "wxother"), ("b" + AES_KEY[1:], APP_ID)):
        sealed = fake._encrypted(fake._xml(message), key, app_id)
        query = wechat.signed()
        signature = fake._sha1(TOKEN, query["timestamp"], query["nonce"], sealed)
        body = fake._xml({"Encrypt": sealed})
        status, _ = await wechat.post(body, {**query, "msg_signature": signature})
        assert status in (400, 403)
    wechat.aes_key = AES_KEY
    await person.say("true")
    assert await shown(wechat, clock, person, 1) == ["echo true"]
    assert len(await logged(encrypted)) == 1


# -- coming and going, the menu


async def test_who_subscribes_is_greeted_in_four_languages_chinese_first(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Aigul")
    assert await person.subscribe() == 200
    (greeting,) = await shown(wechat, clock, person, 1)
    at = [greeting.index(say("greeting", supported(code) or ENGLISH)) for code in TITLES]
    assert at == sorted(at)
    assert at[0] == 0
    for language in ("1. 简体中文", "2. Қазақша", "3. Русский", "4. English"):
        assert language in greeting
    await settled(port, clock, person)
    await person.say("2")
    said = await shown(wechat, clock, person, 2)
    kazakh = supported("kk") or ENGLISH
    assert said[1].startswith(say("language_chosen", kazakh))
    assert title("talk_to_officer", kazakh) in said[1]


async def test_a_code_with_a_parameter_begins_with_its_language_and_question(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    new, known = wechat.person("Ivan"), wechat.person("Aigul")
    await new.subscribe("qrscene_ru_lane")
    await known.say("hello")
    await known.event("SCAN", "kk-Arab_officer")
    await shown(wechat, clock, new, 1)
    await shown(wechat, clock, known, 2)
    asked = {each["message"]: each["metadata"] for each in assistant.asked}
    assert asked["/request_special_lane"]["language"] == "ru"
    assert asked["/talk_to_officer"]["script"] == "Arab"


async def test_who_unsubscribes_gets_nothing_more_until_they_come_back(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    await person.unsubscribe()
    lost = await write(port, conversation_id, "are you there?")
    assert (await settled(port, clock, person))[lost] == {"state": "failed", "why": "blocked"}
    assert wechat.refused == []
    await person.subscribe()
    await person.say("I am back")
    await write(port, conversation_id, "good")
    said = await shown(wechat, clock, person, 3)
    assert said[2] == "Officer: good"


TITLES = {"zh": "中文", "kk": "Қазақша", "ru": "Русский", "en": "English"}


async def test_the_menu_is_chinese_with_each_language_by_its_own_name(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    await clock.run_until(lambda: bool(wechat.menu))
    items = [item for each in wechat.menu for item in each.get("sub_button", [each])]
    keys = {item["name"]: item["key"] for item in items}
    assert set(keys.values()) >= {"help", "officer", "lane", "briefing", "sos", "language"}
    person = wechat.person("Traveler")
    seen = 0
    for code, name in TITLES.items():
        language = supported(code) or ENGLISH
        for key, wanted in (
            (keys[name], say("language_chosen", language)),
            ("help", say("help", language)),
        ):
            await clock.run_for(1)
            assert await person.event("CLICK", key) == 200
            seen += 1
            assert (await shown(wechat, clock, person, seen))[-1].startswith(wanted)
    for key in ("officer", "lane", "briefing"):
        await clock.run_for(30)
        await person.event("CLICK", key)
        seen += 1
        await shown(wechat, clock, person, seen)
        assert assistant.asked[-1]["message"] == f"/{TOPICS[key]}"
    await person.event("CLICK", "/restart")
    await person.event("VIEW", "https://port.example/")
    await person.event("LOCATION")
    await clock.run_for(30)
    assert len(wechat.to(person)) == seen
    assert len(assistant.asked) == 3


async def test_a_tap_for_a_person_is_asked_to_write_so_that_the_person_can_answer(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person, writes = wechat.person("Li"), wechat.person("Aigul")
    await person.event("CLICK", "sos")
    (first, *_) = await shown(wechat, clock, person, 1)
    assert "120" in first
    assert say("write_to_be_reached", CHINESE or ENGLISH) in first
    await writes.say("你好")
    await writes.event("CLICK", "officer")
    said = await shown(wechat, clock, writes, 2)
    assert not any(say("write_to_be_reached", CHINESE or ENGLISH) in each for each in said)


# -- choices


async def test_buttons_are_items_of_a_menu_message_and_a_tap_presses_them(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.buttons = CHOICES
    person = wechat.person("Li")
    await person.say("wheelchair please")
    (question,) = await shown(wechat, clock, person, 1)
    assert question == "echo wheelchair please\n\n1. Leaving China\n2. Entering China"
    await person.tap(wechat.sent[0], "Entering China")
    await shown(wechat, clock, person, 2)
    assert assistant.asked[-1]["message"] == CHOICES[1]["payload"]
    assert [each["text"] for each in await logged(port)] == ["wheelchair please", "Entering China"]


async def test_an_item_that_was_not_offered_is_refused(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Li")
    await person.say("你好")
    await shown(wechat, clock, person, 1)
    await person.say("Restart", bizmsgmenuid="/restart")
    said = await shown(wechat, clock, person, 2)
    assert said[1] == say("not_yours", CHINESE or ENGLISH)
    assert len(assistant.asked) == 1


@pytest.mark.parametrize("answer", ["2", "２", "2.", " 2、", "entering china", "2. Entering China"])
async def test_a_number_or_title_answers_the_last_choices(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn, answer: str
) -> None:
    wechat.is_test_account = True
    assistant.buttons = CHOICES
    person = wechat.person("Li")
    await person.say("wheelchair please")
    (question,) = await shown(wechat, clock, person, 1)
    assert question.endswith("1. Leaving China\n2. Entering China")
    await settled(port, clock, person)
    await person.say(answer)
    await shown(wechat, clock, person, 2)
    assert assistant.asked[-1]["message"] == CHOICES[1]["payload"]


async def test_a_test_account_gets_numbers_and_is_not_asked_for_a_menu_message_again(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    wechat.is_test_account = True
    assistant.buttons = CHOICES
    person = wechat.person("Li")
    for number in range(3):
        await person.say(f"question {number}")
    await shown(wechat, clock, person, 3)
    assert [each["errcode"] for each in wechat.refused] == [40200]
    assert {each["msgtype"] for each in wechat.sent} == {"text"}


@pytest.mark.parametrize("answer", ["3", "0", "12", "2 people", "2026"])
async def test_other_numbers_are_words_to_the_assistant(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn, answer: str
) -> None:
    assistant.buttons = CHOICES
    person = wechat.person("Li")
    await person.say("wheelchair please")
    await shown(wechat, clock, person, 1)
    await settled(port, clock, person)
    await person.say(answer)
    await shown(wechat, clock, person, 2)
    assert assistant.asked[-1]["message"] == answer


async def test_a_number_answers_nothing_once_something_else_was_said(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.buttons = CHOICES
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    await write(port, conversation_id, "How many of you are there?")
    await shown(wechat, clock, person, 2)
    await settled(port, clock, person)
    await person.say("2")
    assert [each["payload"] for each in await logged(port)] == [None, None]


async def test_choices_beyond_a_menu_messages_limits_are_numbered_lines_that_work(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    assistant.answer = "Ask the officer at the port. " * 50
    assistant.buttons = [
        {"title": f"Topic {number}", "payload": "/policy" + "x" * 90 + str(number)}
        for number in range(1, 13)
    ]
    person = wechat.person("Li")
    await person.say("tell me everything")
    (seen,) = await shown(wechat, clock, person, 1)
    assert wechat.sent[0]["msgtype"] == "text"
    assert seen.endswith("11. Topic 11\n12. Topic 12")
    await settled(port, clock, person)
    await person.say("12")
    await shown(wechat, clock, person, 2)
    assert assistant.asked[-1]["message"] == assistant.buttons[11]["payload"]


# -- what else comes in


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("image", {"PicUrl": "http://mmbiz.example/1", "MediaId": "m"}),
        ("voice", {"MediaId": "m", "Format": "amr"}),
        ("video", {"MediaId": "m", "ThumbMediaId": "t"}),
        ("shortvideo", {"MediaId": "m", "ThumbMediaId": "t"}),
        ("link", {"Title": "t", "Description": "d", "Url": "https://example.org"}),
        ("text", {"Content": "【收到不支持的消息类型，暂无法显示】"}),
    ],
)
async def test_what_is_no_text_is_answered_politely(
    port: TestClient,
    wechat: FakeWeChat,
    clock: MovedClock,
    assistant: StandIn,
    kind: str,
    content: dict[str, str],
) -> None:
    person = wechat.person("Li")
    await person.send(kind, **content)
    assert await shown(wechat, clock, person, 1) == [say("text_only", CHINESE or ENGLISH)]
    assert not assistant.asked


async def test_wechats_own_smileys_are_text_and_typed_commands_are_commands(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    person = wechat.person("Li")
    await person.say("/::)")
    await person.say("/officer")
    await shown(wechat, clock, person, 2)
    assert [asked["message"] for asked in assistant.asked] == [
        "\u200b/::)",
        f"/{TOPICS['officer']}",
    ]


async def test_a_location_is_kept_during_an_emergency_and_at_no_other_time(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    place = {"Location_X": "46.681234", "Location_Y": "82.751234", "Scale": "15", "Label": "口岸"}
    person = wechat.person("Li")
    await person.send("location", **place)
    assert await shown(wechat, clock, person, 1) == [say("place_unused", CHINESE or ENGLISH)]
    assistant.go_on.clear()
    await person.say("救命！有人晕倒了，没有呼吸")
    said = await shown(wechat, clock, person, 2)
    assert "120" in said[1]
    before = len(said)
    await clock.run_for(1)
    await person.send("location", **place)
    await clock.run_until(
        lambda: any("46.681234, 82.751234" in each["text"] for each in wechat.to(person)[before:])
    )
    assert [each["text"] for each in await logged(port)][-1].endswith("46.681234, 82.751234")


# -- what goes out


async def test_a_long_answer_is_cut_at_sentences_by_bytes_and_goes_on_when_the_traveler_writes(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, assistant: StandIn
) -> None:
    sentence = "请带好护照🙂并在出发前再看一遍说明。"
    assistant.answer = sentence * 240
    person = wechat.person("Li")
    await person.say("都告诉我")
    said = await shown(wechat, clock, person, 5)
    found = await settled(port, clock, person)
    assert found[2] == {"state": "waiting", "why": "used_up"}
    assert len(said) == 5
    hint = say("more_when_you_write", CHINESE or ENGLISH)
    assert [hint in text for text in said] == [False, False, False, False, True]
    assert all(len(text.encode()) <= LONGEST for text in said)
    assistant.answer = None
    await person.say("继续")
    said = await shown(wechat, clock, person, 9)
    told = [text.replace(hint, "").strip() for text in said]
    assert "".join(told[:-1]) == sentence * 240
    assert all(text.endswith("。") for text in told[:-1])
    assert told[-1] == "echo 继续"


async def test_what_an_officer_writes_beyond_the_quota_waits_for_the_traveler_in_order(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    for number in range(7):
        await write(port, conversation_id, f"line {number}")
    await shown(wechat, clock, person, 5)
    found = await settled(port, clock, person)
    assert [each["why"] for each in found.values()].count("used_up") == 3
    refused = len(wechat.refused)
    await write(port, conversation_id, "line 7")
    await clock.run_for(HOUR)
    assert len(wechat.refused) == refused == 1
    await person.say("yes?")
    said = await shown(wechat, clock, person, 9)
    lines = [text.partition("\n")[0] for text in said]
    assert lines[1:] == [f"Officer: line {number}" for number in range(8)]
    await becomes(port, clock, person, max(await states(port, person)), "delivered")


async def test_after_48_hours_nothing_is_tried_and_the_officers_words_arrive_later(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    await clock.run_for(49 * HOUR)
    seq = await write(port, conversation_id, "Your bag was found.")
    await becomes(port, clock, person, seq, "waiting", "window_closed")
    assert wechat.refused == []
    assert len(wechat.sent) == 1
    await person.say("Any news?")
    assert (await shown(wechat, clock, person, 2))[1] == "Officer: Your bag was found."
    await becomes(port, clock, person, seq, "delivered")


async def test_a_tap_opens_the_window_for_a_minute_only(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    await person.event("CLICK", "help")
    await shown(wechat, clock, person, 1)
    await clock.run_for(61)
    conversation_id = await conversation_of(port, person)
    now = datetime.now(UTC)
    await port.app[HANDOFFS].change(
        conversation_id, lambda state: ownership.claim(state, OFFICER, now)
    )
    seq = await write(port, conversation_id, "hello")
    await becomes(port, clock, person, seq, "waiting", "window_closed")
    assert wechat.refused == []
    await person.event("CLICK", "help")
    assert "Officer: hello" in await shown(wechat, clock, person, 2)


async def test_wechat_closing_the_window_earlier_than_expected_is_believed(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    wechat.go_wrong = [45015]
    seq = await write(port, conversation_id, "hello")
    await clock.run_until(lambda: bool(wechat.refused))
    assert (await settled(port, clock, person))[seq] == {"state": "waiting", "why": "window_closed"}
    await person.say("hm")
    assert (await shown(wechat, clock, person, 2))[1] == "Officer: hello"


@pytest.mark.parametrize("code", [43004, 43019, 48002, 40003])
async def test_who_wants_nothing_of_us_is_marked_so(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, code: int
) -> None:
    person = wechat.person("Li")
    wechat.go_wrong = [code]
    await person.say("hello")
    await clock.run_until(lambda: bool(wechat.refused))
    assert (await settled(port, clock, person))[2] == {"state": "failed", "why": "blocked"}


@pytest.mark.parametrize("wrong", [-1, 48001, "page", 40164])
async def test_trouble_is_tried_again_and_the_message_comes_once(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock, wrong: int | str
) -> None:
    person = wechat.person("Li")
    wechat.go_wrong = [wrong] * 3
    await person.say("hello")
    await person.say("again")
    said = await shown(wechat, clock, person, 2)
    await clock.run_for(60)
    assert said == ["echo hello", "echo again"]
    assert len(wechat.sent) == 2


async def test_a_days_quota_that_is_used_up_is_left_alone_for_a_while(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    wechat.go_wrong = [45009]
    began = clock.seconds()
    await person.say("hello")
    assert await shown(wechat, clock, person, 1) == ["echo hello"]
    assert clock.seconds() - began >= 600
    assert len(wechat.refused) == 1


async def test_only_a_lost_acknowledgement_makes_a_message_come_twice(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    wechat.go_wrong = ["lose"]
    await person.say("hello")
    await person.say("again")
    said = await shown(wechat, clock, person, 3)
    assert said == ["echo hello", "echo hello", "echo again"]


async def test_a_server_that_does_not_answer_is_asked_again(
    on_wechat: Settings,
    wechat: FakeWeChat,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wechat_api, "TIMEOUT", 0.5)
    await opened(on_wechat, wechat, clock, aiohttp_client)
    person = wechat.person("Li")
    wechat.go_wrong = ["hang"]
    await person.say("hello")
    assert await shown(wechat, clock, person, 1) == ["echo hello"]
    wechat.go_on.set()


async def test_after_ten_minutes_without_wechat_everything_arrives_in_order(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    person = wechat.person("Li")
    conversation_id = await claimed(port, wechat, clock, person)
    wechat.down = True
    for number in range(4):
        await write(port, conversation_id, f"line {number}")
        await clock.run_for(150)
    assert len(wechat.sent) == 1
    assert wechat.tried_while_down > 0
    wechat.down = False
    said = await shown(wechat, clock, person, 5)
    await clock.run_for(60)
    assert [text.partition("\n")[0] for text in said[1:]] == [
        f"Officer: line {number}" for number in range(4)
    ]
    assert len(wechat.sent) == 5


def test_there_is_room_below_a_text_for_what_wechat_makes_us_say() -> None:
    for code, scripts in SCRIPTS.items():
        for script in scripts:
            for key in ("more_when_you_write", "write_to_be_reached"):
                hint = say(key, Language(code, script))
                assert len(f"\n\n{hint}".encode()) <= ROOM


# -- access tokens


async def test_one_token_serves_until_it_ends_and_is_renewed_before(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    await clock.run_until(lambda: bool(wechat.menu))
    people = [wechat.person(f"P{number}") for number in range(10)]
    for person in people:
        await person.say("hello")
    await clock.run_until(lambda: len(wechat.sent) == 10)
    assert wechat.asked_for_token == 1
    await clock.run_for(fake.LASTS - 200)
    await people[0].say("still there?")
    await clock.run_until(lambda: len(wechat.sent) == 11)
    assert wechat.asked_for_token == 2
    assert wechat.refused == []


async def test_a_token_that_ends_in_the_middle_is_renewed_and_the_message_goes_at_once(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    await clock.run_until(lambda: bool(wechat.menu))
    wechat.tokens.clear()
    person = wechat.person("Li")
    began = clock.seconds()
    await person.say("hello")
    assert await shown(wechat, clock, person, 1) == ["echo hello"]
    assert clock.seconds() == began
    assert [each["errcode"] for each in wechat.refused] == [40001]
    assert wechat.asked_for_token == 2


async def test_ten_who_find_the_token_ended_renew_it_once(
    on_wechat: Settings, wechat: FakeWeChat, clock: MovedClock
) -> None:
    api = WeChatApi(on_wechat, clock)
    path = "/cgi-bin/customservice/getkflist"
    await api.call(path)
    wechat.tokens.clear()
    wechat.gives_tokens.clear()
    calls = [asyncio.create_task(api.call(path)) for _ in range(10)]
    await clock.run_until(lambda: len(wechat.refused) == 10)
    wechat.gives_tokens.set()
    assert await asyncio.gather(*calls) == [{"kf_list": []}] * 10
    assert wechat.asked_for_token == 2
    await api.close()


async def test_a_token_that_is_refused_and_given_again_is_forced_anew(
    port: TestClient, wechat: FakeWeChat, clock: MovedClock
) -> None:
    await clock.run_until(lambda: bool(wechat.menu))
    (old,) = wechat.tokens
    person = wechat.person("Li")
    wechat.go_wrong = [42001]
    await person.say("hello")
    assert await shown(wechat, clock, person, 1) == ["echo hello"]
    assert old not in wechat.tokens


# -- set-up


async def checked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr("channels.__main__.read", lambda: settings)
    code = await asyncio.to_thread(main, ["check", "wechat"])
    out, err = capsys.readouterr()
    return code, out + err


async def test_the_check_tells_what_is_wrong(
    wechat: FakeWeChat,
    on_wechat: Settings,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = await checked(settings, monkeypatch, capsys)
    assert (code, "WECHAT_APP_ID, WECHAT_SECRET, WECHAT_TOKEN" in told) == (2, True)
    assert await checked(on_wechat, monkeypatch, capsys) == (0, "wechat: all is well.\n")
    for changed, wanted in (
        ({"wechat_app_id": "wxother"}, "WECHAT_APP_ID"),
        ({"wechat_secret": "other"}, "WECHAT_SECRET"),
        ({"public_url": "http://localhost:8080/"}, "PUBLIC_URL"),
        ({"public_url": "https://port.example:8443/"}, "PUBLIC_URL"),
    ):
        code, told = await checked(replace(on_wechat, **changed), monkeypatch, capsys)
        assert (code, wanted in told) == (1, True), told
        assert len(told.splitlines()) == 1
        assert SECRET not in told
    wechat.unauthorized = True
    code, told = await checked(on_wechat, monkeypatch, capsys)
    assert (code, "接口权限" in told) == (1, True)
    wechat.tokens.clear()
    wechat.unlisted = True
    code, told = await checked(on_wechat, monkeypatch, capsys)
    assert (code, "IP白名单" in told, "192.0.2.7" in told) == (1, True, True)
    wechat.down = True
    code, told = await checked(on_wechat, monkeypatch, capsys)
    assert code == 1


def test_settings_that_can_not_be_are_named_and_secrets_are_not_repeated(tmp_path: Any) -> None:
    for name, value in (
        ("WECHAT_APP_ID", "gh_123"),
        ("WECHAT_TOKEN", "a b"),
        ("WECHAT_AES_KEY", AES_KEY[:-1]),
    ):
        with pytest.raises(SettingsError, match=name) as caught:
            read({"VAR_DIR": str(tmp_path), name: value})
        assert value not in str(caught.value)


async def test_neither_secret_nor_token_stands_in_the_log(
    on_wechat: Settings,
    wechat: FakeWeChat,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # the fake's own
    caplog.set_level("WARNING", "aiohttp.access")
    caplog.set_level("INFO")
    client = await opened(on_wechat, wechat, clock, aiohttp_client)
    assert [channel.name for channel in client.app[NETWORKS]] == ["wechat"]
    person = wechat.person("Li")
    wechat.go_wrong = [-1, "lose", "page"]
    await person.say("hello")
    await shown(wechat, clock, person, 1)
    wechat.down = True
    await person.say("hello")
    await clock.run_until(lambda: wechat.tried_while_down > 1)
    assert "wechat" in caplog.text
    for secret in (SECRET, *wechat.tokens):
        assert secret not in caplog.text
