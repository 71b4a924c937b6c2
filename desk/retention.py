"""The job that deletes for good what is no longer kept, and reports what it removed."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from desk.accounts import audit
from desk.sessions import end_idle
from desk.tables import audit_log
from hub.briefings import delete_ended
from hub.database import Database
from hub.dispatch import Dispatcher
from hub.forget_requests import delete_old
from hub.handoffs import DESK
from hub.log import ConversationLog
from hub.retention import delete_calls, delete_leftovers, delete_unused
from hub.settings import Settings
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two rounds."""


class Retention:
    """Deletes unused conversations with all that stands beside them, and the desk's old entries."""

    def __init__(
        self,
        database: Database,
        conversation_log: ConversationLog,
        dispatcher: Dispatcher,
        wakeups: Wakeups,
        settings: Settings,
    ) -> None:
        self._database = database
        self._log = conversation_log
        self._dispatcher = dispatcher
        self._wakeups = wakeups
        self._keep = timedelta(days=settings.keep_days)
        self._keep_audit = timedelta(days=settings.keep_audit_days)
        self._keep_requests = timedelta(days=settings.keep_requests_days)

    async def round(self, now: datetime) -> Counter[str]:
        """Deletes what is too old at ``now`` (UTC); returns how many rows of which table.

        That is a line of the process's log, and an entry of the audit log where anything was
        removed.
        """
        deleted, removed = await delete_unused(self._log, now - self._keep)
        for conversation_id in deleted:
            self._wakeups.wake(conversation_id)
        if deleted:
            self._dispatcher.forget_soon()
            self._wakeups.wake(DESK)
        removed += await self._delete_old(now, removed)
        told = ", ".join(f"{table} {count}" for table, count in sorted(removed.items()))
        log.info("removed for good: %s", told or "nothing")
        return removed

    async def _delete_old(self, now: datetime, with_them: Counter[str]) -> Counter[str]:
        before = now - self._keep_audit
        async with self._database.write() as connection:
            removed = await delete_leftovers(connection)
            removed += await delete_calls(connection, before)
            removed += await delete_old(connection, now - self._keep_requests)
            removed += await end_idle(connection, now)
            removed += await delete_ended(connection, now)
            old = audit_log.delete().where(audit_log.c.at < before)
            removed[audit_log.name] += (await connection.execute(old)).rowcount
            # without what is none
            removed = +removed
            if report := removed + with_them:
                await audit(connection, None, "removed", rows=dict(report))
        return removed


async def keep_for(retention: Retention, clock: Callable[[], datetime]) -> None:
    """Goes on deleting until cancelled."""
    while True:
        try:
            await retention.round(clock())
        except Exception:
            log.exception("deleting what is old failed; next try in %.0f s", EVERY)
        await asyncio.sleep(EVERY)
