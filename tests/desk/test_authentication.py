"""Signing in: passwords, codes, and the lock-out of those who guess."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from desk import accounts, credentials
from desk.authentication import FAILURES, LOCKED
from hub.database import Database
from hub.errors import ApiError
from tests.desk.officers import NOW, PASSWORD, audited, refused, sign_in, totp


async def test_an_officer_signs_in_however_the_login_is_written(
    database: Database, aigul: str
) -> None:
    officer = await sign_in(database, login=" Aigul ")
    assert (officer.login, officer.role, officer.number) == ("aigul", "officer", "07")
    assert officer.languages == ("kk", "ru")
    assert (officer.name_shown, officer.presence) == (False, "away")


async def test_a_password_typed_on_another_keyboard_is_the_same(database: Database) -> None:
    token = await accounts.add(database, "sergei", "officer", "08")
    await accounts.accept(database, token, "мой пароль", datetime.now(UTC))
    assert await sign_in(database, "sergei", "мой пароль".replace("й", "и\N{COMBINING BREVE}"))


@pytest.mark.parametrize(
    ("login", "password", "reason"),
    [
        ("aigul", "another-2026", "wrong_password"),
        ("aigul", "", "wrong_password"),
        ("aigul", "\ud800", "wrong_password"),
        ("nobody", PASSWORD, "unknown_login"),
        ("a\ud800\x00", PASSWORD, "unknown_login"),
        ("' or 1=1 --", PASSWORD, "unknown_login"),
    ],
)
async def test_a_wrong_password_and_an_unknown_login_get_the_same_refusal(
    database: Database, aigul: str, login: str, password: str, reason: str
) -> None:
    await refused("wrong_login", database, login=login, password=password)
    what, officer_id, detail = (await audited(database))[-1]
    assert (what, detail) == ("sign_in_refused", {"reason": reason})
    assert (officer_id is None) == (reason == "unknown_login")


async def test_every_refusal_costs_one_hashing_beside_the_event_loop(
    database: Database, aigul: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.add(database, "new", "officer", "09")
    hashed_in: list[threading.Thread] = []
    verify = credentials._verify

    def counted(password_hash: str, password: bytes) -> bool:
        hashed_in.append(threading.current_thread())
        return verify(password_hash, password)

    monkeypatch.setattr(credentials, "_verify", counted)
    for login in ("aigul", "nobody", "new", "no login!"):
        await refused("wrong_login", database, login=login, password="another-2026")
    assert len(hashed_in) == 4
    assert threading.main_thread() not in hashed_in


@pytest.mark.parametrize("login", ["aigul", "nobody"])
async def test_five_failures_lock_a_login_whether_it_exists_or_not(
    database: Database, aigul: str, login: str
) -> None:
    for minute in range(FAILURES):
        now = NOW + timedelta(minutes=minute)
        await refused("wrong_login", database, login=login, password="x", now=now)
    last = now
    error = await refused("locked", database, login=login.upper(), now=last + timedelta(minutes=1))
    assert error.retry_after == 14 * 60
    assert (await audited(database))[-1][::2] == ("sign_in_refused", {"reason": "locked"})
    await refused("locked", database, login=login, now=last + LOCKED - timedelta(seconds=1))


async def test_a_lock_ends_by_itself_and_locks_nobody_else(database: Database, aigul: str) -> None:
    token = await accounts.add(database, "other", "officer", "08")
    await accounts.accept(database, token, PASSWORD, datetime.now(UTC))
    for _ in range(FAILURES):
        await refused("wrong_login", database, password="x")
    await refused("locked", database)
    assert await sign_in(database, "other")
    assert await sign_in(database, now=NOW + LOCKED + timedelta(seconds=1))


async def test_a_sign_in_forgets_the_failures_before(database: Database, aigul: str) -> None:
    for _ in range(2):
        for _ in range(FAILURES - 1):
            await refused("wrong_login", database, password="x")
        assert await sign_in(database)


async def test_tries_at_the_same_moment_are_counted_too(database: Database, aigul: str) -> None:
    tries = [sign_in(database, password=f"guess {n}") for n in range(FAILURES + 3)]
    errors = await asyncio.gather(*tries, return_exceptions=True)
    codes = [error.code for error in errors if isinstance(error, ApiError)]
    assert sorted(codes) == ["locked"] * 3 + ["wrong_login"] * FAILURES


async def test_a_new_password_ends_the_lock(database: Database, aigul: str) -> None:
    for _ in range(FAILURES):
        await refused("wrong_login", database, password="x")
    token = await accounts.invite(database, aigul)
    await accounts.accept(database, token, "a new password", NOW)
    await refused("wrong_login", database)
    assert await sign_in(database, password="a new password")


async def test_a_code_is_asked_for_only_after_the_right_password(
    database: Database, aigul: str
) -> None:
    app = await totp(database, aigul)
    await refused("wrong_login", database, password="x")
    for _ in range(FAILURES):
        await refused("code_needed", database)
    assert (await audited(database))[-1][2] == {"reason": "code_needed"}
    await refused("wrong_login", database, password="x", code=app.at(NOW))
    code = app.at(NOW)
    assert await sign_in(database, code=f"{code[:3]} {code[3:]}")


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "\ud800", "１２３４５６"])
async def test_a_wrong_code_is_refused(database: Database, aigul: str, code: str) -> None:
    await totp(database, aigul)
    await refused("wrong_login", database, code=code)
    assert (await audited(database))[-1][2] == {"reason": "wrong_code"}


async def test_wrong_codes_lock_as_wrong_passwords_do(database: Database, aigul: str) -> None:
    app = await totp(database, aigul)
    for _ in range(FAILURES):
        await refused("wrong_login", database, code="12345")
    await refused("locked", database, code=app.at(NOW))


async def test_a_code_is_taken_once(database: Database, aigul: str) -> None:
    app = await totp(database, aigul)
    before, code = app.at(NOW - timedelta(seconds=30)), app.at(NOW)
    assert await sign_in(database, code=code)
    await refused("wrong_login", database, code=code)
    await refused("wrong_login", database, code=code, now=NOW + timedelta(seconds=30))
    await refused("wrong_login", database, code=before)
    later = NOW + timedelta(seconds=30)
    assert await sign_in(database, code=app.at(later), now=later)


async def test_a_clock_may_be_one_step_off_and_no_more(database: Database, aigul: str) -> None:
    app = await totp(database, aigul)
    await refused("wrong_login", database, code=app.at(NOW - timedelta(seconds=60)))
    await refused("wrong_login", database, code=app.at(NOW + timedelta(seconds=60)))
    assert await sign_in(database, code=app.at(NOW - timedelta(seconds=30)))
    assert await sign_in(database, code=app.at(NOW + timedelta(seconds=30)))


async def test_a_lost_phone_s_code_can_be_removed(database: Database, aigul: str) -> None:
    await totp(database, aigul)
    await accounts.remove_totp(database, aigul)
    assert await sign_in(database)


async def test_a_disabled_officer_is_refused_like_a_wrong_password_until_enabled(
    database: Database, aigul: str
) -> None:
    await accounts.set_disabled(database, aigul, True)
    await refused("wrong_login", database)
    assert (await audited(database))[-1][2] == {"reason": "disabled"}
    with pytest.raises(accounts.AccountError, match="disabled"):
        await accounts.invite(database, aigul)
    await accounts.set_disabled(database, aigul, False)
    assert await sign_in(database)


async def test_a_password_that_changes_while_the_old_one_is_checked_lets_nobody_in(
    database: Database, aigul: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await accounts.invite(database, aigul, NOW)
    checked, changed = asyncio.Event(), threading.Event()
    loop, verify = asyncio.get_running_loop(), credentials._verify

    def slow(password_hash: str, password: bytes) -> bool:
        loop.call_soon_threadsafe(checked.set)
        changed.wait(10)
        return verify(password_hash, password)

    monkeypatch.setattr(credentials, "_verify", slow)
    attempt = asyncio.create_task(refused("wrong_login", database))
    await checked.wait()
    await accounts.accept(database, token, "a new password", NOW)
    changed.set()
    await attempt
