"""Meta's Graph API as WhatsApp needs it: one call at a time, and what its errors mean."""

from __future__ import annotations

from typing import Any

import aiohttp

from channels.base import BlockedError, GiveUpError, TryAgainError, WindowClosedError

TIMEOUT = 15.0
"""Seconds that Meta may take to answer."""

PAIR_SECONDS = 6.0
"""Seconds after which one user may be sent one more message, once there were too many."""

# developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
TOKEN = (0, 190)
"""The token is wrong, has run out or was taken back."""

_LATER = {
    *TOKEN,
    1,  # unknown, possibly the server
    2,  # service
    3,  # the token lacks a right
    4,  # too many calls of the app
    10,  # the token lacks a right
    33,  # no such phone number
    368,  # the account is restricted
    80007,  # too many calls of the account
    130429,  # too many messages of the number
    131000,  # something went wrong
    131005,  # access denied
    131016,  # service overloaded
    131031,  # the account is locked
    131042,  # payment
    131045,  # the number is not registered
    131048,  # too many were reported as spam
    131057,  # maintenance
    133004,  # the server is down
    133010,  # the number is not registered
}
"""Taken later: by itself, or when whoever runs the hub has mended it."""

_PAIR = 131056
_WINDOW = 131047
_UNDELIVERABLE = 131026


class GraphError(Exception):
    """Meta refused a call, or did not answer (``status`` 0). ``seconds`` is its ``Retry-After``."""

    def __init__(
        self,
        status: int,
        code: int | None,
        text: str,
        subcode: int | None = None,
        seconds: float | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.subcode = subcode
        self.seconds = seconds

    @property
    def is_about_token(self) -> bool:
        return self.code in TOKEN or self.status == 401


class GraphApi:
    """Calls below ``address``, which ends with the version."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, **parameters: str) -> dict[str, Any]:
        """Raises ``GraphError``."""
        return await self._call("GET", path, params=parameters)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Raises ``GraphError``."""
        return await self._call("POST", path, json=body)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _call(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                trust_env=True,
            )
        try:
            async with self._session.request(method, f"{self._address}/{path}", **more) as response:
                body = await _json(response)
                if response.ok and "error" not in body:
                    return body
                raise _refusal(response, body)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise GraphError(0, None, type(error).__name__) from error


def classed(error: GraphError) -> Exception:
    """What an error means for a delivery."""
    text = str(error)
    if error.code == _WINDOW:
        return WindowClosedError(text)
    if error.code == _UNDELIVERABLE:
        # nothing says "blocked"; but who has written to us here has a WhatsApp that could be
        # reached, and until they write again nothing more will reach it
        return BlockedError(text)
    if error.code == _PAIR:
        return TryAgainError(text, error.seconds or PAIR_SECONDS)
    permission = error.code is not None and 200 <= error.code <= 299
    if error.code in _LATER or permission or error.status in (0, 401, 403, 429):
        return TryAgainError(text, error.seconds)
    if error.status >= 500:
        return TryAgainError(text, error.seconds)
    return GiveUpError(text)


def why(code: int | None) -> str:
    """Why a message that was taken did not arrive, as the desk calls it."""
    return {_WINDOW: "window_closed", _UNDELIVERABLE: "blocked"}.get(code or 0, "refused")


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        body = await response.json(content_type=None)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {}


def _refusal(response: aiohttp.ClientResponse, body: dict[str, Any]) -> GraphError:
    error = body.get("error")
    error = error if isinstance(error, dict) else {}
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    text = f"{response.status} {error.get('message') or response.reason}"
    wait = response.headers.get("Retry-After", "")
    return GraphError(
        response.status,
        error.get("code"),
        f"{text}: {details}" if details else text,
        error.get("error_subcode"),
        float(wait) if wait.isdecimal() else None,
    )
