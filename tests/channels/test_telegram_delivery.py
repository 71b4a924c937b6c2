"""What is sent to Telegram arrives: in order, once, whatever the network does meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient, TestServer

from channels import telegram as channel
from channels.__main__ import main
from hub import ownership
from hub.app import make_app
from hub.conversation import Draft
from hub.database import addresses, deliveries, routes
from hub.keys import DATABASE, HANDOFFS, LOG, WAKEUPS
from hub.outbox import delivery_of
from hub.settings import Settings
from tests.channels.test_telegram import everything, shown, texts
from tests.clock import PATIENCE, MovedClock
from tests.fakes.telegram import TOKEN, FakeTelegram, Person, RefusedError
from tests.stand_in import StandIn

OFFICER = 1


async def conversation_of(port: TestClient, telegram: FakeTelegram, person: Person) -> str:
    async with port.app[DATABASE].read() as connection:
        found = await connection.exec_driver_sql(
            "SELECT conversation_id FROM addresses WHERE sender = ?", (str(person.id),)
        )
        return str(found.scalar_one())


async def claimed(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, person: Person
) -> str:
    """A conversation that an officer has."""
    person.say("hello")
    await shown(telegram, clock, person, 1)
    conversation_id = await conversation_of(port, telegram, person)
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


async def logged(port: TestClient, text: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while text not in [message["text"] for message in await everything(port)]:
            pass


async def states(port: TestClient, conversation_id: str) -> dict[int, Any]:
    async with port.app[DATABASE].read() as connection:
        return await delivery_of(connection, conversation_id)


async def settled(port: TestClient, clock: MovedClock, conversation_id: str) -> set[str]:
    """In which states the messages are when none waits any more."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = {each["state"] for each in (await states(port, conversation_id)).values()}
            if "waiting" not in found:
                return found
            clock.step()


