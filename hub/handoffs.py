"""Officers in and out of conversations: the rules of ``ownership``, kept in the database.

Each change is one transaction that reads the conversation, applies a rule,
stores the outcome and tells the traveler, so two officers can't both win.
"""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language, LanguageState
from hub import emergency_log, ownership
from hub.conversation import Draft
from hub.database import Database, conversations, handoffs, owner_changes
from hub.desk_hours import DeskHours, Opening
from hub.log import FIELDS, UnknownConversationError, append, ownership_of, row_of, utc
from hub.ownership import Ownership, Reason
from hub.wakeups import Wakeups
from hub.words import words

DESK = "desk"
"""What ``Wakeups`` is woken with when the queue changed."""

RECENT = 20
"""Pick-ups whose median tells how long waiting takes."""

FEWEST = 3
"""Pick-ups without which that is not known."""

OnDuty = Callable[[AsyncConnection], Awaitable[int]]


@dataclass(frozen=True)
class Waiting:
    """Where a traveler stands: ``place`` in the queue from 1 (0 when not in it), how many officers
    are on duty, the seconds that recent travelers waited, if it is known, and the desk's hours.

    The hours promise nobody: who is on duty is there off hours too, and who is not is not."""

    owner: ownership.Owner
    place: int
    on_duty: int
    wait: float | None
    hours: Opening

    def as_json(self) -> dict[str, Any]:
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**known, "hours": self.hours.as_json()}


