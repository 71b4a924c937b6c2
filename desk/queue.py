"""What the desk shows of all conversations: who waits, who holds what, which alarms ring."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import LanguageState
from desk.history import officer_json
from desk.tables import officers, reads
from hub.database import conversations, emergencies, messages
from hub.handoffs import urgency
from hub.log import utc

SHOWN = 200
"""Conversations in the list at most; those that wait or are held come first."""

RUNNING = timedelta(hours=2)
"""How long after its last message a conversation with the assistant can still be watched."""

ALARMS = timedelta(hours=12)
"""How long a call for help rings when nobody acknowledges it."""


async def queue(connection: AsyncConnection, officer_id: int, now: datetime) -> dict[str, Any]:
    """``{"conversations", "officers", "alarms"}``, as an officer sees them."""
    colleagues = {row["id"]: row for row in (await connection.execute(_officers())).mappings()}
    query = (
        sa.select(conversations)
        .where(
            sa.or_(conversations.c.owner != "assistant", conversations.c.updated_at > now - RUNNING)
        )
        .order_by(conversations.c.updated_at.desc())
        .limit(SHOWN)
    )
    rows = list((await connection.execute(query)).mappings())
    ids = [row["id"] for row in rows]
    last = await _last_messages(connection, ids)
    # what the assistant answers is nobody's to read
    needed = [row["id"] for row in rows if row["owner"] != "assistant"]
    unread = await _unread(connection, needed, officer_id)
    listed = [
        {
            **shown(row, colleagues, officer_id, now, last.get(row["id"], [])),
            "unread": unread.get(row["id"], 0),
        }
        for row in rows
    ]
    ordered = sorted(zip(rows, listed), key=lambda pair: _order(pair[0], officer_id))
    return {
        "conversations": [each for _, each in ordered],
        "officers": [
            {name: row[name] for name in ("id", "number", "name", "role", "presence")}
            for row in colleagues.values()
        ],
        "alarms": await _alarms(connection, now),
    }


def shown(
    row: Any, colleagues: dict[int, Any], officer_id: int, now: datetime, last: list[Any]
) -> dict[str, Any]:
    """One conversation as the desk lists it."""
    language = LanguageState.from_dict(row["language_state"]).current
    said = [message for message in last if message["author"] == "traveler"]
    since = utc(row["since"]) if row["since"] else None
    return {
        "id": row["id"],
        "owner": row["owner"],
        "officer": officer_json(row["officer"], colleagues),
        "mine": row["officer"] == officer_id,
        "reason": row["reason"],
        "since": since.isoformat() if since else None,
        "waited": (now - since).total_seconds() if since else None,
        "wanted": row["wanted"],
        "closed": bool(row["closed"]),
        "language": language.code if language else None,
        "script": language.script if language else None,
        "channel": row["channel"],
        "first_words": said[0]["text"][:120] if said else "",
        "last_words": last[-1]["text"][:120] if last else "",
        "last_seq": row["last_seq"],
        "received": row["received"],
        "last_at": utc(row["updated_at"]).isoformat(),
    }


async def colleagues_of(connection: AsyncConnection) -> dict[int, Any]:
    """Officers' rows by id."""
    return {row["id"]: row for row in (await connection.execute(_officers())).mappings()}


def _officers() -> Any:
    return sa.select(officers).where(officers.c.disabled.is_(False)).order_by(officers.c.number)


def _order(row: Any, officer_id: int) -> tuple[Any, ...]:
    if row["owner"] == "queue":
        return (0, *urgency(row))
    if row["owner"] == "officer":
        return (1 if row["officer"] == officer_id else 2, -utc(row["updated_at"]).timestamp())
    return (3, -utc(row["updated_at"]).timestamp())


async def _last_messages(connection: AsyncConnection, ids: list[str]) -> dict[str, list[Any]]:
    """The first and the last few messages of conversations, in order."""
    if not ids:
        return {}
    query = (
        sa.select(messages.c.conversation_id, messages.c.seq, messages.c.author, messages.c.text)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.conversation_id.in_(ids))
        .where(sa.or_(messages.c.seq <= 2, messages.c.seq > conversations.c.last_seq - 2))
        .order_by(messages.c.seq)
    )
    found: dict[str, list[Any]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["conversation_id"], []).append(row)
    return found


async def _unread(connection: AsyncConnection, ids: list[str], officer_id: int) -> dict[str, int]:
    """Travelers' messages beyond an officer's read position, by conversation."""
    position = sa.and_(
        reads.c.conversation_id == messages.c.conversation_id, reads.c.officer_id == officer_id
    )
    query = (
        sa.select(messages.c.conversation_id, sa.func.count())
        .select_from(messages.outerjoin(reads, position))
        .where(messages.c.conversation_id.in_(ids))
        .where(messages.c.author == "traveler")
        .where(messages.c.seq > sa.func.coalesce(reads.c.seq, 0))
        .group_by(messages.c.conversation_id)
    )
    return {row[0]: row[1] for row in await connection.execute(query)} if ids else {}


async def _alarms(connection: AsyncConnection, now: datetime) -> list[dict[str, Any]]:
    """Calls for help that nobody has acknowledged yet, the oldest first."""
    query = (
        sa.select(emergencies)
        .where(emergencies.c.mistaken.is_(False))
        .where(emergencies.c.acknowledged_at.is_(None))
        .where(emergencies.c.created_at > now - ALARMS)
        .order_by(emergencies.c.created_at)
    )
    return [
        {
            **{name: row[name] for name in ("conversation_id", "seq", "kind", "place", "language")},
            "created_at": utc(row["created_at"]).isoformat(),
            "escalated": (now - utc(row["created_at"])).total_seconds() > 60,
        }
        for row in (await connection.execute(query)).mappings()
    ]
