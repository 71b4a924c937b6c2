"""Deletes for good what the settings no longer keep: unused conversations, old calls for help."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from hub import emergency_log
from hub.database import Database
from hub.dispatch import Dispatcher
from hub.log import ConversationLog, UnknownConversationError
from hub.settings import Settings

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds between two rounds."""


async def delete_unused(conversation_log: ConversationLog, days: int, now: datetime) -> int:
    """Deletes what has not changed for ``days`` before ``now`` (UTC); returns how many."""
    unused = await conversation_log.unused_since(now - timedelta(days=days))
    for conversation_id in unused:
        with contextlib.suppress(UnknownConversationError):
            await conversation_log.delete(conversation_id)
    return len(unused)


async def keep_for(
    conversation_log: ConversationLog,
    dispatcher: Dispatcher,
    settings: Settings,
    database: Database,
) -> None:
    """Goes on deleting until cancelled."""
    while True:
        now = datetime.now(UTC)
        try:
            if count := await delete_unused(conversation_log, settings.keep_days, now):
                log.info("deleted %d conversations unused for %d days", count, settings.keep_days)
                dispatcher.forget_soon()
            await emergency_log.delete_before(
                database, now - timedelta(days=settings.keep_audit_days)
            )
        except Exception:
            log.exception("deleting unused conversations failed; next try in %.0f s", EVERY)
        await asyncio.sleep(EVERY)
