"""The API of groups' briefings: the leader makes one and looks, members tick.

Who has the link may join; a member's entry opens with the token that their phone made, the
leader's view with the key behind ``#`` of the leader's link. Both come as ``Bearer``.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.language import Language
from hub import briefing_rules
from hub.bodies import json_body, number
from hub.errors import ApiError
from hub.keys import BRIEFINGS, CLOCK, LIMITS, SETTINGS
from hub.rate_limits import ADDRESS_BRIEFINGS, BRIEFING_CALLS, MEMBER_TICKS, Limit, address_of
from hub.words import supported

MOST_TICKS = 500
"""Ticks that a phone may send; those that the briefing does not have are dropped."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")

router = web.RouteTableDef()

_ONE = "/api/briefings/{code:[A-Za-z0-9]{1,16}}"


@router.post("/api/briefings")
async def make(request: web.Request) -> web.Response:
    """``{"key", "people", "day"?, "language", "script"?}`` → 201 ``{"code", "link", "leader_link",
    "people", "day"}``; ``key`` is made by the page and the same for every try."""
    _limit(request, ADDRESS_BRIEFINGS, _address(request))
    body = await json_body(request)
    key = body.get("key")
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ApiError("bad_request")
    made = await request.app[BRIEFINGS].make(
        # never one that the assistant's actions use
        f"page:{key}",
        body.get("people"),
        body.get("day"),
        _now(request),
        language=_language(body),
    )
    return web.json_response(made, status=201)


@router.get(_ONE)
async def show(request: web.Request) -> web.Response:
    """→ ``{"code", "day"}``; 410 after its day."""
    _limit(request, BRIEFING_CALLS, _address(request))
    found = await request.app[BRIEFINGS].open(_code(request), _now(request))
    return web.json_response(found)


@router.put(f"{_ONE}/member")
async def tick(request: web.Request) -> web.Response:
    """``{"called", "language", "script", "done": [keys], "version"}`` → ``{"called", "done",
    "ready"}``, the name as others see it; the whole entry each time, so that nothing is lost."""
    token = _bearer(request)
    if not _TOKEN.fullmatch(token):
        raise ApiError("bad_request")
    _limit(request, MEMBER_TICKS, token)
    _limit(request, BRIEFING_CALLS, _address(request))
    body = await json_body(request)
    called, done = briefing_rules.called(body.get("called")), body.get("done")
    if called is None:
        raise ApiError("briefing_name")
    if not isinstance(done, list) or len(done) > MOST_TICKS:
        raise ApiError("bad_request")
    entry = await request.app[BRIEFINGS].tick(
        _code(request),
        token,
        called,
        _language(body),
        [key for key in done if isinstance(key, str)],
        number(body, "version"),
        _now(request),
    )
    return web.json_response(entry)


@router.get(f"{_ONE}/leader")
async def lead(request: web.Request) -> web.Response:
    """→ how far the group is, entry by entry, and the link to share."""
    _limit(request, BRIEFING_CALLS, _address(request))
    return await _led(request)


@router.patch(f"{_ONE}/leader")
async def change(request: web.Request) -> web.Response:
    """``{"people"}`` → as ``GET``."""
    _limit(request, BRIEFING_CALLS, _address(request))
    people = (await json_body(request)).get("people")
    await request.app[BRIEFINGS].change(_code(request), _bearer(request), people, _now(request))
    return await _led(request)


@router.delete(f"{_ONE}/leader")
async def end(request: web.Request) -> web.Response:
    """The briefing is deleted with all that stands in it."""
    _limit(request, BRIEFING_CALLS, _address(request))
    await request.app[BRIEFINGS].end(_code(request), _bearer(request), _now(request))
    return web.Response(status=204)


@router.delete(f"{_ONE}/members/{{id:[0-9]{{1,9}}}}")
async def remove(request: web.Request) -> web.Response:
    """An entry, as one made twice, goes off the list → as ``GET`` of the leader."""
    _limit(request, BRIEFING_CALLS, _address(request))
    await request.app[BRIEFINGS].remove(
        _code(request), _bearer(request), int(request.match_info["id"]), _now(request)
    )
    return await _led(request)


async def _led(request: web.Request) -> web.Response:
    overview = await request.app[BRIEFINGS].lead(_code(request), _bearer(request), _now(request))
    return web.json_response(overview, headers={"Cache-Control": "no-store"})


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError("no_token")
    return token.strip()


def _code(request: web.Request) -> str:
    return request.match_info["code"]


def _now(request: web.Request) -> datetime:
    return request.app[CLOCK].now()


def _language(body: dict[str, Any]) -> Language:
    code, script = body.get("language"), body.get("script")
    language = None
    if isinstance(code, str) and (script is None or isinstance(script, str)):
        language = supported(code, script)
    if language is None:
        raise ApiError("unsupported_language")
    return language


def _limit(request: web.Request, limit: Limit, key: str) -> None:
    if seconds := request.app[LIMITS].wait(limit, key):
        raise ApiError("rate_limited", retry_after=seconds)


def _address(request: web.Request) -> str:
    return address_of(request, request.app[SETTINGS].trusted_proxies)
