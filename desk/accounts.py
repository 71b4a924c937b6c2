"""Who is an officer, who may sign in, and what was done: accounts, invitations, audit."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import SCRIPTS
from desk.credentials import (
    hash_password,
    is_weak,
    new_totp_secret,
    token_hash,
    totp_uri,
)
from desk.officer import ROLES, Officer, are_languages, is_login, is_subject, may_be, normal_login
from desk.tables import audit_log, desk_sessions, invitations, officers, sign_in_failures
from hub.database import Database
from hub.errors import ApiError

INVITATION = timedelta(hours=48)
"""How long a one-time link opens."""


class AccountError(ValueError):
    """An account can't be made or found so; the message says why, to whoever runs the shell."""


async def audit(
    connection: AsyncConnection,
    officer_id: int | None,
    what: str,
    conversation_id: str | None = None,
    **detail: Any,
) -> None:
    """Notes what an officer did, in the transaction that does it.

    What the shell did stands with the officer whose account it is about and
    ``by="shell"``; a sign-in under a login that nobody has stands with no officer.
    """
    await audit_at(connection, datetime.now(UTC), officer_id, what, conversation_id, detail)


async def audit_at(
    connection: AsyncConnection,
    at: datetime,
    officer_id: int | None,
    what: str,
    conversation_id: str | None,
    detail: Mapping[str, Any],
) -> None:
    """Notes what was done at a moment (UTC), or happened by itself."""
    await connection.execute(
        audit_log.insert().values(
            at=at,
            officer_id=officer_id,
            what=what,
            conversation_id=conversation_id,
            detail=dict(detail),
        )
    )


async def on_duty(connection: AsyncConnection) -> int:
    """How many officers take conversations now."""
    query = sa.select(sa.func.count()).where(
        officers.c.presence == "on_duty", officers.c.disabled.is_(False)
    )
    count: int = await connection.scalar(query.select_from(officers))
    return count


async def find(connection: AsyncConnection, login: str) -> Mapping[str, Any] | None:
    """The row of ``officers`` of a login, however it is written; None when nobody has it.

    The transaction holds the row: what is decided by it is still so when it is written.
    """
    login = normal_login(login)
    if not is_login(login):
        return None
    query = officers.select().where(officers.c.login == login).with_for_update()
    row: Mapping[str, Any] | None = (await connection.execute(query)).mappings().first()
    return row


async def find_subject(connection: AsyncConnection, subject: str) -> Mapping[str, Any] | None:
    """The row of ``officers`` that is linked to a subject, held like ``find`` does; or None."""
    query = officers.select().where(officers.c.oidc_subject == subject).with_for_update()
    row: Mapping[str, Any] | None = (await connection.execute(query)).mappings().first()
    return row


async def everyone(database: Database) -> list[Mapping[str, Any]]:
    """All rows of ``officers``, the disabled ones too, by login."""
    async with database.read() as connection:
        query = officers.select().order_by(officers.c.login)
        return list((await connection.execute(query)).mappings())


async def add(
    database: Database,
    login: str,
    role: str,
    number: str,
    name: str = "",
    languages: Iterable[str] = (),
) -> str:
    """Makes an account without password; returns the token of its one-time link.

    Raises:
        AccountError: unknown role or language, or a login that is taken or no login.
    """
    async with database.write() as connection:
        return await _add(connection, login, role, number, name, languages)


async def invite(database: Database, login: str, now: datetime | None = None) -> str:
    """The token of a new one-time link; earlier links of the officer end.

    Raises:
        AccountError: nobody has the login, or the account is disabled.
    """
    async with database.write() as connection:
        row = await _known(connection, login)
        if row["disabled"]:
            raise AccountError(f"{row['login']} is disabled; enable it first")
        await audit(connection, row["id"], "invited", by="shell")
        return await _invite(connection, row["id"], now or datetime.now(UTC))


