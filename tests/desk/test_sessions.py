"""Sessions: cookie, CSRF token, roles, and when a session ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk import accounts
from desk.sessions import (
    COOKIE,
    IDLE,
    end_idle,
)
from desk.tables import desk_sessions, officers
from tests.desk.small_desk import ME, Desk, assert_refused, code_of


@pytest.mark.parametrize("cookie", ["", "forged", "0" * 43, "é"])
async def test_a_forged_cookie_opens_nothing(desk: Desk, cookie: str) -> None:
    await desk.sign_in()
    desk.forge(cookie)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
    response = await desk.change("PATCH", ME, {"presence": "on_duty"})
    await assert_refused(response, 401, "not_signed_in")


async def test_what_the_database_stores_of_a_session_is_no_cookie(desk: Desk) -> None:
    await desk.sign_in()
    async with desk.database.read() as connection:
        stored = await connection.scalar(sa.select(desk_sessions.c.token_hash))
    assert stored != desk.cookie
    desk.forge(stored)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")


async def test_a_change_needs_the_session_s_own_csrf_token(desk: Desk) -> None:
    await desk.sign_in()
    first = desk.csrf
    await desk.sign_in()
    for token in ("", "forged", first, "é", desk.csrf[:-1]):
        headers = {"X-CSRF-Token": token}
        for method, path in (("PATCH", ME), ("POST", "/desk/api/sign-out")):
            response = await desk.client.request(method, path, json={}, headers=headers)
            await assert_refused(response, 403, "bad_csrf")
    response = await desk.client.patch(ME, json={"presence": "on_duty"})
    await assert_refused(response, 403, "bad_csrf")
    assert (await (await desk.client.get(ME)).json())["officer"]["presence"] == "away"


async def test_a_session_ends_after_twelve_idle_hours_and_not_before(desk: Desk) -> None:
    await desk.sign_in()
    for _ in range(3):
        desk.now += IDLE - timedelta(minutes=2)
        assert (await desk.client.get(ME)).status == 200
    desk.now += IDLE
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")


async def test_a_stream_that_looks_whether_it_may_go_on_keeps_no_session_alive(
    desk: Desk,
) -> None:
    await desk.sign_in()
    desk.now += IDLE - timedelta(minutes=2)
    assert (await desk.client.get("/desk/watch")).status == 204
    desk.now += timedelta(minutes=2)
    await assert_refused(await desk.client.get("/desk/watch"), 401, "not_signed_in")


async def test_whose_session_ran_out_is_no_longer_on_duty(desk: Desk) -> None:
    await desk.sign_in()
    await desk.change("PATCH", ME, {"presence": "on_duty"})
    for end, presence in ((IDLE - timedelta(seconds=1), "on_duty"), (IDLE, "away")):
        async with desk.database.write() as connection:
            await end_idle(connection, desk.now + end)
        assert (await accounts.everyone(desk.database))[0]["presence"] == presence


async def test_signing_out_ends_this_session_and_leaves_the_officer_s_others(desk: Desk) -> None:
    await desk.sign_in()
    phone, csrf_of_phone = desk.cookie, desk.csrf
    desk.client.session.cookie_jar.clear()
    await desk.sign_in()
    await desk.change("PATCH", ME, {"presence": "on_duty"})
    big_screen = desk.cookie
    response = await desk.change("POST", "/desk/api/sign-out")
    assert response.status == 204
    assert not response.cookies[COOKIE].value
    desk.forge(big_screen)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
    desk.forge(phone)
    assert (await (await desk.client.get(ME)).json())["officer"]["presence"] == "on_duty"
    desk.csrf = csrf_of_phone
    assert (await desk.change("POST", "/desk/api/sign-out")).status == 204
    assert (await accounts.everyone(desk.database))[0]["presence"] == "away"


async def test_signing_in_again_replaces_the_session_of_the_same_browser(desk: Desk) -> None:
    await desk.sign_in()
    before = desk.cookie
    await desk.sign_in()
    assert desk.cookie != before
    desk.forge(before)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")


async def test_a_disabled_officer_is_out_at_once_and_stays_out_when_enabled(desk: Desk) -> None:
    await desk.sign_in()
    await accounts.set_disabled(desk.database, "aigul", True)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
    await assert_refused(await desk.sign_in(), 401, "wrong_login")
    await accounts.set_disabled(desk.database, "aigul", False)
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")


async def test_a_new_password_ends_the_sessions_of_the_old_one(desk: Desk) -> None:
    await desk.sign_in()
    token = await accounts.invite(desk.database, "aigul")
    body = {"token": token, "password": "a new password"}
    assert (await desk.client.post("/desk/api/invitations/accept", json=body)).status == 204
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
    again = await desk.client.post("/desk/api/invitations/accept", json=body)
    await assert_refused(again, 400, "bad_invitation")
    assert (await desk.sign_in(password="a new password")).status == 200


@pytest.mark.parametrize(
    ("role", "status"), [("officer", 403), ("supervisor", 204), ("admin", 204)]
)
async def test_what_needs_a_supervisor_is_open_from_supervisor_upwards(
    desk: Desk, role: str, status: int
) -> None:
    await desk.add("other", role)
    await desk.sign_in("other")
    response = await desk.change("POST", "/desk/supervise")
    assert response.status == status
    if status == 403:
        assert await code_of(response) == "not_allowed"


async def test_a_session_that_began_while_its_officer_was_disabled_opens_nothing(
    desk: Desk,
) -> None:
    await desk.sign_in()
    async with desk.database.write() as connection:
        await connection.execute(officers.update().values(disabled=True))
    await assert_refused(await desk.client.get(ME), 401, "not_signed_in")
