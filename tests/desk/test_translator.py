"""Officer and traveler without a common language: both read original and translation, or at
least the original."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from hub import translator
from hub.app import make_app
from hub.database import translations
from hub.keys import DATABASE, WAKEUPS
from hub.settings import Settings
from hub.translator import Stretch, stretches, wanted
from tests.desk.officer_page import Arrive, Officer, traveler_of
from tests.fakes.libretranslate import LibreTranslate
from tests.talk import LONG, Traveler

Serve = Callable[..., Awaitable[TestServer]]


@pytest.fixture
def server() -> LibreTranslate:
    return LibreTranslate(key="secret")


@pytest.fixture
async def settings(
    settings: Settings,
    server: LibreTranslate,
    aiohttp_server: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    monkeypatch.setattr(translator, "WAITS", (0.01, 0.01, 0.01))
    address = await aiohttp_server(server.application())
    url = f"http://127.0.0.1:{address.port}"
    return replace(settings, translate_url=url, translate_api_key="secret")


async def next_of(events: Any, name: str) -> Any:
    async with asyncio.timeout(LONG):
        async for found, data in events:
            if found == name:
                return data
    raise AssertionError("the stream ended")


async def talking(
    hub: TestClient, officers: Arrive, language: str = "ru", script: str = ""
) -> tuple[Traveler, Officer, str]:
    """A traveler and a Chinese officer who has their conversation."""
    traveler = await traveler_of(hub, language, script)
    officer = await officers("li", "07", languages=["zh", "en"])
    await officer.do(traveler.conversation["id"], "claim")
    return traveler, officer, traveler.conversation["id"]


async def desk_messages(officer: Officer, conversation: str) -> dict[int, dict[str, Any]]:
    shown = await officer.see(f"conversations/{conversation}")
    return {message["seq"]: message for message in shown["messages"]}


async def asked_times(server: LibreTranslate, times: int) -> None:
    async with asyncio.timeout(LONG):
        while len(server.asked) < times:
            server.was_asked.clear()
            await server.was_asked.wait()


async def test_both_sides_read_original_and_translation(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    server.says = {
        "мен кезекте тұрмын": "我在排队",
        "машинам ZX1": "我的车是ZX1",
        "请在ZX1号车道等ZX2分钟": "ZX1-жолақта ZX2 минут күтіңіз",
    }
    traveler = await traveler_of(hub, "kk", "Arab")
    conversation = traveler.conversation["id"]
    before = await traveler.say("مەن كەزەكتە تۇرمىن")
    officer = await officers("li", "07", languages=["zh", "en"])
    await officer.do(conversation, "claim")
    told = officer.events(conversation)
    # what was said before the claim can be read too
    history = await next_of(told, "message")
    if not history["translations"]:
        late = await next_of(told, "translation")
        assert late == {"seq": before, "language": "zh", "text": "我在排队"}

    seq = await traveler.say("ماشينام 123 ABC 02")
    assert await next_of(told, "translation") == {
        "seq": seq,
        "language": "zh",
        "text": "我的车是123 ABC 02",
    }
    shown = await desk_messages(officer, conversation)
    assert shown[before]["translations"] == {"zh": "我在排队"}
    assert shown[seq]["translations"] == {"zh": "我的车是123 ABC 02"}
    assert shown[seq]["text"] == "ماشينام 123 ABC 02"

    heard = traveler.events(after=seq)
    answer = await officer.say(conversation, text="请在4号车道等15分钟")
    arab = "4-جولاقتا 15 مينۋت كۇتىڭىز"
    assert await next_of(heard, "translation") == {
        "seq": answer,
        "language": "kk",
        "script": "Arab",
        "text": arab,
    }
    (written,) = await traveler.messages(after=answer - 1)
    assert written["text"] == "请在4号车道等15分钟"
    assert written["translation"] == {
        "language": "kk",
        "script": "Arab",
        "text": arab,
        "machine": True,
    }
    kazakh = {"kk": "4-жолақта 15 минут күтіңіз"}
    assert (await desk_messages(officer, conversation))[answer]["translations"] == kazakh
    # what a machine made for the officer is not the traveler's to see, whatever they read
    path = f"/api/conversations/{conversation}"
    await hub.patch(path, json={"language": "zh"}, headers=traveler.headers)
    assert all("translation" not in message for message in await traveler.messages())


async def test_the_travelers_new_script_is_told_at_once(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    server.says["请等"] = "Күте тұрыңыз"
    traveler, officer, conversation = await talking(hub, officers, "kk", "Cyrl")
    heard = traveler.events()
    seq = await officer.say(conversation, text="请等")
    assert (await next_of(heard, "translation"))["text"] == "Күте тұрыңыз"
    async with hub.patch(
        f"/api/conversations/{conversation}",
        json={"language": "kk", "script": "Latn"},
        headers=traveler.headers,
    ) as response:
        assert response.status == 200
    told = await next_of(heard, "translation")
    assert (told["seq"], told["script"], told["text"]) == (seq, "Latn", "Küte tūryñyz")
    # a language of another machine's words is asked for anew
    server.says["请等"] = "Please wait"
    async with hub.patch(
        f"/api/conversations/{conversation}",
        json={"language": "en"},
        headers=traveler.headers,
    ) as response:
        assert response.status == 200
    assert (await next_of(heard, "translation"))["text"] == "Please wait"


async def test_phrases_and_a_common_language_need_no_machine(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    traveler, officer, conversation = await talking(hub, officers, "ru")
    await officer.say(conversation, phrase="wait_minutes", values={"minutes": 5})
    await officer.say(conversation, text="Добрый день, подождите здесь")
    last = await traveler.say("Спасибо большое")
    await next_of(officer.events(conversation, after=last), "translation")
    assert [asked["q"] for asked in server.asked] == ["Спасибо большое"]


async def test_what_no_officer_holds_is_not_sent_to_the_machine(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    alone = await traveler_of(hub, "ru")
    await alone.ask("Сколько стоит виза?")
    traveler, officer, conversation = await talking(hub, officers)
    seq = await traveler.say("Где мне ждать?")
    await next_of(officer.events(conversation, after=seq), "translation")
    assert [asked["q"] for asked in server.asked] == ["Где мне ждать?"]


async def test_a_failing_machine_is_asked_again_and_then_left(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    traveler, officer, conversation = await talking(hub, officers)
    server.fail_next = [(503, "loading"), (429, "Slowdown: 30 per 1 minute")]
    first = await traveler.say("Где мне ждать?")
    told = officer.events(conversation, after=first)
    assert (await next_of(told, "translation"))["seq"] == first
    assert len(server.asked) == 3

    server.fail_next = [(500, "Cannot translate text: no")] * 4
    second = await traveler.say("Сколько ещё ждать?")
    await asked_times(server, 7)
    third = await traveler.say("Хорошо, подожду")
    assert (await next_of(told, "translation"))["seq"] == third
    shown = await desk_messages(officer, conversation)
    assert shown[second]["translations"] == {}
    assert len(server.asked) == 8


async def test_a_machine_that_hangs_holds_no_message_up(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    traveler, officer, conversation = await talking(hub, officers)
    server.go_on.clear()
    told, heard = officer.events(conversation), traveler.events()
    for number in range(8):
        seq = await traveler.say(f"Где мне ждать? {number}")
        while (await next_of(told, "message"))["seq"] != seq:
            pass
        seq = await officer.say(conversation, text=f"请等 {number}")
        while (await next_of(heard, "message"))["seq"] != seq:
            pass
    # it is asked at most four things at once
    assert len(server.asked) <= 4
    server.go_on.set()
    assert await next_of(told, "translation")
    assert await next_of(heard, "translation")


async def test_a_spoiled_number_is_never_shown(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    traveler, officer, conversation = await talking(hub, officers)
    server.spoil = lambda said: said.replace("ZX1", "ZX 1")
    spoiled = await traveler.say("Паспорт N12345678 остался у вас")
    fine = await traveler.say("Где мне ждать?")
    await next_of(officer.events(conversation, after=fine), "translation")
    await asked_times(server, 2)
    assert (await desk_messages(officer, conversation))[spoiled]["translations"] == {}


async def test_at_most_thirty_messages_of_the_history_are_translated(
    hub: TestClient, officers: Arrive, server: LibreTranslate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(translator, "HISTORY", 3)
    traveler = await traveler_of(hub, "ru")
    said = [await traveler.say(f"Где очередь {letter}?") for letter in "абвгд"]
    officer = await officers("li", "07", languages=["zh"])
    conversation = traveler.conversation["id"]
    told = officer.events(conversation, after=100)
    await officer.do(conversation, "claim")
    later = {(await next_of(told, "translation"))["seq"] for _ in range(3)}
    assert later == set(said[-3:])
    assert len(server.asked) == 3


async def test_after_a_restart_it_takes_up_what_lacks_a_translation(
    settings: Settings,
    hub: TestClient,
    officers: Arrive,
    server: LibreTranslate,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> None:
    traveler, officer, conversation = await talking(hub, officers)
    server.go_on.clear()
    seq = await traveler.say("Где мне ждать?")
    await asked_times(server, 1)
    await officer.do(conversation, "close")
    await hub.close()
    server.go_on.set()
    again = await aiohttp_client(make_app(settings))
    async with asyncio.timeout(LONG):
        with again.app[WAKEUPS].listen(conversation) as changed:
            while not (found := await stored(again)):
                await changed.wait()
                changed.clear()
    assert found == [(seq, "zh", "<zh-Hans> Где мне ждать?")]


async def stored(hub: TestClient) -> list[tuple[Any, ...]]:
    columns = translations.c
    query = sa.select(columns.seq, columns.language, columns.text).order_by(columns.seq)
    async with hub.app[DATABASE].read() as connection:
        return [tuple(row) for row in await connection.execute(query)]


async def test_a_conversation_deleted_meanwhile_leaves_nothing(
    hub: TestClient, officers: Arrive, server: LibreTranslate
) -> None:
    traveler, officer, conversation = await talking(hub, officers)
    server.go_on.clear()
    await traveler.say("Где мне ждать?")
    await asked_times(server, 1)
    await hub.delete(f"/api/conversations/{conversation}", headers=traveler.headers)
    server.go_on.set()
    other = await traveler_of(hub, "ru")
    await officer.do(other.conversation["id"], "claim")
    seq = await other.say("Здравствуйте, вы здесь?")
    await next_of(officer.events(other.conversation["id"], after=seq), "translation")
    assert [row[0] for row in await stored(hub)] == [seq]


def message(seq: int, author: str, language: str, text: str = "") -> dict[str, Any]:
    script = {"zh": "Hans", "en": "Latn"}.get(language, "Cyrl")
    return {
        "seq": seq,
        "author": author,
        "language": language,
        "script": script,
        "text": text,
        "payload": None,
    }


def test_who_had_a_conversation_from_when_to_when() -> None:
    changes = [
        (2, "queue", None),
        (3, "officer", 7),
        (5, "officer", 8),
        (9, "queue", None),
        (9, "assistant", None),
        (12, "officer", 7),
    ]
    assert stretches(changes) == [Stretch(7, 3, 5), Stretch(8, 5, 9), Stretch(7, 12, None)]


def test_each_side_needs_what_the_other_wrote_in_another_language() -> None:
    said = [
        message(1, "traveler", "ru", "Где очередь?"),
        message(2, "assistant", "ru"),
        message(4, "traveler", "ru", "Где мне ждать?"),
        message(5, "officer", "zh"),
        message(6, "officer", "ru"),
        message(8, "traveler", "ru", "Сколько стоит виза?"),
    ]
    reads = {7: "zh", 8: "ru"}
    had = [Stretch(7, 3, 6)]
    assert wanted(said, had, reads, "ru") == {(4, "zh"), (5, "ru")}
    # now an officer has it: the history too
    held = [*had, Stretch(7, 7, None)]
    assert wanted(said, held, reads, "ru") == {(1, "zh"), (4, "zh"), (8, "zh"), (5, "ru")}
    assert wanted(said, [Stretch(8, 7, None)], reads, "kk") == {(5, "kk"), (6, "kk")}


def test_words_count_and_not_the_language_that_was_chosen_by_hand() -> None:
    said = [message(4, "traveler", "kk", "Сколько стоит виза?")]
    assert wanted(said, [Stretch(7, 3, None)], {7: "ru"}, "kk") == set()
    assert wanted(said, [Stretch(7, 3, None)], {7: "kk"}, "kk") == {(4, "kk")}