async def accept(database: Database, token: str, password: str, now: datetime) -> None:
    """Sets the password of a one-time link's officer; ends their sessions and their lock-out.

    Raises:
        ApiError: ``bad_invitation``, or ``weak_password``, which leaves the link as it was.
    """
    opens = sa.and_(invitations.c.token_hash == token_hash(token), invitations.c.expires_at > now)
    async with database.read() as connection:
        if await connection.scalar(sa.select(invitations.c.officer_id).where(opens)) is None:
            raise ApiError("bad_invitation")
    if is_weak(password):
        raise ApiError("weak_password")
    password_hash = await hash_password(password)
    async with database.write() as connection:
        query = officers.select().join(invitations).where(opens)
        row = (await connection.execute(query)).mappings().first()
        used = await connection.execute(invitations.delete().where(opens))
        if row is None or used.rowcount != 1:
            raise ApiError("bad_invitation")
        await _change(connection, row["id"], password_hash=password_hash)
        await _end_links_and_sessions(connection, row["id"])
        key = token_hash(row["login"])
        await connection.execute(
            sign_in_failures.delete().where(sign_in_failures.c.login_hash == key)
        )
        await audit(connection, row["id"], "password_set")


async def set_disabled(database: Database, login: str, disabled: bool) -> None:
    """Bars an officer, with sessions and links, or lets them in again.

    Raises:
        AccountError: nobody has the login.
    """
    async with database.write() as connection:
        row = await _known(connection, login)
        await _change(connection, row["id"], disabled=disabled, presence="away")
        if disabled:
            await _end_links_and_sessions(connection, row["id"])
        await audit(connection, row["id"], "disabled" if disabled else "enabled", by="shell")


async def set_totp(database: Database, login: str, public_url: str) -> str:
    """Asks an officer for a code from now on; returns the otpauth address of a new secret.

    Raises:
        AccountError: nobody has the login.
    """
    secret = new_totp_secret()
    async with database.write() as connection:
        row = await _known(connection, login)
        await _change(connection, row["id"], totp_secret=secret, totp_used=None)
        await audit(connection, row["id"], "totp_set", by="shell")
    return totp_uri(secret, row["login"], urlsplit(public_url).hostname or public_url)


async def remove_totp(database: Database, login: str) -> None:
    """Asks an officer, whose phone is lost, for no code any more.

    Raises:
        AccountError: nobody has the login.
    """
    async with database.write() as connection:
        row = await _known(connection, login)
        await _change(connection, row["id"], totp_secret=None, totp_used=None)
        await audit(connection, row["id"], "totp_removed", by="shell")


async def link_subject(database: Database, login: str, subject: str) -> None:
    """Lets who is ``subject`` at the identity provider sign in as this officer.

    Sessions of the officer end: somebody else may be meant from now on.

    Raises:
        AccountError: nobody has the login, another officer has the subject, or it is none.
    """
    if not is_subject(subject):
        raise AccountError(
            f"{subject!r} is no subject: 1 to 255 characters, as the provider has it"
        )
    async with database.write() as connection:
        row = await _known(connection, login)
        taken = await find_subject(connection, subject)
        if taken is not None and taken["id"] != row["id"]:
            raise AccountError(f"{subject!r} is linked to {taken['login']}")
        await _change(connection, row["id"], oidc_subject=subject)
        await _end_sessions(connection, row["id"])
        await audit(connection, row["id"], "oidc_linked", by="shell", subject=subject)


async def unlink_subject(database: Database, login: str) -> None:
    """Lets nobody of the identity provider sign in as this officer, and ends their sessions.

    Raises:
        AccountError: nobody has the login.
    """
    async with database.write() as connection:
        row = await _known(connection, login)
        await _change(connection, row["id"], oidc_subject=None)
        await _end_sessions(connection, row["id"])
        await audit(connection, row["id"], "oidc_unlinked", by="shell")


