"""Brings what the log says to travelers on messaging networks: in order, again until it is taken.

One worker a conversation, only while there is something to send. What waits is
read from the log and ``routes.position``, so a restart goes on where it was. A
message is sent twice only when the network took it and the word of that was lost.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.addresses import Addresses, lead_to, route_of
from hub.carrier import (
    Address,
    Arrival,
    Carrier,
    ChatMovedError,
    GiveUpError,
    Outgoing,
    Part,
    Route,
    TryAgainError,
    WindowClosedError,
)
from hub.clock import Clock, SystemClock
from hub.database import Database, conversations, deliveries, messages, routes, turns
from hub.handoffs import DESK
from hub.log import message_of, utc
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries: doubled each time, and cut short when the network takes anything."""

KEPT_TRYING = timedelta(hours=24)
"""Age of a message from which on it is no longer tried again. An answer of the assistant that
waited so long for an open window is of no use either; what an officer wrote, and notices, are."""

URGENT = ("emergency", "danger")
"""Reasons for which a person is needed that make messages go first."""

SHUT = ("window_closed", "used_up")
"""Why a message waits until the traveler writes again."""

_UNSETTLED = sa.or_(deliveries.c.state.is_(None), deliveries.c.state == "waiting")
"""Of messages joined with their deliveries: those that are to go out yet."""

_KEPT = 10_000
"""Conversations of other channels that are remembered."""

_LOOK_BACK = 6
"""Turns that are looked at to tell what a reply is about."""


@dataclass(frozen=True)
class _Work:
    """What a worker does next. ``why`` the message waits, noted at ``noted_at``, if it has waited;
    ``ahead``: it goes before others; ``knocks``: the window is closed."""

    route: Route
    outgoing: Outgoing
    sent: int
    urgent: bool
    blocked: bool
    why: str | None
    noted_at: datetime
    ahead: bool = False
    knocks: bool = False


class _ClosedMeanwhileError(Exception):
    """The window closed between two tries, as far as was known when the work began."""


