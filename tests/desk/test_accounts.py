"""Accounts: one-time links, the first admin, disabling, and the audit of it all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from desk import accounts
from desk.tables import audit_log, desk_sessions, invitations, officers, sign_in_failures
from hub.database import Database
from hub.errors import ApiError
from tests.desk.officers import NOW, PASSWORD, URL, audited, sign_in, totp


async def test_the_migrated_tables_are_the_declared_ones(database: Database) -> None:
    def columns(connection: sa.engine.Connection, name: str) -> set[tuple[str, str, bool]]:
        found = sa.inspect(connection).get_columns(name)
        return {(c["name"], str(c["type"]), c["nullable"]) for c in found}

    for table in (officers, desk_sessions, invitations, sign_in_failures, audit_log):
        async with database.engine.connect() as connection:
            migrated = await connection.run_sync(columns, table.name)
        assert migrated == {(c.name, str(c.type), c.nullable) for c in table.c}


async def test_neither_password_nor_token_is_stored(database: Database, aigul: str) -> None:
    token = await accounts.invite(database, aigul)
    async with database.read() as connection:
        row = (await connection.execute(officers.select())).mappings().one()
        stored = await connection.scalar(sa.select(invitations.c.token_hash))
    assert row["password_hash"].startswith("$argon2id$")
    assert stored not in (None, token)


async def accept_refused(
    code: str, database: Database, token: str, password: str = PASSWORD, now: datetime = NOW
) -> None:
    with pytest.raises(ApiError) as caught:
        await accounts.accept(database, token, password, now)
    assert caught.value.code == code


async def test_a_one_time_link_opens_once(database: Database, aigul: str) -> None:
    token = await accounts.invite(database, aigul, NOW)
    await accounts.accept(database, token, "first password", NOW)
    await accept_refused("bad_invitation", database, token, "second password")
    assert await sign_in(database, password="first password")


async def test_of_two_who_open_a_link_at_once_one_wins(database: Database, aigul: str) -> None:
    token = await accounts.invite(database, aigul, NOW)
    results = await asyncio.gather(
        accounts.accept(database, token, "first password", NOW),
        accounts.accept(database, token, "second password", NOW),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["ApiError", "NoneType"]
    winner = ("first password", "second password")[results.index(None)]
    assert await sign_in(database, password=winner)


async def test_a_link_that_is_too_old_replaced_or_made_up_opens_nothing(
    database: Database, aigul: str
) -> None:
    replaced = await accounts.invite(database, aigul, NOW)
    token = await accounts.invite(database, aigul, NOW)
    for wrong in (replaced, "", "made up", "\ud800", token[:-1]):
        await accept_refused("bad_invitation", database, wrong)
    await accept_refused("bad_invitation", database, token, now=NOW + accounts.INVITATION)
    in_time = NOW + accounts.INVITATION - timedelta(seconds=1)
    await accounts.accept(database, token, "in good time", in_time)


async def test_disabling_ends_the_links_that_are_out(database: Database, aigul: str) -> None:
    token = await accounts.invite(database, aigul, NOW)
    await accounts.set_disabled(database, aigul, True)
    await accept_refused("bad_invitation", database, token)


@pytest.mark.parametrize("password", ["", "123456789", "九个字的密码太短啦"])
async def test_a_weak_password_is_refused_and_the_link_stays(
    database: Database, aigul: str, password: str
) -> None:
    token = await accounts.invite(database, aigul, NOW)
    await accept_refused("weak_password", database, token, password)
    await accounts.accept(database, token, "1234567890", NOW)


async def test_the_first_admin_is_made_only_once(database: Database) -> None:
    links = await asyncio.gather(*(accounts.first_admin(database, URL) for _ in range(3)))
    link = next(link for link in links if link)
    assert sum(link is not None for link in links) == 1
    assert link.startswith("https://port.example/desk/invitation#")
    await accounts.accept(database, link.partition("#")[2], PASSWORD, datetime.now(UTC))
    assert (await sign_in(database, "admin")).role == "admin"
    assert await accounts.first_admin(database, URL) is None


async def test_no_admin_is_made_where_there_is_an_officer(database: Database, aigul: str) -> None:
    await accounts.set_disabled(database, aigul, True)
    assert await accounts.first_admin(database, URL) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"role": "root"}, "no role"),
        ({"login": "Ай"}, "no login"),
        ({"login": "AIGUL"}, "taken"),
        ({"number": " "}, "number"),
        ({"languages": ["de"]}, "languages"),
        ({"languages": ["zh", "zh"]}, "languages"),
    ],
)
async def test_an_account_that_can_t_be_is_not_made(
    database: Database, aigul: str, wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(accounts.AccountError, match=why):
        await accounts.add(database, **{"login": "li", "role": "officer", "number": "1", **wrong})
    assert len(await accounts.everyone(database)) == 1


async def test_every_change_of_an_account_is_in_the_audit_log(
    database: Database, aigul: str
) -> None:
    officer = await sign_in(database)
    await accounts.change_own(database, officer.id, {"presence": "busy"})
    await accounts.invite(database, aigul)
    await totp(database, aigul)
    await accounts.remove_totp(database, aigul)
    await accounts.set_disabled(database, aigul, True)
    await accounts.set_disabled(database, aigul, False)
    by_shell = {"by": "shell"}
    assert await audited(database) == [
        (what, officer.id, detail)
        for what, detail in [
            ("officer_added", by_shell | {"login": "aigul", "role": "officer"}),
            ("password_set", {}),
            ("signed_in", {}),
            ("own_account_changed", {"presence": "busy"}),
            ("invited", by_shell),
            ("totp_set", by_shell),
            ("totp_removed", by_shell),
            ("disabled", by_shell),
            ("enabled", by_shell),
        ]
    ]


@pytest.mark.usefixtures("aigul")
async def test_a_new_link_to_the_identity_provider_or_its_end_ends_sessions(
    database: Database,
) -> None:
    async def sessions() -> int:
        async with database.read() as connection:
            query = sa.select(sa.func.count()).select_from(desk_sessions)
            return int(await connection.scalar(query))

    async def open_one() -> None:
        values = {"token_hash": "h", "officer_id": 1, "csrf": "c"}
        async with database.write() as connection:
            await connection.execute(
                desk_sessions.insert().values(**values, created_at=NOW, seen_at=NOW)
            )

    await open_one()
    await accounts.link_subject(database, "aigul", "4711")
    assert await sessions() == 0
    await open_one()
    await accounts.unlink_subject(database, "aigul")
    assert await sessions() == 0
    assert (await audited(database))[-2:] == [
        ("oidc_linked", 1, {"by": "shell", "subject": "4711"}),
        ("oidc_unlinked", 1, {"by": "shell"}),
    ]
