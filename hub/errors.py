"""What an API caller did wrong: a code for programs, a sentence in the traveler's language."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.language import Language
from hub.log import NotOfferedError, UnknownConversationError, WrongTokenError
from hub.ownership import RefusedError
from hub.words import preferred, words

log = logging.getLogger(__name__)

STATUS = {
    "bad_json": 400,
    "bad_request": 400,
    "text_empty": 400,
    "text_too_long": 400,
    "unsupported_language": 400,
    "not_offered": 400,
    "bad_invitation": 400,
    "weak_password": 400,
    "oidc_broken": 400,
    "briefing_people": 400,
    "briefing_day": 400,
    "briefing_name": 400,
    "no_token": 401,
    "not_signed_in": 401,
    "wrong_login": 401,
    "code_needed": 401,
    "wrong_token": 403,
    "bad_csrf": 403,
    "not_allowed": 403,
    "briefing_leader": 403,
    "unknown_conversation": 404,
    "not_found": 404,
    "briefing_unknown": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "not_waiting": 409,
    "taken": 409,
    "not_yours": 409,
    "request_over": 409,
    "request_changed": 409,
    "request_not_now": 409,
    "briefing_full": 409,
    "briefing_removed": 409,
    "briefing_ended": 410,
    "rate_limited": 429,
    "locked": 429,
    "internal_error": 500,
    "oidc_down": 502,
}

_OF_ERROR: dict[type[Exception], str] = {
    UnknownConversationError: "unknown_conversation",
    WrongTokenError: "wrong_token",
    NotOfferedError: "not_offered",
}
_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApiError(Exception):
    """Ends a request with an error of ``STATUS``; ``retry_after`` in seconds."""

    def __init__(self, code: str, retry_after: float | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.more = {name: value for name, value in more.items() if value is not None}


def error_response(
    request: web.Request, code: str, retry_after: float | None = None, **more: Any
) -> web.Response:
    """``{"error": {"code", "message"}, …}`` in the conversation's or the browser's language."""
    language: Language = request.get("language") or preferred(
        request.headers.get("Accept-Language", "")
    )
    # browsers keep a 410 for ever, and with it a sentence in a language that is no longer chosen
    headers = {"Cache-Control": "no-store"}
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, round(retry_after)))
    body = {"error": {"code": code, "message": words(language)["errors"][code]}, **more}
    return web.json_response(body, status=STATUS[code], headers=headers)


@web.middleware
async def json_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns everything that goes wrong under ``/api`` and ``/ui`` into an error response."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(request, error.code, error.retry_after, **error.more)
    except tuple(_OF_ERROR) as error:
        return error_response(request, _OF_ERROR[type(error)])
    except RefusedError as error:
        return error_response(request, error.code)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return error_response(request, _OF_STATUS.get(error.status, "bad_request"))
    except ConnectionResetError:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return error_response(request, "internal_error")
