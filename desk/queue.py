"""What the desk shows of all conversations: who waits, who holds what, which alarms ring."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import LanguageState
from desk.history import officer_json
from desk.tables import officers, reads
from hub.database import conversations, emergencies, messages
from hub.desk_hours import DeskHours
from hub.handoffs import urgency
from hub.log import utc

SHOWN = 200
"""Conversations in the list at most; those that wait or are held come first."""

RUNNING = timedelta(hours=2)
"""How long after its last message a conversation with the assistant can still be watched."""

ALARMS = timedelta(hours=12)
"""How long a call for help rings when nobody acknowledges it."""


@dataclass(frozen=True)
class Picture:
    """All conversations that the desk shows at one moment, for whichever officer looks.

    ``said`` holds the numbers of travelers' messages that a person has to read, ``read`` how far
    officers have read, by conversation and officer.
    """

    now: datetime
    rows: list[Any]
    last: dict[str, list[Any]]
    said: dict[str, list[int]]
    read: dict[tuple[str, int], int]
    colleagues: dict[int, Any]
    alarms: list[dict[str, Any]]
    hours: dict[str, Any]

    def seen_by(self, officer_id: int) -> dict[str, Any]:
        """``{"conversations", "officers", "alarms", "hours"}``, as an officer sees them."""
        listed = [self.listed(row, officer_id) for row in self._ordered(officer_id)]
        return {"conversations": listed, **self._beside()}

    def told_to(self, officer_id: int) -> tuple[str, str]:
        """The same as JSON, and what of it does not change by time alone.

        What all officers see of a conversation is put into text once, whoever is told.
        """
        texts: list[str] = []
        still: list[str] = []
        for row in self._ordered(officer_id):
            common, waited = self._texts[row["id"]]
            own = self._own(row, officer_id)
            own_text = json.dumps(own)[1:]
            texts.append(f'{common[:-1]}, "waited": {waited}, {own_text}')
            still += (common, own_text)
        beside = json.dumps(self._beside(), ensure_ascii=False)[1:]
        return f'{{"conversations": [{", ".join(texts)}], {beside}', "".join((*still, beside))

    def listed(self, row: Any, officer_id: int) -> dict[str, Any]:
        """A row of ``conversations`` as the desk lists it, with its unread count."""
        last = self.last.get(row["id"], [])
        listed = shown(row, self.colleagues, officer_id, self.now, last)
        return {**listed, **self._own(row, officer_id)}

    def _own(self, row: Any, officer_id: int) -> dict[str, Any]:
        """What is each officer's own: whether they hold it, and how much they have not read."""
        said = self.said.get(row["id"], [])
        read = self.read.get((row["id"], officer_id), 0)
        return {
            "mine": row["officer"] == officer_id,
            "unread": len(said) - bisect_right(said, read),
        }

    @cached_property
    def _texts(self) -> dict[str, tuple[str, str]]:
        """Of each conversation what is the same for all officers, and its seconds of waiting."""
        texts = {}
        for row in self.rows:
            common = shown(row, self.colleagues, 0, self.now, self.last.get(row["id"], []))
            waited = json.dumps(common.pop("waited"))
            del common["mine"]
            texts[row["id"]] = json.dumps(common, ensure_ascii=False), waited
        return texts

    def _ordered(self, officer_id: int) -> list[Any]:
        return sorted(self.rows, key=lambda row: _order(row, officer_id))

    def _beside(self) -> dict[str, Any]:
        names = ("id", "number", "name", "role", "presence")
        officers_ = [
            {name: row[name] for name in names}
            for row in self.colleagues.values()
            if not row["disabled"]
        ]
        return {"officers": officers_, "alarms": self.alarms, "hours": self.hours}


async def picture(connection: AsyncConnection, now: datetime, hours: DeskHours) -> Picture:
    """What the desk shows now: who waits and is held, and what was said lately."""
    query = (
        sa.select(conversations)
        .where(
            sa.or_(conversations.c.owner != "assistant", conversations.c.updated_at > now - RUNNING)
        )
        .order_by(conversations.c.updated_at.desc())
        .limit(SHOWN)
    )
    rows = list((await connection.execute(query)).mappings())
    return await picture_of(connection, rows, now, hours)


async def picture_of(
    connection: AsyncConnection, rows: list[Any], now: datetime, hours: DeskHours
) -> Picture:
    """The same of given rows of ``conversations``."""
    # what the assistant answers is nobody's to read
    needed = [row["id"] for row in rows if row["owner"] != "assistant"]
    return Picture(
        now=now,
        rows=rows,
        last=await _last_messages(connection, [row["id"] for row in rows]),
        said=await _said(connection, needed),
        read=await _read(connection, needed),
        colleagues=await colleagues_of(connection),
        alarms=await _alarms(connection, now),
        hours=hours.at(now).as_json(),
    )


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
    """Officers' rows by id; what one did is theirs also after their account was disabled."""
    query = sa.select(officers).order_by(officers.c.number)
    return {row["id"]: row for row in (await connection.execute(query)).mappings()}


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
        .where(messages.c.hidden.is_(False))
        .order_by(messages.c.seq)
    )
    found: dict[str, list[Any]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["conversation_id"], []).append(row)
    return found


async def _said(connection: AsyncConnection, ids: list[str]) -> dict[str, list[int]]:
    """The numbers of travelers' messages, in order."""
    query = (
        sa.select(messages.c.conversation_id, messages.c.seq)
        .where(messages.c.conversation_id.in_(ids))
        .where(messages.c.author == "traveler")
        .order_by(messages.c.conversation_id, messages.c.seq)
    )
    found: dict[str, list[int]] = {}
    for conversation_id, seq in await connection.execute(query) if ids else []:
        found.setdefault(conversation_id, []).append(seq)
    return found


async def _read(connection: AsyncConnection, ids: list[str]) -> dict[tuple[str, int], int]:
    query = sa.select(reads).where(reads.c.conversation_id.in_(ids))
    rows = (await connection.execute(query)).mappings() if ids else []
    return {(row["conversation_id"], row["officer_id"]): row["seq"] for row in rows}


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
            "escalated": row["escalated_at"] is not None,
        }
        for row in (await connection.execute(query)).mappings()
    ]
