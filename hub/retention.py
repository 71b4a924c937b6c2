"""Deletes for good what the settings no longer keep of conversations; the desk's job calls it."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.database import conversations, emergencies, handoffs, parts_of_conversations
from hub.log import ConversationLog, UnknownConversationError


async def delete_unused(
    conversation_log: ConversationLog, before: datetime
) -> tuple[list[str], Counter[str]]:
    """Deletes conversations without a change since ``before`` (UTC).

    Returns which, and how many rows of which table that were.
    """
    deleted, removed = [], Counter[str]()
    for conversation_id in await conversation_log.unused_since(before):
        with contextlib.suppress(UnknownConversationError):
            if rows := await conversation_log.delete(conversation_id, unused_since=before):
                deleted.append(conversation_id)
                removed += rows
    return deleted, removed


async def delete_leftovers(connection: AsyncConnection) -> Counter[str]:
    """Deletes what was written beside a conversation while it was being deleted."""
    removed: Counter[str] = Counter()
    for table in parts_of_conversations():
        # with no conversation at all, even nothing is not among them
        gone = sa.and_(
            table.c.conversation_id.is_not(None),
            table.c.conversation_id.not_in(sa.select(conversations.c.id)),
        )
        removed[table.name] += (await connection.execute(table.delete().where(gone))).rowcount
    return removed


async def delete_calls(connection: AsyncConnection, before: datetime) -> Counter[str]:
    """Deletes calls for help, and times that a person was asked for, from before a moment (UTC)."""
    old = {emergencies: emergencies.c.created_at, handoffs: handoffs.c.asked_at}
    return Counter(
        {
            table.name: (await connection.execute(table.delete().where(at < before))).rowcount
            for table, at in old.items()
        }
    )