class Outbox:
    """Workers that deliver, and the networks by which they do."""

    def __init__(self, database: Database, wakeups: Wakeups, clock: Clock | None = None) -> None:
        self._database = database
        self._wakeups = wakeups
        self._addresses = Addresses(database)
        self._carriers: dict[str, Carrier] = {}
        self._came_up: dict[str, asyncio.Event] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._elsewhere: set[str] = set()
        self._running = False
        self.clock: Clock = clock or SystemClock()

    def add(self, carrier: Carrier) -> None:
        """Messages of this network's conversations are delivered from now on."""
        self._carriers[carrier.name] = carrier
        self._came_up[carrier.name] = asyncio.Event()

    async def start(self) -> None:
        """Takes up what was waiting when the hub stopped."""
        if not self._carriers:
            return
        self._running = True
        self._wakeups.watchers.append(self.schedule)
        query = (
            sa.select(routes.c.conversation_id)
            .join(conversations, conversations.c.id == routes.c.conversation_id)
            .where(conversations.c.last_seq > routes.c.position)
        )
        held = (
            sa.select(deliveries.c.conversation_id)
            .join(routes, routes.c.conversation_id == deliveries.c.conversation_id)
            .where(deliveries.c.state == "held")
            .where(routes.c.private.is_not(None))
        )
        async with self._database.read() as connection:
            waiting = [row[0] for row in await connection.execute(query.union(held))]
        for conversation_id in waiting:
            self.schedule(conversation_id)

    async def stop(self) -> None:
        self._running = False
        tasks = list(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def holds(self, conversation_id: str) -> bool:
        """Whether something waits until the private chat is opened."""
        async with self._database.read() as connection:
            return bool(await _held(connection, conversation_id))

    async def arrived(self, conversation_id: str, seq: int) -> None:
        """The network tells that a message is on the traveler's phone, whatever it said before."""
        async with self._database.write() as connection:
            await connection.execute(
                conversations.update()
                .where(conversations.c.id == conversation_id)
                .where(conversations.c.received < seq)
                .where(conversations.c.last_seq >= seq)
                .values(received=seq)
            )
            await connection.execute(
                deliveries.update()
                .where(_is(conversation_id, seq), deliveries.c.state == "failed")
                .values(state="delivered", why=None)
            )
        self._wakeups.wake(conversation_id)

    async def lost(self, conversation_id: str, seq: int, why: str) -> bool:
        """The network tells that a message it took did not arrive; ``False`` when it is not noted
        yet that it was taken. One that came too late for the window waits for the next."""
        async with self._database.write() as connection:
            row = await _routed(connection, conversation_id)
            if row is None:
                return True
            found = sa.select(deliveries.c.state).where(_is(conversation_id, seq))
            state = await connection.scalar(found)
            if state in (None, "waiting"):
                return False
            again = why in SHUT
            changed = {"state": "waiting", "sent": 0} if again else {"state": "failed"}
            await connection.execute(
                deliveries.update().where(_is(conversation_id, seq)).values(why=why, **changed)
            )
            if again and row["position"] >= seq:
                await connection.execute(
                    routes.update()
                    .where(routes.c.conversation_id == conversation_id)
                    .values(position=seq - 1)
                )
        self._wakeups.wake(DESK)
        self._wakeups.wake(conversation_id)
        return True

    def schedule(self, conversation_id: str) -> None:
        """There may be something to deliver; returns at once."""
        if not self._running or conversation_id == DESK or conversation_id in self._elsewhere:
            return
        if conversation_id in self._workers:
            self._more.add(conversation_id)
            return
        task = asyncio.create_task(self._deliver_all(conversation_id))
        self._workers[conversation_id] = task
        task.add_done_callback(lambda done: self._ended(conversation_id, done))

    def _ended(self, conversation_id: str, task: asyncio.Task[None]) -> None:
        del self._workers[conversation_id]
        if task.cancelled():
            return
        if task.exception():
            log.error("a delivery ended, its message waits", exc_info=task.exception())
            asyncio.get_running_loop().call_later(LONGEST_WAIT, self.schedule, conversation_id)
        elif conversation_id in self._more:
            self._more.discard(conversation_id)
            self.schedule(conversation_id)

    async def _deliver_all(self, conversation_id: str) -> None:
        while work := await self._next(conversation_id):
            if not await self._deliver(work):
                return

    async def _next(self, conversation_id: str) -> _Work | None:
        async with self._database.read() as connection:
            row = await _routed(connection, conversation_id)
            if row is None:
                self._remember_elsewhere(conversation_id)
                return None
            if row["channel"] not in self._carriers:
                return None
            route = route_of(row)
            held = await _held(connection, conversation_id) if route.address.is_group else []
            waiting = []
            if row["last_seq"] > row["position"]:
                waiting = await _after(connection, conversation_id, row["position"])
            if held and route.private:
                message, is_held = await _numbered(connection, conversation_id, held[0]), True
            elif waiting:
                message, is_held = waiting[0], False
            else:
                return None
            sent, why, updated_at = await _noted(connection, conversation_id, message.seq)
            ahead = None
            if why in SHUT and not is_held:
                # only a few answers are taken now: life goes before what has waited
                ahead = await _help(connection, conversation_id, row["position"])
            if ahead is not None and ahead.seq != message.seq:
                message = ahead
                sent, why, updated_at = await _noted(connection, conversation_id, message.seq)
            outgoing = await _outgoing(connection, row, message)
        urgent = row["reason"] in URGENT or any(map(_is_help, [message, *waiting]))
        outgoing = replace(outgoing, held=is_held, holding=bool(held))
        noted_at = utc(updated_at) if updated_at else self.clock.now()
        goes_ahead = not is_held and message.seq != waiting[0].seq
        return _Work(route, outgoing, sent, urgent, row["blocked"], why, noted_at, goes_ahead)

    def _remember_elsewhere(self, conversation_id: str) -> None:
        """A conversation has its route from its beginning, or never: the page's cost one look."""
        if len(self._elsewhere) > _KEPT:
            self._elsewhere.clear()
        self._elsewhere.add(conversation_id)

    async def _deliver(self, work: _Work) -> bool:
        """Settles one message; ``False`` when it and all after it wait for an open window."""
        message, route = work.outgoing.message, work.route
        carrier = self._carriers[route.address.channel]
        if work.blocked:
            await self._note(work, "failed", why="blocked")
            return True
        network_id, chat = None, route.address.chat
        try:
            plan = carrier.plan(work.outgoing, route)
            if self._is_shut(work):
                # once: what has waited for an open window has knocked
                knock = None if work.why in SHUT else carrier.knock(work.outgoing, route)
                if knock is None:
                    await self._wait_for_window(work, "window_closed")
                    return False
                work, plan = replace(work, sent=0, knocks=True), knock
            elif self._is_useless(work):
                await self._note(work, "failed", why="too_old")
                return True
            for number, part in enumerate(plan.parts[work.sent :], work.sent + 1):
                chat = part.chat
                network_id = await self._send(carrier, part, work)
                if number < len(plan.parts) and not work.knocks:
                    await self._note(work, "waiting", sent=number, why=work.why)
        except GiveUpError as error:
            if work.knocks and error.code != "blocked":
                log.warning("%s refuses to knock: %s", carrier.name, error)
                await self._wait_for_window(work, "window_closed")
                return False
            log.warning("message %d of a conversation is not delivered: %s", message.seq, error)
            if error.code == "blocked":
                await self._addresses.block(carrier.name, chat)
            await self._note(work, "failed", why=error.code)
        except ChatMovedError as error:
            await self._addresses.move(carrier.name, chat, error.chat)
        except WindowClosedError as error:
            log.info("%s: waiting for the traveler to write: %s", carrier.name, error)
            # who wrote meanwhile has opened it anew
            if await self._addresses.close_window(
                route.conversation_id, self.clock.now(), route.open_until
            ):
                await self._wait_for_window(work, error.code)
                return False
        except _ClosedMeanwhileError:
            pass
        else:
            if plan.hold and work.knocks:
                await self._wait_for_window(work, "window_closed")
                return False
            await self._note(
                work,
                "held" if plan.hold else "delivered",
                network_id=network_id,
                # a held message begins anew in the private chat
                sent=0 if plan.hold else len(plan.parts),
            )
        return True

    def _is_shut(self, work: _Work) -> bool:
        until = work.route.open_until
        return until is not None and until <= self.clock.now()

    def _is_useless(self, work: _Work) -> bool:
        """What answers a question is stale when the traveler comes back after a day."""
        return (
            work.why in SHUT
            and work.outgoing.message.author == "assistant"
            and self.clock.now() - work.noted_at > KEPT_TRYING
        )

    async def _wait_for_window(self, work: _Work, why: str) -> None:
        """Notes for the desk that nothing goes out until the traveler writes again."""
        conversation_id, seq = work.route.conversation_id, work.outgoing.message.seq
        same = sa.and_(
            deliveries.c.conversation_id == messages.c.conversation_id,
            deliveries.c.seq == messages.c.seq,
        )
        query = (
            sa.select(messages.c.seq, deliveries.c.state)
            .select_from(messages.outerjoin(deliveries, same))
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.seq >= seq)
            .where(messages.c.author != "traveler")
            .where(_UNSETTLED)
            .where(sa.or_(deliveries.c.why.is_(None), deliveries.c.why.not_in(SHUT)))
        )
        values = {"why": why, "updated_at": self.clock.now()}
        async with self._database.write() as connection:
            rows = (await connection.execute(query)).all()
            for number, state in rows:
                here = {"conversation_id": conversation_id, "seq": number}
                if state is None:
                    new = {**here, **values, "state": "waiting", "sent": 0}
                    await connection.execute(deliveries.insert().values(**new))
                else:
                    await connection.execute(
                        deliveries.update()
                        .where(*(deliveries.c[name] == value for name, value in here.items()))
                        .values(**values)
                    )
        if rows:
            self._wakeups.wake(DESK)

    async def _send(self, carrier: Carrier, part: Part, work: _Work) -> str:
        """Tries until the network takes the part; returns the network's id of it.

        Raises:
            GiveUpError, ChatMovedError, WindowClosedError, _ClosedMeanwhileError
        """
        wait = FIRST_WAIT
        # the time for which it waited for an open window doesn't count
        began = self.clock.now() if work.why in SHUT else work.outgoing.message.created_at
        came_up = self._came_up[carrier.name]
        while True:
            if self._is_shut(work) and not work.knocks:
                raise _ClosedMeanwhileError
            try:
                async with carrier.pace.turn(part.chat, work.urgent):
                    network_id = await carrier.send(part)
            except TryAgainError as error:
                log.info("%s: sending again later: %s", carrier.name, error)
                if began and self.clock.now() - began > KEPT_TRYING:
                    raise GiveUpError(str(error), "too_old") from error
                if error.seconds is not None:
                    # who else writes into this chat waits with us
                    carrier.pace.block(part.chat, error.seconds)
                    continue
                came_up.clear()
                if not await self.clock.wait(came_up, wait):
                    wait = min(2 * wait, LONGEST_WAIT)
            else:
                came_up.set()
                return network_id

    async def _note(
        self,
        work: _Work,
        state: str,
        sent: int = 0,
        why: str | None = None,
        network_id: str | None = None,
    ) -> None:
        """Keeps what became of a message, and that it is settled unless it is only begun."""
        conversation_id, seq = work.route.conversation_id, work.outgoing.message.seq
        values = {
            "state": state,
            "sent": sent,
            "why": why,
            "network_id": network_id,
            "updated_at": self.clock.now(),
        }
        async with self._database.write() as connection:
            if await _routed(connection, conversation_id) is None:
                return  # deleted meanwhile
            known = await connection.execute(
                deliveries.update()
                .where(deliveries.c.conversation_id == conversation_id)
                .where(deliveries.c.seq == seq)
                .values(**values)
            )
            if not known.rowcount:
                await connection.execute(
                    deliveries.insert().values(conversation_id=conversation_id, seq=seq, **values)
                )
            if state != "waiting" and not work.outgoing.held and not work.ahead:
                await connection.execute(
                    routes.update()
                    .where(routes.c.conversation_id == conversation_id)
                    .values(position=seq)
                )
            if state == "delivered" and work.outgoing.message.author == "officer":
                await _answered_by(connection, work.route)
        if state in ("delivered", "failed", "held"):
            self._wakeups.wake(DESK)


