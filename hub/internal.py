"""The internal API: what the assistant's actions tell the hub, over a service token."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from hub.bodies import json_body
from hub.errors import ApiError
from hub.keys import BRIEFINGS, CLOCK, HANDOFFS, LANES, REQUESTS, SETTINGS
from hub.ownership import REASONS
from hub.request_rules import KINDS, BadRequestError
from hub.requests import UnknownRequestError
from hub.words import supported

router = web.RouteTableDef()


@router.post("/internal/handoffs")
async def ask_for_officer(request: web.Request) -> web.Response:
    """``{"conversation_id", "reason", "key"}`` → where the traveler now waits.

    ``key`` is the same for every try of one asking.
    """
    body = await _body(request)
    conversation_id, reason, key = (body.get(n) for n in ("conversation_id", "reason", "key"))
    if not isinstance(conversation_id, str) or not isinstance(key, str) or reason not in REASONS:
        raise ApiError("bad_request")
    waiting = await request.app[HANDOFFS].ask(conversation_id, reason, key[:128])
    return web.json_response(waiting.as_json())


@router.post("/internal/requests")
async def make_request(request: web.Request) -> web.Response:
    """``{"conversation_id", "kind", "key", "details"}`` → ``{"number", "state"}``.

    ``hub/request_details.py`` tells the ``details`` of each kind. ``"same": true`` comes with one
    that the conversation has open already; ``"waiting"``, as of a handoff, with one for now.
    """
    body = await _body(request)
    conversation_id, key = _text(body, "conversation_id"), _text(body, "key")
    if body.get("kind") not in KINDS:
        raise ApiError("bad_request")
    try:
        made = await request.app[REQUESTS].make(
            conversation_id, body["kind"], key, body.get("details"), datetime.now(UTC)
        )
    except BadRequestError as error:
        raise ApiError("bad_request") from error
    return web.json_response(made)


@router.post("/internal/requests/hide")
async def hide_messages(request: web.Request) -> web.Response:
    """``{"conversation_id", "begun", "key"}`` → ``{}``: ids of the first and the last message in
    which something is told anonymously; the answers to them are hidden from officers, too."""
    body = await _body(request)
    names = ("conversation_id", "begun", "key")
    await request.app[REQUESTS].hide(*(_text(body, name) for name in names))
    return web.json_response({})


@router.post("/internal/requests/find")
async def find_requests(request: web.Request) -> web.Response:
    """``{"conversation_id", "number": null, "key"}`` → ``{"requests": [...]}``, the newest first.

    ``key`` is the id of the message that asks.
    """
    body = await _body(request)
    number, key = (
        None if body.get(name) is None else _text(body, name) for name in ("number", "key")
    )
    found = await request.app[REQUESTS].find(_text(body, "conversation_id"), number, key)
    return web.json_response({"requests": found})


@router.post("/internal/requests/cancel")
async def cancel_request(request: web.Request) -> web.Response:
    """``{"conversation_id", "number", "key"}`` → ``{"number", "state", "changed"}``.

    All three are ``null`` where no request has the number.
    """
    body = await _body(request)
    try:
        cancelled = await request.app[REQUESTS].cancel(
            _text(body, "conversation_id"), _text(body, "number"), _text(body, "key")
        )
    except UnknownRequestError:
        cancelled = {"number": None, "state": None, "changed": None}
    return web.json_response(cancelled)


@router.post("/internal/queue")
async def show_queue(request: web.Request) -> web.Response:
    """``{}`` → ``{"lanes": [{"lane", "waiting", "minutes", "at", "known"}]}``, all lanes in order.

    ``known`` is false for a figure that is too old or was never entered.
    """
    await _body(request)
    figures = await request.app[LANES].latest(datetime.now(UTC))
    return web.json_response({"lanes": [figure.as_json() for figure in figures]})


@router.post("/internal/briefings")
async def make_briefing(request: web.Request) -> web.Response:
    """``{"conversation_id", "key", "people", "day"?}`` → ``Briefings.make``'s answer.

    ``day`` is an ISO date at the port, today without one. A number of people or a day that can't be
    is refused: ``briefing_people``, ``briefing_day``.
    """
    body = await _body(request)
    made = await request.app[BRIEFINGS].make(
        _text(body, "key"),
        body.get("people"),
        body.get("day"),
        request.app[CLOCK].now(),
        conversation_id=_text(body, "conversation_id"),
    )
    return web.json_response(made)


@router.post("/internal/checklist")
async def show_checklist(request: web.Request) -> web.Response:
    """``{"language", "script"}`` → ``{"link", "pdf"}``, absolute addresses of the checklist."""
    body = await _body(request)
    language = supported(_text(body, "language"), _text(body, "script"))
    if language is None:
        raise ApiError("unsupported_language")
    page = f"{request.app[SETTINGS].public_url.rstrip('/')}/briefing/checklist"
    query = urlencode({"language": language.code, "script": language.script})
    return web.json_response({"link": f"{page}?{query}", "pdf": f"{page}.pdf?{query}"})


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 128:
        raise ApiError("bad_request")
    return value


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON of a request that carries the service token."""
    sent = request.headers.get("Authorization", "")
    expected = f"Bearer {request.app[SETTINGS].service_token}"
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ApiError("wrong_token")
    return await json_body(request)
