"""Deletes for good what the desk no longer keeps: idle sessions, the old audit log."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from desk.sessions import end_idle
from desk.tables import audit_log, reads
from hub.database import Database, conversations, handoffs

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two rounds."""


async def delete_old(database: Database, days: int, now: datetime) -> int:
    """Ends idle sessions, deletes what was done before ``days`` ago; returns how many entries."""
    before = now - timedelta(days=days)
    async with database.write() as connection:
        await end_idle(connection, now)
        await connection.execute(handoffs.delete().where(handoffs.c.asked_at < before))
        gone = reads.c.conversation_id.not_in(sa.select(conversations.c.id))
        await connection.execute(reads.delete().where(gone))
        deleted = await connection.execute(audit_log.delete().where(audit_log.c.at < before))
        return int(deleted.rowcount)


async def keep_for(database: Database, days: int) -> None:
    """Goes on deleting until cancelled."""
    while True:
        try:
            if count := await delete_old(database, days, datetime.now(UTC)):
                log.info("deleted %d entries of the audit log older than %d days", count, days)
        except Exception:
            log.exception("deleting old entries of the desk failed; next try in %.0f s", EVERY)
        await asyncio.sleep(EVERY)