async def delivery_of(connection: AsyncConnection, conversation_id: str) -> dict[int, Any]:
    """What became of a conversation's messages on its network, by their numbers.

    ``{"state": "waiting" | "delivered" | "failed", "why": code or None}`` for each message that
    goes out; nothing for a conversation on the page. ``why``: ``blocked`` (by the traveler),
    ``refused``, ``too_old``; of a waiting one ``private_chat``: until the traveler of a group opens
    it, ``window_closed`` or ``used_up``: until the traveler writes again.
    """
    row = await _routed(connection, conversation_id)
    if row is None:
        return {}
    query = (
        sa.select(messages.c.seq, deliveries.c.state, deliveries.c.why)
        .select_from(
            messages.outerjoin(
                deliveries,
                sa.and_(
                    deliveries.c.conversation_id == messages.c.conversation_id,
                    deliveries.c.seq == messages.c.seq,
                ),
            )
        )
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.author != "traveler")
    )
    shown = {}
    for seq, state, why in await connection.execute(query):
        if state == "held":
            state, why = "waiting", "private_chat"
        shown[seq] = {"state": state or "waiting", "why": why}
    return shown


async def _routed(connection: AsyncConnection, conversation_id: str) -> Any:
    """A conversation's route, reason and last message; ``None`` off the networks, or gone."""
    query = (
        sa.select(routes, conversations.c.reason, conversations.c.last_seq)
        .join(conversations, conversations.c.id == routes.c.conversation_id)
        .where(routes.c.conversation_id == conversation_id)
    )
    return (await connection.execute(query)).mappings().first()


