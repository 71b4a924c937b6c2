"""The internal API: what the assistant's actions tell the hub, over a service token."""

from __future__ import annotations

import hmac
from typing import Any

from aiohttp import web

from hub.bodies import json_body
from hub.errors import ApiError
from hub.keys import HANDOFFS, SETTINGS
from hub.ownership import REASONS

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


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON of a request that carries the service token."""
    sent = request.headers.get("Authorization", "")
    expected = f"Bearer {request.app[SETTINGS].service_token}"
    if not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ApiError("wrong_token")
    return await json_body(request)
