"""Networks that take answers only for a while: what waits then, what the desk sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.addresses import Addresses
from hub.carrier import (
    Address,
    GiveUpError,
    Outgoing,
    Part,
    Plan,
    Route,
    TryAgainError,
    WindowClosedError,
)
from hub.conversation import Draft
from hub.database import Database, routes
from hub.log import ConversationLog
from hub.outbox import Outbox, delivery_of
from hub.pacing import Pace
from hub.wakeups import Wakeups
from tests.clock import PATIENCE, MovedClock

HERE = Address("post", "5", "5")
WINDOW = timedelta(hours=48)


class Post:
    """A network that carries one word at a time; ``refuse`` is what becomes of the next calls, and
    of all that come after ``takes`` more."""

    name = "post"

    def __init__(self, clock: MovedClock) -> None:
        self.pace = Pace([], lambda chat: [], clock)
        self.sent: list[str] = []
        self.tried = 0
        self.refuse: list[Exception] = []
        self.takes: int | None = None
        self.knocks: Plan | None = None

    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        return Plan([Part("5", word) for word in outgoing.message.text.split()])

    def knock(self, outgoing: Outgoing, route: Route) -> Plan | None:
        return self.knocks

    async def send(self, part: Part) -> str:
        self.tried += 1
        if self.refuse:
            raise self.refuse.pop(0)
        if self.takes is not None:
            if not self.takes:
                raise WindowClosedError("no more", "used_up")
            self.takes -= 1
        self.sent.append(part.call)
        return str(len(self.sent))


class Port:
    """A traveler on that network, and what is said to them."""

    def __init__(self, database: Database, clock: MovedClock) -> None:
        self.database = database
        self.clock = clock
        self.addresses = Addresses(database)
        self.log = ConversationLog(database)
        self.wakeups = Wakeups()
        self.network = Post(clock)
        self.outbox = Outbox(database, self.wakeups, clock)
        self.outbox.add(self.network)
        self.id = ""
        self._numbers = 0

    async def traveler_writes(self, window: timedelta = WINDOW) -> None:
        open_until = self.clock.now() + window
        self.id = await self.addresses.conversation_at(HERE, None, open_until)
        await self.log.receive(self.id, Draft("traveler", "hello", "en", "Latn"))
        self.wakeups.wake(self.id)

    async def say(self, text: str, author: Any = "officer") -> int:
        self._numbers += 1
        draft = Draft(author, text, "en", "Latn", client_id=f"c{self._numbers}")
        seq = await self.log.say(self.id, draft, lambda _: True)
        self.wakeups.wake(self.id)
        return seq

    async def state(self, seq: int) -> tuple[str, str | None]:
        async with self.database.read() as connection:
            found = (await delivery_of(connection, self.id))[seq]
        return found["state"], found["why"]

    async def becomes(self, seq: int, state: str, why: str | None = None) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.state(seq) != (state, why):
                self.clock.step()


@pytest.fixture
async def port(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Port]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    await database.migrate()
    made = Port(database, clock)
    await made.outbox.start()
    await made.traveler_writes()
    yield made
    await made.outbox.stop()
    await database.close()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


async def test_within_the_window_everything_goes_out(port: Port, clock: MovedClock) -> None:
    await clock.run_for(WINDOW.total_seconds() - 60)
    await port.becomes(await port.say("yes"), "delivered")
    assert port.network.sent == ["yes"]


async def test_after_it_nothing_is_tried_and_the_desk_is_told_of_each_message(
    port: Port, clock: MovedClock
) -> None:
    await clock.run_for(WINDOW.total_seconds())
    first, second = await port.say("one"), await port.say("two")
    await port.becomes(first, "waiting", "window_closed")
    await port.becomes(second, "waiting", "window_closed")
    assert port.network.tried == 0


async def test_when_the_traveler_writes_again_what_the_officer_wrote_arrives_in_order(
    port: Port, clock: MovedClock
) -> None:
    await clock.run_for(WINDOW.total_seconds())
    first = await port.say("one")
    await port.becomes(first, "waiting", "window_closed")
    second = await port.say("two")
    await port.becomes(second, "waiting", "window_closed")
    await clock.run_for(timedelta(days=5).total_seconds())
    # the network is in trouble just then: the days of waiting are not held against the message
    port.network.refuse = [TryAgainError("busy")] * 3
    await port.traveler_writes()
    last = await port.say("three")
    await port.becomes(last, "delivered")
    assert port.network.sent == ["one", "two", "three"]
    assert await port.state(first) == await port.state(second) == ("delivered", None)


async def test_an_answer_of_the_assistant_that_waited_for_days_is_not_sent_any_more(
    port: Port, clock: MovedClock
) -> None:
    await clock.run_for(WINDOW.total_seconds())
    stale, kept = await port.say("answer", "assistant"), await port.say("officer")
    notice = await port.say("notice", "system")
    await port.becomes(notice, "waiting", "window_closed")
    await clock.run_for(timedelta(hours=25).total_seconds())
    await port.traveler_writes()
    await port.becomes(notice, "delivered")
    assert port.network.sent == ["officer", "notice"]
    assert await port.state(stale) == ("failed", "too_old")
    assert await port.state(kept) == ("delivered", None)


@pytest.mark.parametrize("why", ["window_closed", "used_up"])
async def test_a_network_that_says_so_itself_is_believed_and_asked_no_more(
    port: Port, clock: MovedClock, why: str
) -> None:
    await port.becomes(await port.say("zero"), "delivered")
    port.network.refuse = [WindowClosedError("no more", why)]
    first = await port.say("one")
    await port.becomes(first, "waiting", why)
    second = await port.say("two")
    await clock.run_for(600)
    tried = port.network.tried
    assert tried == 2
    await port.traveler_writes()
    await port.becomes(second, "delivered")
    assert port.network.sent == ["zero", "one", "two"]


async def test_a_message_cut_short_by_the_window_goes_on_where_it_stopped(
    port: Port, clock: MovedClock
) -> None:
    port.network.takes = 3
    seq = await port.say("a b c d e f g h")
    await port.becomes(seq, "waiting", "used_up")
    assert port.network.sent == list("abc")
    port.network.takes = 3
    await port.traveler_writes()
    await clock.run_until(lambda: len(port.network.sent) == 6)
    await port.becomes(seq, "waiting", "used_up")
    port.network.takes = None
    await port.traveler_writes()
    await port.becomes(seq, "delivered")
    assert port.network.sent == list("abcdefgh")


async def test_a_window_that_closes_between_two_tries_ends_the_trying(
    port: Port, clock: MovedClock
) -> None:
    async with port.database.write() as connection:
        soon = clock.now() + timedelta(seconds=100)
        await connection.execute(routes.update().values(open_until=soon))
    port.network.refuse = [TryAgainError("busy")] * 1000
    seq = await port.say("one")
    await port.becomes(seq, "waiting", "window_closed")
    assert port.network.tried < 20
    port.network.refuse = []
    await port.traveler_writes()
    await port.becomes(seq, "delivered")


async def test_a_shorter_window_never_shortens_a_longer_one(port: Port, clock: MovedClock) -> None:
    await port.traveler_writes(timedelta(minutes=1))
    await clock.run_for(3600)
    await port.becomes(await port.say("one"), "delivered")


async def test_a_restart_sends_nothing_into_a_closed_window_and_loses_nothing(
    port: Port, clock: MovedClock
) -> None:
    await clock.run_for(WINDOW.total_seconds())
    seq = await port.say("one")
    await port.becomes(seq, "waiting", "window_closed")
    await port.outbox.stop()
    again = Port(port.database, clock)
    again.id = port.id
    await again.outbox.start()
    await clock.run_for(60)
    assert again.network.tried == 0
    await again.traveler_writes()
    await again.becomes(seq, "delivered")
    await again.outbox.stop()
    assert again.network.sent == ["one"]


async def test_a_sign_that_something_waits_is_given_once_and_the_message_follows(
    port: Port, clock: MovedClock
) -> None:
    port.network.knocks = Plan([Part("5", "knock")], hold=True)
    await clock.run_for(WINDOW.total_seconds())
    first = await port.say("one")
    await port.becomes(first, "waiting", "window_closed")
    second = await port.say("two")
    await port.becomes(second, "waiting", "window_closed")
    assert port.network.sent == ["knock"]
    await port.traveler_writes()
    await port.becomes(second, "delivered")
    assert port.network.sent == ["knock", "one", "two"]


async def test_a_message_that_has_another_form_for_a_closed_window_is_delivered_so(
    port: Port, clock: MovedClock
) -> None:
    port.network.knocks = Plan([Part("5", "template")])
    await clock.run_for(WINDOW.total_seconds())
    await port.becomes(await port.say("notice", "system"), "delivered")
    port.network.refuse = [GiveUpError("no such template")]
    refused = await port.say("another", "system")
    await port.becomes(refused, "waiting", "window_closed")
    assert port.network.sent == ["template"]


async def test_a_network_without_a_window_is_never_shut(port: Port, clock: MovedClock) -> None:
    async with port.database.write() as connection:
        await connection.execute(routes.update().values(open_until=None))
    await clock.run_for(timedelta(days=9).total_seconds())
    await port.becomes(await port.say("one"), "delivered")
