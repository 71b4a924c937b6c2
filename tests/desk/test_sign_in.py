"""The accounts routes over HTTP: signing in and out, one's own account, one-time links."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from desk import accounts, sign_in
from desk.sessions import (
    COOKIE,
    OFFICERS,
)
from desk.tables import audit_log
from hub.keys import WAKEUPS
from tests.desk.officers import PASSWORD
from tests.desk.small_desk import ME, Desk, assert_refused, make


async def test_a_sign_in_opens_what_was_closed(desk: Desk) -> None:
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
    response = await desk.sign_in()
    assert response.status == 200
    body = await response.json()
    assert body["officer"] == {
        "id": 1,
        "login": "aigul",
        "role": "officer",
        "number": "07",
        "name": "Айгүл",
        "name_shown": False,
        "languages": ["kk"],
        "presence": "away",
    }
    assert await (await desk.client.get(ME)).json() == body


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(desk: Desk) -> None:
    morsel = (await desk.sign_in()).cookies[COOKIE]
    assert (morsel["path"], morsel["samesite"]) == ("/desk", "Strict")
    assert morsel["httponly"]
    assert not morsel["secure"]
    assert not morsel["domain"]


async def test_the_cookie_travels_only_encrypted_when_the_page_does(
    tmp_path: Path, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> None:
    desk = await make(tmp_path, aiohttp_client, "https://port.example/")
    assert (await desk.sign_in()).cookies[COOKIE]["secure"]
    await desk.database.close()


async def test_a_wrong_password_gives_no_cookie(desk: Desk) -> None:
    response = await desk.sign_in(password="another-2026")
    await assert_refused(response, 401, "wrong_login")
    assert COOKIE not in response.cookies


async def test_the_lock_tells_how_long_it_holds_and_ends(desk: Desk) -> None:
    for _ in range(5):
        await assert_refused(await desk.sign_in(password="x"), 401, "wrong_login")
    response = await desk.sign_in()
    await assert_refused(response, 429, "locked")
    assert response.headers["Retry-After"] == "900"
    desk.now += timedelta(minutes=15)
    assert (await desk.sign_in()).status == 200


async def test_a_code_is_asked_for_where_one_is_set(desk: Desk) -> None:
    await accounts.set_totp(desk.database, "aigul", "http://localhost/")
    await assert_refused(await desk.sign_in(), 401, "code_needed")
    await assert_refused(await desk.sign_in(code="12345"), 401, "wrong_login")


async def test_an_address_that_tries_many_logins_is_held_back(desk: Desk) -> None:
    limited = sign_in.SIGN_INS.burst
    path = "/desk/api/invitations/accept"
    for _ in range(int(limited)):
        guess = await desk.client.post(path, json={"token": "guess", "password": PASSWORD})
        await assert_refused(guess, 400, "bad_invitation")
    await assert_refused(await desk.sign_in(), 429, "rate_limited")


async def test_another_site_can_t_sign_anybody_in(desk: Desk) -> None:
    body = {"login": "aigul", "password": PASSWORD}
    headers = {"Sec-Fetch-Site": "cross-site"}
    response = await desk.client.post("/desk/api/sign-in", json=body, headers=headers)
    await assert_refused(response, 403, "bad_csrf")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_json"),
        (b"\xff", "bad_json"),
        (b"[]", "bad_request"),
        (b"{}", "bad_request"),
        (b'{"login": "aigul"}', "bad_request"),
        (b'{"login": 1, "password": []}', "bad_request"),
        (b'{"login": "aigul", "password": "x", "code": 123456}', "bad_request"),
    ],
)
async def test_a_sign_in_that_is_none_is_refused(desk: Desk, body: bytes, code: str) -> None:
    await assert_refused(await desk.client.post("/desk/api/sign-in", data=body), 400, code)


async def test_a_link_is_too_late_after_two_days_and_takes_no_weak_password(desk: Desk) -> None:
    token = await accounts.invite(desk.database, "aigul")
    path, body = "/desk/api/invitations/accept", {"token": token, "password": "too short"}
    await assert_refused(await desk.client.post(path, json=body), 400, "weak_password")
    desk.now += timedelta(hours=48, seconds=1)
    body["password"] = "long enough"
    await assert_refused(await desk.client.post(path, json=body), 400, "bad_invitation")


async def test_officers_change_their_own_presence_name_and_languages(desk: Desk) -> None:
    await desk.sign_in()
    changes = {"presence": "on_duty", "name_shown": True, "languages": ["kk", "zh"]}
    with desk.client.app[WAKEUPS].listen(OFFICERS) as changed:
        response = await desk.change("PATCH", ME, changes)
        assert changed.is_set()
    assert response.status == 200
    officer = (await response.json())["officer"]
    assert {name: officer[name] for name in changes} == changes
    assert (await (await desk.client.get(ME)).json())["officer"] == officer


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "admin"},
        {"presence": "on_duty", "login": "admin"},
        {"presence": "asleep"},
        {"presence": ["on_duty"]},
        {"name_shown": 1},
        {"languages": "zh"},
        {"languages": ["de"]},
        {"languages": [["zh"]]},
        {"languages": ["zh", "zh"]},
        {"disabled": False},
        [],
    ],
)
async def test_nothing_else_can_be_changed_and_to_nothing_else(desk: Desk, changes: Any) -> None:
    await desk.sign_in()
    before = await accounts.everyone(desk.database)
    await assert_refused(await desk.change("PATCH", ME, changes), 400, "bad_request")
    assert await accounts.everyone(desk.database) == before


async def test_sign_in_change_and_sign_out_are_in_the_audit_log(desk: Desk) -> None:
    await desk.sign_in(password="x")
    await desk.sign_in()
    await desk.change("PATCH", ME, {"presence": "busy"})
    await desk.change("POST", "/desk/api/sign-out")
    query = sa.select(audit_log.c.what, audit_log.c.officer_id).order_by(audit_log.c.id)
    async with desk.database.read() as connection:
        rows = [tuple(row) for row in await connection.execute(query)]
    whats = ["sign_in_refused", "signed_in", "own_account_changed", "signed_out"]
    assert rows[-4:] == [(what, 1) for what in whats]


async def test_the_refusal_is_in_the_browser_s_language(desk: Desk) -> None:
    response = await desk.client.get(ME, headers={"Accept-Language": "zh-CN"})
    assert "登录" in (await response.json())["error"]["message"]