async def _held(connection: AsyncConnection, conversation_id: str) -> list[int]:
    query = (
        sa.select(deliveries.c.seq)
        .where(deliveries.c.conversation_id == conversation_id)
        .where(deliveries.c.state == "held")
        .order_by(deliveries.c.seq)
    )
    return [row[0] for row in await connection.execute(query)]


def _is(conversation_id: str, seq: int) -> Any:
    return sa.and_(deliveries.c.conversation_id == conversation_id, deliveries.c.seq == seq)


async def _after(
    connection: AsyncConnection, conversation_id: str, position: int, limit: int = 20
) -> list[Any]:
    """The first messages that are to go out after a position; what is settled already went ahead
    of one that waits."""
    same = sa.and_(
        deliveries.c.conversation_id == messages.c.conversation_id,
        deliveries.c.seq == messages.c.seq,
    )
    query = (
        sa.select(messages)
        .select_from(messages.outerjoin(deliveries, same))
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.seq > position)
        .where(messages.c.author != "traveler")
        .where(_UNSETTLED)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return [message_of(row) for row in (await connection.execute(query)).mappings()]


async def _help(connection: AsyncConnection, conversation_id: str, position: int) -> Any:
    """The first answer to a call for help that is to go out after a position, or ``None``."""
    waiting = await _after(connection, conversation_id, position, limit=1000)
    return next((each for each in waiting if _is_help(each)), None)


