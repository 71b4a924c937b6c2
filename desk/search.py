"""Searching all conversations, closed and old ones too: by words, number, language, day, state."""

from __future__ import annotations

import bisect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import SCRIPTS
from bot.scripts import searchable
from desk.accounts import audit
from desk.days import day_at_port
from desk.queue import picture_of
from desk.sessions import officer_of
from hub.database import conversations, handoffs, message_words, messages
from hub.errors import ApiError
from hub.keys import DATABASE, HOURS
from hub.log import utc
from hub.ownership import REASONS

PAGE = 50
"""Conversations of one answer."""

LONGEST = 200
"""Characters that one parameter may have."""

AROUND = 60
"""Characters that are shown before and after words that were found."""

STATES = ("assistant", "queue", "officer", "closed")

router = web.RouteTableDef()


@dataclass(frozen=True)
class Wanted:
    """What is searched for. ``words`` are spelt as ``searchable`` spells, and stand in one message;
    ``day`` holds when a day of the port begins and ends; ``before`` is UTC, too."""

    words: tuple[str, ...] = ()
    number: str | None = None
    language: str | None = None
    channel: str | None = None
    day: tuple[datetime, datetime] | None = None
    state: str | None = None
    reason: str | None = None
    before: datetime | None = None


@router.get("/desk/api/search")
async def search(request: web.Request) -> web.Response:
    """``?q=&number=&language=&channel=&day=&state=&reason=&before=``, none of which must be there.

    → ``{"conversations": [as in the queue, with "found"], "more": "…"}``, newest first; ``more``
    is the ``before`` of the next page.
    """
    officer = await officer_of(request)
    given = {name: value.strip() for name, value in request.query.items() if value.strip()}
    wanted = _wanted(given)
    async with request.app[DATABASE].write() as connection:
        # whom an officer looks for is nobody's to read later, that they looked is
        filters: dict[str, Any] = {name: value for name, value in given.items() if name != "q"}
        await audit(connection, officer.id, "searched", words=bool(wanted.words), **filters)
    async with request.app[DATABASE].read() as connection:
        rows, more = await find(connection, wanted)
        seen = await picture_of(connection, rows, datetime.now(UTC), request.app[HOURS])
        found = await _found(connection, [row["id"] for row in rows], wanted)
    return web.json_response(
        {
            "conversations": [
                {**seen.listed(row, officer.id), "found": found.get(row["id"], "")} for row in rows
            ],
            # without a plus, which an address turns into a space
            "more": more.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if more else None,
        }
    )


async def find(connection: AsyncConnection, wanted: Wanted) -> tuple[list[Any], datetime | None]:
    """Rows of ``conversations``, the newest first, and the ``before`` of the page after them."""
    query = sa.select(conversations).order_by(conversations.c.updated_at.desc())
    for condition in _conditions(wanted):
        query = query.where(condition)
    rows = list((await connection.execute(query.limit(PAGE + 1))).mappings())
    if len(rows) <= PAGE:
        return rows, None
    last = rows[PAGE - 1]["updated_at"]
    if rows[PAGE]["updated_at"] == last:
        # the next page begins before this very moment, so all of it belongs to this one
        since = query.where(conversations.c.updated_at >= last)
        rows = list((await connection.execute(since)).mappings())
        return rows, utc(last)
    return rows[:PAGE], utc(last)