async def test_what_an_officer_writes_while_the_network_is_down_arrives_in_order_afterwards(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    conversation_id = await claimed(port, telegram, clock, traveler)
    telegram.down = True
    for number in range(10):
        seq = await write(port, conversation_id, f"line {number}")
        await clock.run_for(60)
    assert len(telegram.sent) == 1
    assert telegram.tried_while_down > 0
    assert (await states(port, conversation_id))[seq] == {"state": "waiting", "why": None}
    telegram.down = False
    said = await shown(telegram, clock, traveler, 11)
    assert texts(said)[1:] == [f"Officer: line {number}" for number in range(10)]
    await clock.run_for(60)
    assert len(telegram.sent) == 11
    assert await settled(port, clock, conversation_id) == {"delivered"}


async def test_the_network_is_left_alone_for_the_seconds_it_names(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    conversation_id = await claimed(port, telegram, clock, traveler)
    telegram.go_wrong = [RefusedError(429, "Too Many Requests: retry after 37", retry_after=37)]
    await write(port, conversation_id, "first")
    await clock.run_until(lambda: len(telegram.refused) == 1)
    refused_at = clock.seconds()
    await write(port, conversation_id, "second")
    said = await shown(telegram, clock, traveler, 3)
    assert clock.seconds() - refused_at >= 37
    assert texts(said)[1:] == ["Officer: first", "Officer: second"]
    assert len(telegram.refused) == 1


async def test_a_traveler_who_blocked_the_bot_is_given_up_and_marked_at_the_desk(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    conversation_id = await claimed(port, telegram, clock, traveler)
    traveler.blocks_us = True
    first = await write(port, conversation_id, "are you there?")
    second = await write(port, conversation_id, "hello?")
    await settled(port, clock, conversation_id)
    shown_states = await states(port, conversation_id)
    assert shown_states[first] == shown_states[second] == {"state": "failed", "why": "blocked"}
    assert len(telegram.refused) == 1

    traveler.blocks_us = False
    traveler.say("I am back")
    await logged(port, "I am back")
    await write(port, conversation_id, "good")
    said = await shown(telegram, clock, traveler, 2)
    assert texts(said)[1:] == ["Officer: good"]


@pytest.mark.parametrize(
    "wrong",
    [
        RefusedError(500, "Internal Server Error"),
        RefusedError(502, "Bad Gateway"),
        RefusedError(504, "Gateway Timeout"),
        RefusedError(401, "Unauthorized"),
    ],
)
async def test_a_network_in_trouble_is_asked_again_and_the_message_comes_once(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, wrong: RefusedError
) -> None:
    traveler = telegram.person("Traveler")
    telegram.go_wrong = [wrong] * 4
    traveler.say("hello")
    traveler.say("again")
    said = await shown(telegram, clock, traveler, 2)
    assert texts(said) == ["echo hello", "echo again"]
    assert len(telegram.refused) == 4


async def test_a_message_that_telegram_will_never_take_does_not_hold_up_the_next(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    telegram.go_wrong = [RefusedError(400, "Bad Request: message can't be sent")]
    traveler.say("hello")
    traveler.say("again")
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo again"]
    conversation_id = await conversation_of(port, telegram, traveler)
    found = await states(port, conversation_id)
    assert found[min(found)] == {"state": "failed", "why": "refused"}


async def test_only_a_lost_acknowledgement_makes_a_message_come_twice(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    telegram.go_wrong = ["lose"]
    traveler.say("hello")
    traveler.say("again")
    said = await shown(telegram, clock, traveler, 3)
    await clock.run_for(30)
    assert texts(said) == ["echo hello", "echo hello", "echo again"]
    assert len(telegram.sent) == 3


async def test_a_network_that_does_not_answer_is_asked_again(
    telegram: FakeTelegram,
    clock: MovedClock,
    on_telegram: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(channel, "READ_TIMEOUT", 0.3)
    await aiohttp_client(make_app(on_telegram, clock))
    traveler = telegram.person("Traveler")
    telegram.go_wrong = ["hang"]
    traveler.say("hello")
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo hello"]
    telegram.go_on.set()


async def test_a_restart_goes_on_where_it_was_and_sends_nothing_twice(
    telegram: FakeTelegram,
    clock: MovedClock,
    on_telegram: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> None:
    first = await aiohttp_client(make_app(on_telegram, clock))
    traveler = telegram.person("Traveler")
    conversation_id = await claimed(first, telegram, clock, traveler)
    await write(first, conversation_id, "before")
    await shown(telegram, clock, traveler, 2)
    telegram.down = True
    for number in range(3):
        await write(first, conversation_id, f"line {number}")
    await clock.run_until(lambda: telegram.tried_while_down >= 2)
    await first.close()
    telegram.down = False
    await aiohttp_client(make_app(on_telegram, clock))
    said = await shown(telegram, clock, traveler, 5)
    await clock.run_for(30)
    assert texts(said)[1:] == ["Officer: before", *(f"Officer: line {n}" for n in range(3))]
    assert len(telegram.sent) == 5


async def test_a_hundred_answers_at_once_keep_to_telegrams_limits(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    people = [telegram.person(f"Traveler {number}") for number in range(100)]
    for person in people:
        person.say("hello")
    await clock.run_until(lambda: len(telegram.sent) == 100)
    assert telegram.refused == []
    assert {sent["chat_id"] for sent in telegram.sent} == {person.id for person in people}


async def test_a_deleted_conversation_leaves_nothing_and_the_next_message_begins_another(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    traveler = telegram.person("Traveler")
    conversation_id = await claimed(port, telegram, clock, traveler)
    telegram.down = True
    await write(port, conversation_id, "are you there?")
    await clock.run_until(lambda: telegram.tried_while_down > 0)
    await port.app[LOG].delete(conversation_id)
    async with port.app[DATABASE].read() as connection:
        for table in (addresses, routes, deliveries):
            assert not list(await connection.execute(table.select()))
    telegram.down = False
    traveler.say("hello again")
    await clock.run_until(lambda: "echo hello again" in texts(telegram.sent))
    assert await conversation_of(port, telegram, traveler) != conversation_id


# -- by webhook


@pytest.fixture
async def called(
    on_telegram: Settings,
    clock: MovedClock,
    telegram: FakeTelegram,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
    unused_tcp_port: int,
) -> TestServer:
    """A hub that Telegram calls."""
    settings = replace(
        on_telegram,
        telegram_webhook=True,
        public_url=f"http://127.0.0.1:{unused_tcp_port}/",
    )
    server = await aiohttp_server(make_app(settings, clock), port=unused_tcp_port)
    await clock.run_until(lambda: len(telegram.commands) == 8)
    return server


async def test_a_webhook_brings_messages_one_after_another(
    called: TestServer, telegram: FakeTelegram, clock: MovedClock
) -> None:
    assert telegram.webhook["max_connections"] == 1
    traveler = telegram.person("Traveler")
    update = {"update_id": 10, "message": traveler.message(text="hello")}
    assert await telegram.call_webhook(update) == 200
    for _ in range(3):
        assert await telegram.call_webhook(update) == 200
    traveler_says = {"update_id": 11, "message": traveler.message(text="more")}
    assert await telegram.call_webhook(traveler_says) == 200
    said = await shown(telegram, clock, traveler, 2)
    await clock.run_for(30)
    assert texts(said) == ["echo hello", "echo more"]
    assert len(telegram.sent) == 2


@pytest.mark.parametrize("secret", ["forged", "ÿ", ""])
async def test_a_forged_call_is_refused_before_it_is_read(
    called: TestServer, telegram: FakeTelegram, clock: MovedClock, assistant: StandIn, secret: str
) -> None:
    traveler = telegram.person("Traveler")
    update = {"update_id": 10, "message": traveler.message(text="forged")}
    assert await telegram.call_webhook(update, secret or " ") == 403
    update = {"update_id": 11, "message": traveler.message(text="true")}
    assert await telegram.call_webhook(update) == 200
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo true"]


async def test_a_webhook_is_asked_to_come_again_when_a_message_can_not_be_stored(
    called: TestServer, telegram: FakeTelegram, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    traveler = telegram.person("Traveler")
    update = {"update_id": 10, "message": traveler.message(text="hello")}
    app = called.app
    assert app is not None

    def broken() -> Any:
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(app[DATABASE], "write", broken)
        assert await telegram.call_webhook(update) == 500
    assert await telegram.call_webhook(update) == 200
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo hello"]


# -- set-up


async def checked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr("channels.__main__.read", lambda: settings)
    code = await asyncio.to_thread(main, ["check", "telegram"])
    out, err = capsys.readouterr()
    return code, out + err


async def test_the_check_tells_what_is_wrong(
    telegram: FakeTelegram,
    on_telegram: Settings,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, told = await checked(settings, monkeypatch, capsys)
    assert (code, "TELEGRAM_TOKEN" in told) == (2, True)
    code, told = await checked(on_telegram, monkeypatch, capsys)
    assert (code, told) == (0, "telegram: all is well.\n")
    bad = replace(on_telegram, telegram_token="1:wrong")
    code, told = await checked(bad, monkeypatch, capsys)
    assert (code, "BotFather" in told) == (1, True)
    hooked = replace(on_telegram, telegram_webhook=True, public_url="http://port.example/")
    code, told = await checked(hooked, monkeypatch, capsys)
    assert code == 1
    assert "PUBLIC_URL" in told
    assert "not set" in told
    telegram.webhook["url"] = "https://elsewhere.example/"
    code, told = await checked(on_telegram, monkeypatch, capsys)
    assert (code, "elsewhere" in told) == (1, True)


async def test_a_second_program_on_the_same_bot_is_named_and_ends_nothing(
    port: TestClient,
    telegram: FakeTelegram,
    clock: MovedClock,
    on_telegram: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await clock.run_until(lambda: telegram._polls > 0)
    other = replace(on_telegram, database_url=f"sqlite+aiosqlite:///{tmp_path}/other.db")
    second = await aiohttp_client(make_app(other, clock))
    await clock.run_until(lambda: "another program reads" in caplog.text)
    await second.close()
    traveler = telegram.person("Traveler")
    traveler.say("hello")
    assert texts(await shown(telegram, clock, traveler, 1)) == ["echo hello"]


async def test_the_token_never_stands_in_the_log(
    telegram: FakeTelegram,
    clock: MovedClock,
    on_telegram: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    # the fake's own
    caplog.set_level("WARNING", "aiohttp.access")
    caplog.set_level("INFO")
    await aiohttp_client(make_app(on_telegram, clock))
    traveler = telegram.person("Traveler")
    telegram.go_wrong = [RefusedError(500, "Internal Server Error"), "lose"]
    traveler.say("hello")
    await shown(telegram, clock, traveler, 1)
    telegram.down = True
    await clock.run_until(lambda: telegram.tried_while_down > 1)
    assert "Telegram" in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text
