"""Travelers' requests in the database: the rules of ``request_rules``, one transaction a change.

Each change reads the request, applies a rule, stores the outcome with its history and
tells the traveler, so that a cancelling traveler and an accepting officer can't both win.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language, LanguageState
from hub import request_details, request_rules
from hub.conversation import Draft
from hub.database import Database, request_history, requests
from hub.handoffs import DESK, Handoffs
from hub.hidden import hide
from hub.log import UnknownConversationError, append, row_of, utc
from hub.ownership import RefusedError
from hub.request_rules import OPEN, By, Kind, Request
from hub.request_words import told
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)

EXPIRY_EVERY = 30.0
"""Seconds between two looks at requests whose time has passed."""

SHOWN = 20
"""Requests of a conversation that it is told of at most, the newest first."""

NOBODY = ""
"""Stands for the conversation of an anonymous request."""

NOTICE = "request/"
"""How the ``client_id`` of a notice begins: it is worth more than what else the system says."""

_STORED = [field.name for field in fields(Request)]

Also = Callable[[AsyncConnection, Any], Awaitable[None]]


class UnknownRequestError(LookupError):
    """No request has that number, or none that this conversation may touch."""


class Requests:
    """Makes, finds and changes requests. ``changed_at`` is when one last changed here."""

    def __init__(self, database: Database, wakeups: Wakeups, handoffs: Handoffs) -> None:
        self._database = database
        self._wakeups = wakeups
        self._handoffs = handoffs
        self.changed_at: datetime | None = None

    async def make(
        self, conversation_id: str, kind: Kind, key: str, details: Any, now: datetime
    ) -> dict[str, Any]:
        """A new request, which stands in the officers' queue: ``{"number", "state"}``, and with
        ``waiting`` where a person is needed at once.

        The same ``key`` again is the same request. Where the conversation has an open one that
        says the same, as ``request_details`` tells it, that is given instead, with
        ``{"same": True}``. Of an anonymous one nothing tells which conversation made it.

        Raises:
            BadRequestError, UnknownConversationError
        """
        checked = request_details.checked(kind, details)
        due_at = request_details.due_at(kind, checked, now)
        anonymous = request_details.is_anonymous(checked)
        if anonymous:
            key = _digest(key)
        equal = None
        async with self._database.write() as connection:
            conversation = await row_of(connection, conversation_id, for_update=True)
            row = await _one(connection, requests.c.key == key)
            if row is None and not anonymous:
                equal = await _equal(connection, conversation_id, kind, checked, due_at)
            row = (
                row
                or equal
                or await _insert(
                    connection, conversation, kind, key, checked, due_at=due_at, now=now
                )
            )
        made = {**_shown(row), **({"same": True} if equal else {})}
        # a hub that died before this is asked again with the same key
        if row["state"] == "requested" and not anonymous:
            reason = request_details.reason(checked)
            waiting = await self._handoffs.ask(conversation_id, reason, _handoff(row))
            if reason == "asked":
                made["waiting"] = waiting.as_json()
        self.touch()
        return made

    async def hide(self, conversation_id: str, begun: str, key: str) -> None:
        """Officers no longer see what was said from message ``begun`` to message ``key``, ids as
        the assistant has them, nor the answers: it is told anonymously.

        Raises:
            UnknownConversationError
        """
        first, last = _seq(conversation_id, begun), _seq(conversation_id, key)
        if first is None or last is None:
            raise UnknownConversationError(conversation_id)
        async with self._database.write() as connection:
            await row_of(connection, conversation_id, for_update=True)
            await hide(connection, conversation_id, first, last)
        self._wakeups.wake(DESK)

    async def find(
        self, conversation_id: str, number: str | None, key: str | None = None
    ) -> list[dict[str, Any]]:
        """Requests of a conversation, the newest first; with a number only that one.

        Of another conversation's nothing is told but its state. Message ``key``, which asks for
        an anonymous one, is hidden from officers.
        """
        theirs = requests.c.conversation_id == conversation_id
        query = sa.select(requests).order_by(requests.c.id.desc()).limit(SHOWN)
        if number is None:
            query = query.where(theirs)
        else:
            query = query.where(requests.c.number == request_rules.number_said(number))
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        if key and any(row["conversation_id"] == NOBODY for row in rows):
            await self.hide(conversation_id, key, key)
        return [
            _told(row) if row["conversation_id"] == conversation_id else _shown(row) for row in rows
        ]

    async def cancel(self, conversation_id: str, number: str, key: str) -> dict[str, Any]:
        """The traveler no longer wants it: ``{"number", "state", "changed"}``.

        Who knows the number may cancel it also from another conversation, as after a new phone;
        the one that asked is told. ``changed`` is false when it was over before; the same ``key``
        again gives the same answer.

        Raises:
            UnknownRequestError
        """
        digest = _digest(key)
        await self.find(conversation_id, number, key)
        try:
            row = await self.change(
                number, request_rules.cancel, "traveler", detail={"key": digest}, told_to=key
            )
        except RefusedError:
            async with self._database.read() as connection:
                row = await _known(connection, number)
                last = await connection.execute(
                    sa.select(request_history.c.detail)
                    .where(request_history.c.request_id == row["id"])
                    .order_by(request_history.c.id.desc())
                    .limit(1)
                )
                changed = (last.scalar() or {}).get("key") == digest
            return {**_shown(row), "changed": changed}
        return {**_shown(row), "changed": True}

    async def change(
        self,
        number: str,
        rule: Callable[[Request], Request],
        by: By,
        *,
        officer: int | None = None,
        named: Callable[[LanguageState], str] | None = None,
        detail: dict[str, Any] | None = None,
        also: Also | None = None,
        told_to: str | None = None,
    ) -> Any:
        """Applies a rule; returns the row as it is afterwards.

        ``named`` gives the officer as the traveler is told; ``also`` is called in the same
        transaction with the row. A rule that changes nothing writes nothing. ``told_to`` is the key
        of a message whose answer tells the traveler already.

        Raises:
            RefusedError: the rule says no; nothing is changed.
            UnknownRequestError
        """
        now = datetime.now(UTC)
        async with self._database.write() as connection:
            row = await _known(connection, number, for_update=True)
            before = request_of(row)
            after = rule(before)
            if after == before:
                return row
            await connection.execute(
                requests.update()
                .where(requests.c.id == row["id"])
                .values(updated_at=now, **asdict(after))
            )
            await _note(connection, row["id"], after, by, officer, detail or {}, now)
            if told_to is None or not told_to.startswith(f"{row['conversation_id']}:"):
                await _tell(connection, row, after, named)
            if also:
                await also(connection, row)
            row = await _known(connection, number)
        # somebody has taken it up, or nobody need
        with contextlib.suppress(UnknownConversationError):
            await self._handoffs.settle(row["conversation_id"], _handoff(row))
        self._wakeups.wake(row["conversation_id"])
        self.touch()
        return row

    async def expire(self, now: datetime) -> list[str]:
        """Ends requests whose time passed without anybody taking them up; returns their numbers."""
        query = (
            sa.select(requests.c.number)
            .where(requests.c.state == "requested")
            .where(requests.c.due_at <= now - request_rules.EXPIRES_AFTER)
        )
        async with self._database.read() as connection:
            over = [number for (number,) in await connection.execute(query)]
        for number in over:
            await self.change(number, lambda request: request_rules.expire(request, now), "system")
        return over

    def touch(self) -> None:
        """Open desk pages look again."""
        self.changed_at = datetime.now(UTC)
        self._wakeups.wake(DESK)


async def watch(requests_: Requests, clock: Callable[[], datetime]) -> None:
    """Goes on looking for requests whose time has passed, until cancelled."""
    while True:
        try:
            await requests_.expire(clock())
        except Exception:
            log.exception("looking at requests failed; next try in %.0f s", EXPIRY_EVERY)
        await asyncio.sleep(EXPIRY_EVERY)


def request_of(row: Any) -> Request:
    """Where a request stands, from a row of ``requests``."""
    stored = {name: row[name] for name in _STORED}
    stored["due_at"] = utc(stored["due_at"]) if stored["due_at"] else None
    return Request(**stored)


async def _insert(
    connection: AsyncConnection,
    conversation: Any,
    kind: Kind,
    key: str,
    details: dict[str, Any],
    *,
    due_at: datetime | None,
    now: datetime,
) -> Any:
    language = _language(conversation)
    request = Request(due_at=due_at)
    inserted = await connection.execute(
        requests.insert().values(
            conversation_id=NOBODY if request_details.is_anonymous(details) else conversation["id"],
            kind=kind,
            details=details,
            people=details.get("people"),
            direction=details.get("direction"),
            language=language.code,
            script=language.script,
            key=key,
            created_at=now,
            updated_at=now,
            **asdict(request),
        )
    )
    (request_id,) = inserted.inserted_primary_key
    number = request_rules.number_of(request_id)
    await connection.execute(
        requests.update().where(requests.c.id == request_id).values(number=number)
    )
    await _note(connection, request_id, request, "traveler", None, {}, now)
    return await _known(connection, number)


async def _note(
    connection: AsyncConnection,
    request_id: int,
    after: Request,
    by: By,
    officer: int | None,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    known = {"place": after.place, "reason": after.reason}
    detail = {**{name: value for name, value in known.items() if value}, **detail}
    await connection.execute(
        request_history.insert().values(
            request_id=request_id, at=now, state=after.state, by=by, officer=officer, detail=detail
        )
    )


async def _tell(
    connection: AsyncConnection,
    row: Any,
    after: Request,
    named: Callable[[LanguageState], str] | None,
) -> None:
    """Writes into the conversation's log, from where it reaches the traveler's channel."""
    # one under way goes on though its conversation was deleted; an anonymous one has none
    with contextlib.suppress(UnknownConversationError):
        conversation = await row_of(connection, row["conversation_id"], for_update=True)
        language = _language(conversation)
        officer = named(LanguageState.from_dict(conversation["language_state"])) if named else ""
        text = told(row["number"], after, language, officer, row["kind"])
        await append(
            connection,
            conversation,
            [Draft("system", text, language.code, language.script, client_id=_notice(row, after))],
        )


def _notice(row: Any, after: Request) -> str:
    return f"{NOTICE}{row['number']}/{after.version}"


async def _equal(
    connection: AsyncConnection,
    conversation_id: str,
    kind: Kind,
    details: dict[str, Any],
    due_at: datetime | None,
) -> Any:
    """The conversation's open request that says the same."""
    query = (
        sa.select(requests)
        .where(requests.c.conversation_id == conversation_id)
        .where(requests.c.kind == kind)
        .where(requests.c.state.in_(OPEN))
        .order_by(requests.c.id)
    )
    for row in (await connection.execute(query)).mappings():
        if request_details.same(kind, row["details"], details, (request_of(row).due_at, due_at)):
            return row
    return None