def excerpt(text: str, word: str) -> str:
    """The words around the first place of a text where a ``searchable`` word stands."""
    end = bisect.bisect_left(
        range(len(text) + 1), True, key=lambda length: word in searchable(text[:length])
    )
    first, last = max(0, end - len(word) - AROUND), end + AROUND
    # a word that is cut is left out, unless it is longer than what is shown, as in Chinese
    begins = text.find(" ", first, first + AROUND // 2) + 1 or first if first else 0
    ends = text.rfind(" ", last - AROUND // 2, last) if last < len(text) else len(text)
    ends = ends if ends > end else min(last, len(text))
    shown = " ".join(text[begins:ends].split())
    return f"{'…' if begins else ''}{shown}{'…' if ends < len(text) else ''}"


def _conditions(wanted: Wanted) -> list[Any]:
    """What a row of ``conversations`` must fulfil."""
    table, conditions = conversations.c, []
    if wanted.before:
        conditions.append(table.updated_at < wanted.before)
    if wanted.number:
        number = wanted.number.lower()
        conditions.append(sa.func.lower(table.id).startswith(number, autoescape=True))
    if wanted.language:
        code = table.language_state[("current", "code")].as_string()
        conditions.append(code == wanted.language)
    if wanted.channel:
        conditions.append(table.channel == wanted.channel)
    if wanted.state == "closed":
        conditions.append(table.closed.is_(True))
    elif wanted.state:
        conditions += [table.owner == wanted.state, table.closed.is_(False)]
    if wanted.reason:
        # a conversation that is over no longer has its reason, but has had it
        asked = sa.select(handoffs.c.id).where(handoffs.c.conversation_id == table.id)
        had = asked.where(handoffs.c.reason == wanted.reason).exists()
        conditions.append(sa.or_(table.reason == wanted.reason, had))
    if wanted.day:
        begin, end = wanted.day
        conditions += [table.updated_at >= begin, table.created_at < end]
    if wanted.words or wanted.day:
        conditions.append(_said(wanted).where(messages.c.conversation_id == table.id).exists())
    return conditions


def _said(wanted: Wanted) -> Any:
    """Messages that have the words and are of the day."""
    query = sa.select(messages.c.conversation_id).select_from(
        messages.join(
            message_words,
            sa.and_(
                message_words.c.conversation_id == messages.c.conversation_id,
                message_words.c.seq == messages.c.seq,
            ),
        )
    )
    for word in wanted.words:
        query = query.where(message_words.c.words.contains(word, autoescape=True))
    if wanted.day:
        begin, end = wanted.day
        query = query.where(messages.c.created_at >= begin, messages.c.created_at < end)
    return query


async def _found(
    connection: AsyncConnection, conversation_ids: list[str], wanted: Wanted
) -> dict[str, str]:
    """The newest message that was found of each conversation, around its words."""
    if not wanted.words:
        return {}
    newest = (
        _said(wanted)
        .add_columns(sa.func.max(messages.c.seq).label("seq"))
        .where(messages.c.conversation_id.in_(conversation_ids))
        .group_by(messages.c.conversation_id)
        .subquery()
    )
    query = sa.select(messages.c.conversation_id, messages.c.text).join(
        newest,
        sa.and_(
            newest.c.conversation_id == messages.c.conversation_id,
            newest.c.seq == messages.c.seq,
        ),
    )
    rows = await connection.execute(query)
    return {conversation_id: excerpt(text, wanted.words[0]) for conversation_id, text in rows}


def _wanted(given: Mapping[str, str]) -> Wanted:
    """Raises ``ApiError("bad_request")`` for an unknown parameter, or one that can't be so."""
    for name, value in given.items():
        # PostgreSQL takes no text with a zero byte
        if name not in _READ or len(value) > LONGEST or "\x00" in value:
            raise ApiError("bad_request")
    try:
        return Wanted(**{_READ[name][0]: _READ[name][1](value) for name, value in given.items()})
    except (ValueError, OverflowError) as error:
        raise ApiError("bad_request") from error


def _words(value: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(searchable(value).split()))
    if not words:
        raise ValueError(value)
    return words


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _one_of(known: Collection[str]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known:
            raise ValueError(value)
        return value

    return read


_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    "q": ("words", _words),
    "number": ("number", str),
    "language": ("language", _one_of(SCRIPTS)),
    "channel": ("channel", str),
    "day": ("day", day_at_port),
    "state": ("state", _one_of(STATES)),
    "reason": ("reason", _one_of(REASONS)),
    "before": ("before", _moment),
}
"""Parameters: the field of ``Wanted``, and what makes its value of a text."""
