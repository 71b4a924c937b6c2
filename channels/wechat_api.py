"""The calls of WeChat's API that are needed here, and the access token that they take.

wechatpy's own client waits for each answer and knows no event loop; this one is aiohttp.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp

from hub.clock import Clock
from hub.settings import Settings

TIMEOUT = 10.0
"""Seconds that WeChat may take to answer."""

EARLY = 240
"""Seconds before its end at which a token is renewed. WeChat makes a new one 300 before it."""

STALE = (40001, 40014, 42001)
"""What WeChat says of a token that is no longer, or never was, good."""


class WeChatError(Exception):
    """WeChat said no: its ``errcode`` and ``errmsg``."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class UnreachableError(Exception):
    """WeChat did not answer, or not as its API does."""


class WeChatApi:
    """The API of one account."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._token = ""
        self._good_until = 0.0
        self._renewing = asyncio.Lock()

    async def call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Posts ``body``, or gets where there is none; returns the answer.

        Raises:
            WeChatError, UnreachableError
        """
        token = await self._access_token()
        try:
            return await self._ask(path, body, {"access_token": token})
        except WeChatError as error:
            if error.code not in STALE:
                raise
        return await self._ask(path, body, {"access_token": await self._access_token(token)})

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _access_token(self, refused: str = "") -> str:
        """The token, renewed when it ends or was ``refused``; whoever else needs it waits."""
        async with self._renewing:
            if self._token in ("", refused) or self._clock.seconds() >= self._good_until:
                await self._renew()
                if self._token == refused:
                    # given once more although it is refused: twenty times a day it may be forced
                    await self._renew(force=True)
            return self._token

    async def _renew(self, force: bool = False) -> None:
        # the "stable" token: a second process that asks, as the check does, gets the same one,
        # where /cgi-bin/token would end the first one's
        asked = {
            "grant_type": "client_credential",
            "appid": self._settings.wechat_app_id,
            "secret": self._settings.wechat_secret,
            "force_refresh": force,
        }
        given = await self._ask("/cgi-bin/stable_token", asked, {})
        try:
            self._token, lasts = str(given["access_token"]), float(given["expires_in"])
        except (KeyError, TypeError, ValueError):
            raise UnreachableError("asked for a token, and none came") from None
        self._good_until = self._clock.seconds() + max(lasts - EARLY, 30.0)

    async def _ask(
        self, path: str, body: dict[str, Any] | None, query: dict[str, str]
    ) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(TIMEOUT))
        url = self._settings.wechat_api_url + path
        try:
            if body is None:
                request = self._session.get(url, params=query)
            else:
                # WeChat shows \uXXXX as it stands
                sent = json.dumps(body, ensure_ascii=False).encode()
                headers = {"Content-Type": "application/json; charset=utf-8"}
                request = self._session.post(url, params=query, data=sent, headers=headers)
            async with request as response:
                text = await response.text(encoding="utf-8")
                status = response.status
        except (TimeoutError, aiohttp.ClientError, UnicodeDecodeError) as error:
            # its text may hold the address, and that the token
            raise UnreachableError(type(error).__name__) from None
        try:
            answer = json.loads(text)
            code = int(answer.get("errcode", 0))
        except (ValueError, TypeError, AttributeError):
            raise UnreachableError(f"HTTP status {status}") from None
        if code:
            raise WeChatError(code, str(answer.get("errmsg", "")))
        if status != 200:
            raise UnreachableError(f"HTTP status {status}")
        return dict(answer)