async def _known(connection: AsyncConnection, number: str, for_update: bool = False) -> Any:
    row = await _one(connection, requests.c.number == request_rules.number_said(number), for_update)
    if row is None:
        raise UnknownRequestError(number)
    return row


async def _one(connection: AsyncConnection, which: Any, for_update: bool = False) -> Any:
    query = sa.select(requests).where(which).order_by(requests.c.id).limit(1)
    if for_update:
        query = query.with_for_update()
    return (await connection.execute(query)).mappings().first()


def _language(conversation: Any) -> Language:
    state = LanguageState.from_dict(conversation["language_state"])
    return state.current or Language("en", "Latn")


def _shown(row: Any) -> dict[str, Any]:
    return {"number": row["number"], "state": row["state"]}


def _told(row: Any) -> dict[str, Any]:
    """A request as its own conversation is told of it."""
    request = request_of(row)
    return {
        **_shown(row),
        "kind": row["kind"],
        "people": row["people"],
        "due_at": request.due_at.isoformat() if request.due_at else None,
        "place": request.place,
        "reason": request.reason,
    }


def _seq(conversation_id: str, message_id: str) -> int | None:
    """The number in a message's id, if it is of the conversation."""
    whose, _, seq = message_id.rpartition(":")
    return int(seq) if whose == conversation_id and seq.isdecimal() else None


def _digest(key: str) -> str:
    """The same for the same key, without the conversation that stands in it."""
    return hashlib.sha256(key.encode()).hexdigest()


def _handoff(row: Any) -> str:
    """The key under which a request asks for an officer."""
    return f"request:{row['number']}"
