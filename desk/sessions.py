"""Who is asking at the desk: server-side sessions, their cookie and their CSRF token."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.accounts import audit
from desk.credentials import same, token_hash
from desk.officer import ROLES, Officer, Role
from desk.tables import desk_sessions, invitations, officers
from hub.errors import ApiError
from hub.keys import DATABASE, SETTINGS, WAKEUPS

CLOCK: web.AppKey[Callable[[], datetime]] = web.AppKey("clock")
"""Gives the time in UTC; only tests set another than the computer's."""

OFFICERS = "officers"
"""What ``WAKEUPS`` is woken with when an officer's presence or account changed here."""

COOKIE = "desk"
CSRF_HEADER = "X-CSRF-Token"

IDLE = timedelta(hours=12)
"""A session ends after this time without a request."""

_SEEN_EVERY = timedelta(minutes=1)


async def officer_of(request: web.Request, sign_of_life: bool = True) -> Officer:
    """The officer whose cookie the request carries.

    Each call keeps the session alive, but for ``sign_of_life=False``: a stream that
    looks from time to time whether its officer is still signed in.

    Raises:
        ApiError: ``not_signed_in``.
    """
    return Officer.of(await _session(request, sign_of_life))


async def changing(request: web.Request) -> Officer:
    """The officer whose request changes something: it must carry the session's CSRF token.

    Raises:
        ApiError: ``not_signed_in``, ``bad_csrf``.
    """
    session = await _session(request)
    if not same(request.headers.get(CSRF_HEADER, ""), session["csrf"]):
        raise ApiError("bad_csrf")
    return Officer.of(session)


def require(officer: Officer, role: Role) -> None:
    """Raises ``ApiError("not_allowed")`` unless the officer has this role or a higher one."""
    if ROLES.index(officer.role) < ROLES.index(role):
        raise ApiError("not_allowed")


async def csrf_of(request: web.Request) -> str:
    """The CSRF token that the session's page is to send.

    Raises:
        ApiError: ``not_signed_in``.
    """
    csrf: str = (await _session(request))["csrf"]
    return csrf


async def start(request: web.Request, response: web.Response, officer_id: int) -> str:
    """Begins a session, in place of the one whose cookie came; returns its CSRF token."""
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), now_of(request)
    async with request.app[DATABASE].write() as connection:
        await end_idle(connection, now)
        await _delete(connection, request)
        await connection.execute(
            desk_sessions.insert().values(
                token_hash=token_hash(token),
                officer_id=officer_id,
                csrf=csrf,
                created_at=now,
                seen_at=now,
            )
        )
    request.app[WAKEUPS].wake(OFFICERS)
    response.set_cookie(
        COOKIE,
        token,
        path="/desk",
        httponly=True,
        samesite="Strict",
        secure=request.app[SETTINGS].public_url.startswith("https:"),
    )
    return csrf


async def end(request: web.Request, response: web.Response, officer: Officer) -> None:
    """Ends the request's session. An officer who has no other one is away."""
    async with request.app[DATABASE].write() as connection:
        await _delete(connection, request)
        await _those_without_session_are_away(connection)
        await audit(connection, officer.id, "signed_out")
    request.app[WAKEUPS].wake(OFFICERS)
    response.del_cookie(COOKIE, path="/desk")


async def end_idle(connection: AsyncConnection, now: datetime) -> Counter[str]:
    """Deletes sessions idle for too long and links too old; whose last one it was is away.

    Returns how many rows of which table were deleted.
    """
    idle = desk_sessions.delete().where(desk_sessions.c.seen_at <= now - IDLE)
    old = invitations.delete().where(invitations.c.expires_at <= now)
    deleted = Counter(
        desk_sessions=(await connection.execute(idle)).rowcount,
        invitations=(await connection.execute(old)).rowcount,
    )
    await _those_without_session_are_away(connection)
    return deleted


def now_of(request: web.Request) -> datetime:
    return time_in(request.app)


def time_in(app: web.Application) -> datetime:
    """The time (UTC) by the application's clock."""
    clock = app.get(CLOCK)
    return clock() if clock else datetime.now(UTC)


async def _session(request: web.Request, sign_of_life: bool = True) -> Mapping[str, Any]:
    """The columns of ``officers`` and ``desk_sessions`` of the request's cookie."""
    key, now = token_hash(request.cookies.get(COOKIE, "")), now_of(request)
    query = (
        sa.select(officers, desk_sessions.c.csrf, desk_sessions.c.seen_at)
        .join(desk_sessions)
        .where(desk_sessions.c.token_hash == key)
        .where(desk_sessions.c.seen_at > now - IDLE)
        .where(officers.c.disabled.is_(False))
    )
    async with request.app[DATABASE].read() as connection:
        row: Mapping[str, Any] | None = (await connection.execute(query)).mappings().first()
    if row is None:
        raise ApiError("not_signed_in")
    if sign_of_life and row["seen_at"].replace(tzinfo=UTC) <= now - _SEEN_EVERY:
        async with request.app[DATABASE].write() as connection:
            await connection.execute(
                desk_sessions.update().where(desk_sessions.c.token_hash == key).values(seen_at=now)
            )
    return row


async def _delete(connection: AsyncConnection, request: web.Request) -> None:
    key = token_hash(request.cookies.get(COOKIE, ""))
    await connection.execute(desk_sessions.delete().where(desk_sessions.c.token_hash == key))


async def _those_without_session_are_away(connection: AsyncConnection) -> None:
    await connection.execute(
        officers.update()
        .where(officers.c.presence != "away")
        .where(officers.c.id.not_in(sa.select(desk_sessions.c.officer_id)))
        .values(presence="away")
    )
