"""Is this the officer: by password and code or by the provider's word; locks out who guesses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.accounts import audit, find, find_subject
from desk.credentials import is_password, step_of_code, token_hash
from desk.officer import Officer, normal_login
from desk.tables import officers
from desk.tables import sign_in_failures as _failures
from hub.database import Database
from hub.errors import ApiError

FAILURES = 5
"""Tries that lock a login."""

LOCKED = timedelta(minutes=15)
"""How long a login is locked after its last failure, and how long failures count."""


async def authenticate(
    database: Database, login: str, password: str, code: str | None, now: datetime
) -> Officer:
    """The officer who signs in; every try is in the audit log.

    All refusals but ``code_needed``, which has seen the right password, look and
    take the same whether the login exists or not.

    Raises:
        ApiError: ``wrong_login`` (login, password or code), ``code_needed``, ``locked``.
    """
    key = token_hash(normal_login(login))
    async with database.write() as connection:
        row = await find(connection, login)
        # counted before the password is looked at, else tries at once would all go through
        wait = await _count(connection, key, now)
        if wait:
            await audit(connection, row["id"] if row else None, "sign_in_refused", reason="locked")
    if wait:
        raise ApiError("locked", retry_after=wait.total_seconds())
    checked = row["password_hash"] if row else None
    right = await is_password(password, checked)
    async with database.write() as connection:
        row = await find(connection, login)
        if row is None:
            refusal = "unknown_login"
        elif not right or row["password_hash"] != checked:
            refusal = "wrong_password"
        else:
            refusal = await _refusal(connection, row, code, now)
        if row is not None and not refusal:
            await connection.execute(_failures.delete().where(_failures.c.login_hash == key))
            await audit(connection, row["id"], "signed_in")
            return Officer.of(row)
        if refusal == "code_needed":
            await _uncount(connection, key)
        await audit(connection, row["id"] if row else None, "sign_in_refused", reason=refusal)
    raise ApiError("code_needed" if refusal == "code_needed" else "wrong_login")


async def authenticate_subject(database: Database, subject: str, now: datetime) -> Officer | None:
    """The officer who signed in as ``subject`` at the identity provider; None when refused.

    Refused is who is linked to no account, disabled or locked; the audit log says which.
    A second factor is the provider's to ask for.
    """
    async with database.write() as connection:
        row = await find_subject(connection, subject)
        if row is None:
            unknown = {"reason": "unknown_subject", "subject": subject}
            await audit(connection, None, "sign_in_refused", way="oidc", **unknown)
            return None
        key = token_hash(row["login"])
        if await _count(connection, key, now):
            refusal = "locked"
        else:
            refusal = "disabled" if row["disabled"] else ""
        if refusal:
            await audit(connection, row["id"], "sign_in_refused", way="oidc", reason=refusal)
            return None
        await connection.execute(_failures.delete().where(_failures.c.login_hash == key))
        await audit(connection, row["id"], "signed_in", way="oidc")
        return Officer.of(row)


async def _refusal(
    connection: AsyncConnection, row: Mapping[str, Any], code: str | None, now: datetime
) -> str:
    """Why an officer with the right password can't come in; empty when they can.

    A right code is used up.
    """
    if row["disabled"]:
        return "disabled"
    if row["totp_secret"] is None:
        return ""
    if not code:
        return "code_needed"
    step = step_of_code(row["totp_secret"], code, now, row["totp_used"])
    if step is None:
        return "wrong_code"
    await connection.execute(
        officers.update().where(officers.c.id == row["id"]).values(totp_used=step)
    )
    return ""


async def _count(connection: AsyncConnection, key: str, now: datetime) -> timedelta | None:
    """Counts a try as failed until it shows otherwise; how long to wait where it is locked."""
    await connection.execute(_failures.delete().where(_failures.c.last_at <= now - LOCKED))
    counted = await connection.execute(
        _failures.update()
        .where(_failures.c.login_hash == key, _failures.c.failures < FAILURES)
        .values(failures=_failures.c.failures + 1, last_at=now)
    )
    if counted.rowcount:
        return None
    query = sa.select(_failures.c.last_at).where(_failures.c.login_hash == key)
    last: datetime | None = await connection.scalar(query)
    if last is not None:
        return last.replace(tzinfo=now.tzinfo) + LOCKED - now
    await connection.execute(_failures.insert().values(login_hash=key, failures=1, last_at=now))
    return None


async def _uncount(connection: AsyncConnection, key: str) -> None:
    await connection.execute(
        _failures.update()
        .where(_failures.c.login_hash == key)
        .values(failures=_failures.c.failures - 1)
    )