def _is_help(message: Any) -> bool:
    return (message.card or {}).get("type") == "emergency"


async def _noted(connection: AsyncConnection, conversation_id: str, seq: int) -> Any:
    """How many parts of a message are sent, why it waits, and since when that is noted."""
    query = (
        sa.select(deliveries.c.sent, deliveries.c.why, deliveries.c.updated_at)
        .where(deliveries.c.conversation_id == conversation_id)
        .where(deliveries.c.seq == seq)
    )
    return (await connection.execute(query)).first() or (0, None, None)


async def _numbered(connection: AsyncConnection, conversation_id: str, seq: int) -> Any:
    query = (
        sa.select(messages)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.seq == seq)
    )
    return message_of((await connection.execute(query)).mappings().one())


async def _outgoing(connection: AsyncConnection, row: Any, message: Any) -> Outgoing:
    """A message with what was asked and understood before it."""
    asked = Arrival.of(message.client_id)
    heard_until = message.answers or message.seq
    heard = await connection.execute(
        sa.select(messages.c.seq, messages.c.client_id, turns.c.understood)
        .select_from(
            messages.outerjoin(
                turns,
                sa.and_(
                    turns.c.conversation_id == messages.c.conversation_id,
                    turns.c.seq == messages.c.seq,
                ),
            )
        )
        .where(messages.c.conversation_id == row["conversation_id"])
        .where(messages.c.author == "traveler")
        .where(messages.c.seq <= heard_until)
        .order_by(messages.c.seq.desc())
        .limit(_LOOK_BACK)
    )
    found = list(heard)
    if found and found[0][0] == message.answers:
        asked = Arrival.of(found[0][1])
    before = 0
    if message.answers is not None and message.buttons:
        query = (
            sa.select(messages.c.buttons)
            .where(messages.c.conversation_id == row["conversation_id"])
            .where(messages.c.answers == message.answers)
            .where(messages.c.seq < message.seq)
        )
        before = sum(len(each[0] or []) for each in await connection.execute(query))
    return Outgoing(
        message,
        asked,
        choices_before=before,
        heard=next((arrival for each in found if (arrival := Arrival.of(each[1]))), None),
        understood=[each[2] or {} for each in found],
        reason=row["reason"],
    )


async def _answered_by(connection: AsyncConnection, route: Route) -> None:
    """In a private chat that several conversations share, it goes on in the officer's."""
    address = route.address
    private = route.private or ("" if address.is_group else address.chat)
    if private:
        here = Address(address.channel, private, address.sender)
        await lead_to(connection, here, route.conversation_id)