async def unknown_subjects(database: Database) -> list[tuple[datetime, str]]:
    """Who was refused for want of a link, and when last; the newest first.

    Some providers show a person's subject nowhere else.
    """
    linked = sa.select(officers.c.oidc_subject).where(officers.c.oidc_subject.is_not(None))
    query = (
        sa.select(audit_log.c.at, audit_log.c.detail)
        .where(audit_log.c.what == "sign_in_refused", audit_log.c.officer_id.is_(None))
        .order_by(audit_log.c.id)
    )
    async with database.read() as connection:
        known = set((await connection.execute(linked)).scalars())
        rows = (await connection.execute(query)).all()
    last = {detail["subject"]: at for at, detail in rows if "subject" in detail}
    found = [(at, subject) for subject, at in last.items() if subject not in known]
    return sorted(found, reverse=True)


async def change_own(database: Database, officer_id: int, changes: Mapping[str, Any]) -> Officer:
    """Changes what officers may change themselves: ``presence``, ``name_shown``, ``languages``.

    Raises:
        ApiError: ``bad_request``.
    """
    if not all(may_be(name, value) for name, value in changes.items()):
        raise ApiError("bad_request")
    async with database.write() as connection:
        if changes:
            await _change(connection, officer_id, **changes)
            await audit(connection, officer_id, "own_account_changed", **changes)
        query = officers.select().where(officers.c.id == officer_id)
        return Officer.of((await connection.execute(query)).mappings().one())


async def first_admin(database: Database, public_url: str) -> str | None:
    """Makes the account ``admin`` where there is no officer yet; returns its one-time link."""
    async with database.write() as connection:
        if await connection.scalar(sa.select(sa.func.count()).select_from(officers)):
            return None
        return link(public_url, await _add(connection, "admin", "admin", "00", "", ()))


def link(public_url: str, token: str) -> str:
    """The page that takes a new password; the token stands where no server logs it."""
    return f"{public_url.rstrip('/')}/desk/invitation#{token}"


async def _add(
    connection: AsyncConnection,
    login: str,
    role: str,
    number: str,
    name: str,
    languages: Iterable[str],
) -> str:
    login, known = normal_login(login), list(languages)
    if not is_login(login):
        raise AccountError(f"{login!r} is no login: up to 32 of a-z, 0-9, dot, dash, underscore")
    if role not in ROLES:
        raise AccountError(f"{role!r} is no role; roles are {', '.join(ROLES)}")
    if not are_languages(known):
        raise AccountError(f"languages are some of {', '.join(SCRIPTS)}, each once")
    if not 0 < len(number.strip()) <= 16 or len(name.strip()) > 64:
        raise AccountError("a number has 1 to 16 characters, a name up to 64")
    if await find(connection, login):
        raise AccountError(f"{login} is taken")
    now = datetime.now(UTC)
    made = await connection.execute(
        officers.insert().values(
            login=login,
            role=role,
            number=number.strip(),
            name=name.strip(),
            name_shown=False,
            languages=known,
            presence="away",
            disabled=False,
            created_at=now,
        )
    )
    officer_id = made.inserted_primary_key[0]
    await audit(connection, officer_id, "officer_added", by="shell", login=login, role=role)
    return await _invite(connection, officer_id, now)


async def _invite(connection: AsyncConnection, officer_id: int, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    await connection.execute(invitations.delete().where(invitations.c.officer_id == officer_id))
    await connection.execute(
        invitations.insert().values(
            token_hash=token_hash(token), officer_id=officer_id, expires_at=now + INVITATION
        )
    )
    return token


async def _known(connection: AsyncConnection, login: str) -> Mapping[str, Any]:
    row = await find(connection, login)
    if row is None:
        raise AccountError(f"nobody has the login {login!r}")
    return row


async def _change(connection: AsyncConnection, officer_id: int, **values: Any) -> None:
    await connection.execute(officers.update().where(officers.c.id == officer_id).values(values))


async def _end_links_and_sessions(connection: AsyncConnection, officer_id: int) -> None:
    await connection.execute(invitations.delete().where(invitations.c.officer_id == officer_id))
    await _end_sessions(connection, officer_id)


async def _end_sessions(connection: AsyncConnection, officer_id: int) -> None:
    await connection.execute(desk_sessions.delete().where(desk_sessions.c.officer_id == officer_id))
