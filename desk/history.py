"""What an officer sees of a conversation: messages, notes, who spoke from when on."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.conversation import Message
from hub.database import messages, notes, owner_changes, turns
from hub.log import utc

Colleagues = Mapping[int, Any]
"""Officers' rows by id, those too whose account is disabled by now."""


def officer_json(officer: int | None, colleagues: Colleagues) -> dict[str, Any] | None:
    """``{"id", "number", "name"}``, or ``None`` for nobody."""
    row = colleagues.get(officer) if officer is not None else None
    return row and {name: row[name] for name in ("id", "number", "name")}


def message_json(
    message: Message, colleagues: Colleagues, understood: Any = None
) -> dict[str, Any]:
    """A message as the desk shows it: who wrote it, and what the assistant understood.

    Of a ``hidden`` one nothing but that it is there.
    """
    officer = officer_json(message.officer, colleagues)
    shown = {**message.as_json(), "officer": officer, "understood": understood}
    if message.hidden:
        shown |= {"text": "", "buttons": None, "card": None, "understood": None}
    return {**shown, "hidden": message.hidden}


def delivery_json(known: Mapping[str, Any] | None) -> dict[str, Any]:
    """What became of a message on its network; nothing on the page, which confirms by itself."""
    return {"delivery": known["state"], "why": known["why"]} if known else {}


async def understood_in(
    connection: AsyncConnection, conversation_id: str, seqs: Collection[int] | None = None
) -> dict[int, Any]:
    """What was understood of the messages that have been dealt with, by number."""
    hidden = (
        sa.select(messages.c.seq)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.hidden.is_(True))
    )
    query = (
        sa.select(turns.c.seq, turns.c.understood)
        .where(turns.c.conversation_id == conversation_id)
        .where(turns.c.answered.is_(True))
        .where(turns.c.seq.not_in(hidden))
    )
    if seqs is not None:
        query = query.where(turns.c.seq.in_(seqs))
    return {row["seq"]: row["understood"] for row in (await connection.execute(query)).mappings()}


async def notes_after(
    connection: AsyncConnection, conversation_id: str, last: int, colleagues: Colleagues
) -> list[dict[str, Any]]:
    """Notes with a higher number than ``last``, in order."""
    return [
        {
            **{name: row[name] for name in ("id", "text")},
            "officer": officer_json(row["officer"], colleagues),
            "created_at": utc(row["created_at"]).isoformat(),
        }
        for row in await _after(connection, notes, conversation_id, last)
    ]


async def changes_after(
    connection: AsyncConnection, conversation_id: str, last: int, colleagues: Colleagues
) -> list[dict[str, Any]]:
    """Changes of who speaks with a higher number than ``last``, in order."""
    return [
        {
            **{name: row[name] for name in ("id", "seq", "what", "owner", "reason", "closed")},
            "officer": officer_json(row["officer"], colleagues),
            "created_at": utc(row["created_at"]).isoformat(),
        }
        for row in await _after(connection, owner_changes, conversation_id, last)
    ]


async def _after(
    connection: AsyncConnection, table: sa.Table, conversation_id: str, last: int
) -> list[Any]:
    query = (
        sa.select(table)
        .where(table.c.conversation_id == conversation_id)
        .where(table.c.id > last)
        .order_by(table.c.id)
    )
    return list((await connection.execute(query)).mappings())
