"""What a request's body holds, checked the same way for every API."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from hub.conversation import MAX_TEXT
from hub.errors import ApiError


async def json_body(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request.

    Raises:
        ApiError: ``bad_json``, ``bad_request``.
    """
    try:
        body = json.loads(await request.text())
    except (ValueError, LookupError, RecursionError) as error:
        raise ApiError("bad_json") from error
    if not isinstance(body, dict):
        raise ApiError("bad_request")
    return body


def number(body: dict[str, Any], name: str) -> int:
    """A whole number from 0 that a body holds under a name.

    Raises:
        ApiError: ``bad_request``.
    """
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**9:
        raise ApiError("bad_request")
    return value


def written(text: Any) -> str:
    """What a person wrote, as it can be stored.

    Raises:
        ApiError: ``bad_request`` for no text, ``text_empty``, ``text_too_long``.
    """
    if not isinstance(text, str):
        raise ApiError("bad_request")
    # half a surrogate pair, as a cut emoji leaves it, can't be stored
    kept = text.replace("\x00", "").encode("utf-8", "replace").decode().strip()
    if not kept:
        raise ApiError("text_empty")
    if len(kept) > MAX_TEXT:
        raise ApiError("text_too_long")
    return kept
