"""The accounts routes of the desk: signing in and out, one's own account, one-time links."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from desk.accounts import accept, change_own
from desk.authentication import authenticate
from desk.sessions import OFFICERS, changing, csrf_of, end, now_of, officer_of, start
from hub.bodies import json_body
from hub.errors import ApiError
from hub.keys import DATABASE, LIMITS, SETTINGS, WAKEUPS
from hub.rate_limits import Limit, address_of

SIGN_INS = Limit(burst=30, per_second=0.5)
"""Sign-ins and new passwords of one address, whatever the login: a shift begins behind one."""

router = web.RouteTableDef()


@router.post("/desk/api/sign-in")
async def sign_in(request: web.Request) -> web.Response:
    _limit(request)
    body = await json_body(request)
    login, password, code = _text(body, "login"), _text(body, "password"), body.get("code")
    if code is not None and not isinstance(code, str):
        raise ApiError("bad_request")
    officer = await authenticate(request.app[DATABASE], login, password, code, now_of(request))
    response = web.Response(content_type="application/json")
    csrf = await start(request, response, officer.id)
    response.text = json.dumps({"officer": officer.as_json(), "csrf": csrf})
    return response


@router.post("/desk/api/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    officer = await changing(request)
    response = web.Response(status=204)
    await end(request, response, officer)
    return response


@router.get("/desk/api/me")
async def show_me(request: web.Request) -> web.Response:
    officer = await officer_of(request)
    return web.json_response({"officer": officer.as_json(), "csrf": await csrf_of(request)})


@router.patch("/desk/api/me")
async def change_me(request: web.Request) -> web.Response:
    officer = await changing(request)
    changed = await change_own(request.app[DATABASE], officer.id, await json_body(request))
    request.app[WAKEUPS].wake(OFFICERS)
    return web.json_response({"officer": changed.as_json()})


@router.post("/desk/api/invitations/accept")
async def accept_invitation(request: web.Request) -> web.Response:
    _limit(request)
    body = await json_body(request)
    token, password = _text(body, "token"), _text(body, "password")
    await accept(request.app[DATABASE], token, password, now_of(request))
    return web.Response(status=204)


def refuse_other_sites(request: web.Request) -> None:
    """Raises ``ApiError("bad_csrf")``: another site's page can't sign anybody in here."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise ApiError("bad_csrf")


def hold_back(request: web.Request, way: str = "") -> None:
    """Raises ``ApiError("rate_limited")`` for an address that tries too often, each way apart."""
    address = address_of(request, request.app[SETTINGS].trusted_proxies)
    if seconds := request.app[LIMITS].wait(SIGN_INS, way + address):
        raise ApiError("rate_limited", retry_after=seconds)


def _limit(request: web.Request) -> None:
    refuse_other_sites(request)
    hold_back(request)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise ApiError("bad_request")
    return value
