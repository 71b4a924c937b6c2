"""Tells a gateway outside the house (SMS, pagers) of alarms that have gone to the supervisors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import sqlalchemy as sa

from desk.alarms import PUSHED, note, noted_of
from desk.queue import ALARMS
from hub.database import Database, emergencies
from hub.log import utc
from hub.settings import Settings

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks at what has to be sent."""

TIMEOUT = aiohttp.ClientTimeout(total=10)

LONGEST_PAUSE = timedelta(minutes=1)
"""The pause after a failed try doubles from a second up to this."""


class Pager:
    """Sends each escalated alarm until the gateway has taken it or a person has acknowledged it.

    What was taken stands in the audit log: a hub that dies in between sends again.
    """

    def __init__(
        self, database: Database, session: aiohttp.ClientSession, settings: Settings
    ) -> None:
        self._database = database
        self._session = session
        self._webhook = settings.alarm_webhook
        self._desk = f"{settings.public_url.rstrip('/')}/desk"
        self._failed: dict[tuple[str, int], tuple[int, datetime]] = {}

    async def push(self, now: datetime) -> None:
        """Sends what is due at ``now`` (UTC)."""
        query = (
            sa.select(emergencies)
            .where(emergencies.c.escalated_at.is_not(None))
            .where(emergencies.c.acknowledged_at.is_(None))
            .where(emergencies.c.mistaken.is_(False))
            .where(emergencies.c.created_at > now - ALARMS)
        )
        async with self._database.read() as connection:
            calls = list((await connection.execute(query)).mappings())
            noted = await noted_of(connection, calls) if calls else {}
        left = {_key(call): call for call in calls if PUSHED not in noted.get(_key(call), ())}
        self._failed = {key: tries for key, tries in self._failed.items() if key in left}
        due = [
            call
            for key, call in left.items()
            if key not in self._failed or self._failed[key][1] <= now
        ]
        await asyncio.gather(*(self._send(call, now) for call in due))

    async def _send(self, call: Any, now: datetime) -> None:
        if problem := await self._post(call):
            tries = self._failed.get(_key(call), (0, now))[0] + 1
            # doubled often enough, no number is too large for the longest pause
            pause = min(timedelta(seconds=2 ** min(tries - 1, 10)), LONGEST_PAUSE)
            self._failed[_key(call)] = (tries, now + pause)
            log.error(
                "the alarm of %s is not sent out: %s; try %d failed, the next in %.0f s",
                call["conversation_id"],
                problem,
                tries,
                pause.total_seconds(),
            )
            return
        async with self._database.write() as connection:
            await note(connection, call, PUSHED, now)

    async def _post(self, call: Any) -> str | None:
        """What went wrong; the gateway's address, which may hold a key, is not named."""
        body = {
            **{name: call[name] for name in ("kind", "place", "language", "conversation_id")},
            "created_at": utc(call["created_at"]).isoformat(),
            "desk_url": f"{self._desk}#{call['conversation_id']}",
        }
        try:
            async with self._session.post(
                self._webhook, json=body, timeout=TIMEOUT, allow_redirects=False
            ) as response:
                return None if 200 <= response.status < 300 else f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return type(error).__name__


async def page(pager: Pager, clock: Callable[[], datetime]) -> None:
    """Goes on sending until cancelled."""
    while True:
        try:
            await pager.push(clock())
        except Exception:
            log.exception("sending alarms out failed; next try in %.0f s", EVERY)
        await asyncio.sleep(EVERY)


def _key(call: Any) -> tuple[str, int]:
    return call["conversation_id"], call["seq"]
