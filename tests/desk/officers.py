"""An officer of the tests, how they sign in, and what the audit log has of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import sqlalchemy as sa

from desk import accounts
from desk.authentication import authenticate
from desk.officer import Officer
from desk.tables import audit_log
from hub.database import Database
from hub.errors import ApiError

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
PASSWORD = "құпиясөз-2026"
URL = "https://port.example/"


async def sign_in(
    database: Database,
    login: str = "aigul",
    password: str = PASSWORD,
    code: str | None = None,
    now: datetime = NOW,
) -> Officer:
    return await authenticate(database, login, password, code, now)


async def refused(error: str, database: Database, **tried: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await sign_in(database, **tried)
    assert caught.value.code == error
    return caught.value


async def audited(database: Database) -> list[tuple[str, int | None, dict[str, Any]]]:
    query = sa.select(audit_log.c.what, audit_log.c.officer_id, audit_log.c.detail)
    async with database.read() as connection:
        return [tuple(row) for row in await connection.execute(query.order_by(audit_log.c.id))]


async def totp(database: Database, login: str) -> pyotp.TOTP:
    uri = await accounts.set_totp(database, login, URL)
    assert urlsplit(uri).scheme == "otpauth"
    assert parse_qs(urlsplit(uri).query)["issuer"] == ["port.example"]
    parsed = pyotp.parse_uri(uri)
    assert isinstance(parsed, pyotp.TOTP)
    return parsed
