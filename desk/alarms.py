"""What becomes of calls for help: each step is noted, and what nobody acknowledges goes higher."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.accounts import audit_at
from desk.queue import ALARMS
from desk.tables import audit_log
from hub.database import Database, emergencies
from hub.handoffs import DESK
from hub.log import utc
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)

EVERY = 2.0
"""Seconds between two looks at calls for help."""

RAISED, CALLED_FALSE, ESCALATED, PUSHED = "alarm_raised", "alarm_false", "escalated", "alarm_pushed"
"""Entries of the audit log, each once a call; ``acknowledged`` is the console's."""


class Alarms:
    """Looks at the calls for help of the last hours; all it knows stands in the database."""

    def __init__(self, database: Database, wakeups: Wakeups, after: timedelta) -> None:
        self._database = database
        self._wakeups = wakeups
        self._after = after

    async def look(self, now: datetime) -> int:
        """Notes what is new at ``now`` (UTC); returns how many calls went to the supervisors.

        A call goes there once, when nobody acknowledged it or called it false in time.
        """
        async with self._database.read() as connection:
            recent = await _recent(connection, now)
            if not any(self._steps(*each, now) for each in recent):
                return 0
        escalated = 0
        async with self._database.write() as connection:
            # another hub may have been quicker
            for call, noted in await _recent(connection, now, for_update=True):
                for what, at in self._steps(call, noted, now):
                    if what == ESCALATED:
                        escalated += 1
                        await connection.execute(
                            emergencies.update().where(is_call(call)).values(escalated_at=now)
                        )
                    await note(connection, call, what, at)
        self._wakeups.wake(DESK)
        return escalated

    def _steps(self, call: Any, noted: set[str], now: datetime) -> list[tuple[str, datetime]]:
        """What has to be noted of a call, with its time, in order."""
        steps = []
        if RAISED not in noted:
            steps.append((RAISED, utc(call["created_at"])))
        if call["mistaken"]:
            if CALLED_FALSE not in noted:
                steps.append((CALLED_FALSE, now))
        elif (
            call["acknowledged_at"] is None
            and call["escalated_at"] is None
            and now >= utc(call["created_at"]) + self._after
        ):
            steps.append((ESCALATED, now))
        return steps


async def watch(alarms: Alarms, clock: Callable[[], datetime]) -> None:
    """Goes on looking until cancelled."""
    while True:
        try:
            await alarms.look(clock())
        except Exception:
            log.exception("looking at calls for help failed; next try in %.0f s", EVERY)
        await asyncio.sleep(EVERY)


async def note(connection: AsyncConnection, call: Any, what: str, at: datetime) -> None:
    """Notes a step of a call in the audit log and the process's."""
    conversation_id, seq, kind = call["conversation_id"], call["seq"], call["kind"]
    await audit_at(connection, at, None, what, conversation_id, {"seq": seq, "kind": kind})
    log.warning("%s: %s, message %d of %s", what, kind, seq, conversation_id)


async def noted_of(
    connection: AsyncConnection, calls: Iterable[Any]
) -> dict[tuple[str, int], set[str]]:
    """The entries of the audit log about calls, by conversation and seq."""
    query = (
        sa.select(audit_log.c.what, audit_log.c.conversation_id, audit_log.c.detail)
        .where(audit_log.c.conversation_id.in_({call["conversation_id"] for call in calls}))
        .where(audit_log.c.what.in_((RAISED, CALLED_FALSE, ESCALATED, PUSHED)))
    )
    found: dict[tuple[str, int], set[str]] = {}
    for what, conversation_id, detail in await connection.execute(query):
        found.setdefault((conversation_id, detail["seq"]), set()).add(what)
    return found


def is_call(call: Any) -> Any:
    """The condition that is true for one call's row."""
    return sa.and_(
        emergencies.c.conversation_id == call["conversation_id"],
        emergencies.c.seq == call["seq"],
    )


async def _recent(
    connection: AsyncConnection, now: datetime, for_update: bool = False
) -> list[tuple[Any, set[str]]]:
    """Calls that may still ring, the oldest first, each with what is noted of it."""
    query = (
        sa.select(emergencies)
        .where(emergencies.c.created_at > now - ALARMS)
        .order_by(emergencies.c.created_at, emergencies.c.seq)
    )
    if for_update:
        query = query.with_for_update()
    calls = list((await connection.execute(query)).mappings())
    noted = await noted_of(connection, calls) if calls else {}
    return [(each, noted.get((each["conversation_id"], each["seq"]), set())) for each in calls]