class Handoffs:
    """Changes who speaks, and says so to the traveler in their language.

    ``changed`` is called with the conversation's id after every change.
    """

    def __init__(
        self, database: Database, wakeups: Wakeups, on_duty: OnDuty, hours: DeskHours
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._on_duty = on_duty
        self._hours = hours
        self.changed: list[Callable[[str], None]] = []

    async def alarm(self, conversation_id: str, seq: int, kind: str) -> None:
        """Message number ``seq`` called for help: it stands first in the queue."""
        reason: Reason = "danger" if kind == "danger" else "emergency"
        with contextlib.suppress(UnknownConversationError):
            await self.ask(conversation_id, reason, f"{conversation_id}:{seq}:emergency")

    async def false_alarm(self, conversation_id: str, seq: int) -> None:
        """Message number ``seq`` was no call; what else the traveler asked a person for stays."""
        await self.settle(conversation_id, f"{conversation_id}:{seq}:emergency")

    async def settle(self, conversation_id: str, key: str) -> None:
        """What was asked under ``key`` needs nobody any more; what else was asked for stays.

        Raises:
            UnknownConversationError
        """
        not_over = handoffs.c.ended_at.is_(None)
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            ended = await connection.execute(
                handoffs.update()
                .where(handoffs.c.key == key)
                .where(not_over)
                .values(ended_at=datetime.now(UTC))
            )
            if ended.rowcount:
                left = await connection.execute(
                    sa.select(handoffs.c.reason)
                    .where(handoffs.c.conversation_id == conversation_id)
                    .where(not_over)
                )
                after = ownership.calm(ownership_of(row), [reason for (reason,) in left])
                # who settled it has told the traveler; the queue needs no further word
                await _store(connection, row, after, None)
        self._wake(conversation_id)

    async def alarm_what_was_missed(self, since: datetime) -> None:
        """Alarms for calls after which the hub died before it could."""
        for call in await emergency_log.since(self._database, since):
            if not call["mistaken"]:
                await self.alarm(call["conversation_id"], call["seq"], call["kind"])

    async def ask(self, conversation_id: str, reason: Reason, key: str) -> Waiting:
        """A person is needed; the same ``key`` again changes nothing.

        Raises:
            UnknownConversationError
        """
        now = datetime.now(UTC)
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            known = await connection.scalar(sa.select(handoffs.c.id).where(handoffs.c.key == key))
            if known is None:
                await connection.execute(
                    handoffs.insert().values(
                        conversation_id=conversation_id, key=key, reason=reason, asked_at=now
                    )
                )
                before = ownership_of(row)
                entry = None
                if before.owner == "assistant":
                    entry = _entry(reason, await self._on_duty(connection))
                await _store(connection, row, ownership.ask(before, reason, now), entry)
            waiting = await self._waiting(connection, conversation_id)
        self._wake(conversation_id)
        return waiting

    async def call_off(self, conversation_id: str) -> None:
        """Raises ``RefusedError`` (``not_waiting``) or ``UnknownConversationError``."""
        await self.change(conversation_id, ownership.call_off, "called_off")

    async def change(
        self,
        conversation_id: str,
        rule: Callable[[Ownership], Ownership],
        entry: str | None = None,
        **told: str,
    ) -> Ownership:
        """Applies a rule; the words ``system.<entry>``, filled with ``told``, tell the traveler.

        Raises:
            RefusedError: the rule says no; nothing is changed.
            UnknownConversationError
        """
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            before = ownership_of(row)
            after = rule(before)
            same_speaker = (before.owner, before.officer) == (after.owner, after.officer)
            await _store(connection, row, after, None if same_speaker else entry, **told)
            await _note_times(connection, conversation_id, before, after)
        self._wake(conversation_id)
        return after

    async def expire(self, now: datetime) -> list[str]:
        """Puts back into the queue what officers hold who gave no sign; returns which."""
        query = (
            sa.select(conversations.c.id)
            .where(conversations.c.owner == "officer")
            .where(conversations.c.lease_until <= now)
        )
        async with self._database.read() as connection:
            over = [row[0] for row in await connection.execute(query)]
        for conversation_id in over:
            await self.change(
                conversation_id, lambda state: ownership.expire(state, now), "officer_gone"
            )
        return over

    async def _waiting(self, connection: AsyncConnection, conversation_id: str) -> Waiting:
        row = await row_of(connection, conversation_id)
        place = 0
        if row["owner"] == "queue":
            queue = await connection.execute(
                sa.select(conversations.c.id, conversations.c.reason, conversations.c.since).where(
                    conversations.c.owner == "queue"
                )
            )
            place = [each["id"] for each in sorted(queue.mappings(), key=urgency)].index(
                conversation_id
            ) + 1
        recent = await connection.execute(
            sa.select(handoffs.c.asked_at, handoffs.c.claimed_at)
            .where(handoffs.c.claimed_at.is_not(None))
            .order_by(handoffs.c.claimed_at.desc())
            .limit(RECENT)
        )
        waits = [(claimed - asked).total_seconds() for asked, claimed in recent]
        wait = statistics.median(waits) if len(waits) >= FEWEST else None
        on_duty, hours = await self._on_duty(connection), self._hours.at(datetime.now(UTC))
        return Waiting(row["owner"], place, on_duty, wait, hours)

    def _wake(self, conversation_id: str) -> None:
        self._wakeups.wake(conversation_id)
        self._wakeups.wake(DESK)
        for callback in self.changed:
            callback(conversation_id)


def _entry(reason: Reason, on_duty: int) -> str | None:
    """What a traveler who begins to wait is told; no hope is made that nobody is there to keep."""
    if reason == "request":
        # they asked for help at the port, and have a number; nobody is to join the conversation
        return None
    if reason in ("emergency", "danger"):
        return "alarmed" if on_duty else None
    return "queued" if on_duty else "unmanned"


def urgency(row: Any) -> tuple[int, float]:
    """Orders the queue: the most urgent first, among equals who waits longest."""
    return ownership.REASONS.index(row["reason"]), utc(row["since"]).timestamp()


async def _store(
    connection: AsyncConnection, row: Any, after: Ownership, entry: str | None, **told: str
) -> None:
    drafts = []
    if entry:
        language = LanguageState.from_dict(row["language_state"]).current or Language("en", "Latn")
        text = words(language)["system"][entry].format(**told)
        drafts.append(Draft("system", text, language.code, language.script))
    before = ownership_of(row)
    changes = {name: getattr(after, name) for name in FIELDS}
    seq = await append(connection, row, drafts, **changes)
    if _speakers(before) != _speakers(after):
        await connection.execute(
            owner_changes.insert().values(
                conversation_id=row["id"],
                seq=seq,
                what=entry,
                owner=after.owner,
                officer=after.officer,
                reason=after.reason,
                closed=after.closed,
                created_at=datetime.now(UTC),
                # the assistant need know only where it stops and where it goes on
                told=before.owner != "officer" and after.owner != "officer",
            )
        )


def _speakers(state: Ownership) -> tuple[ownership.Owner, int | None, bool]:
    return state.owner, state.officer, state.closed


async def _note_times(
    connection: AsyncConnection, conversation_id: str, before: Ownership, after: Ownership
) -> None:
    """Notes when who asked was picked up, and when it was over."""
    now = datetime.now(UTC)
    open_ones = handoffs.update().where(handoffs.c.conversation_id == conversation_id)
    if before.owner == "queue" and after.owner == "officer":
        await connection.execute(
            open_ones.where(handoffs.c.claimed_at.is_(None))
            .where(handoffs.c.ended_at.is_(None))
            .values(claimed_at=now)
        )
    if after.owner == "assistant" and before.owner != "assistant":
        await connection.execute(
            open_ones.where(handoffs.c.ended_at.is_(None)).values(ended_at=now)
        )
