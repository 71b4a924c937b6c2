"""A LibreTranslate server as strict as the real one, its error bodies those of its source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

NAMES = {"en": "English", "kk": "Kazakh", "ru": "Russian", "zh-Hans": "Chinese", "zh": "Chinese"}


class LibreTranslate:
    """Says what ``says`` tells, else the words behind their target's code.

    ``fail_next`` holds statuses and error texts, ``raw_next`` whole bodies;
    ``go_on`` cleared makes it hang; ``spoil`` changes what it says.
    """

    def __init__(self, key: str = "", codes: tuple[str, ...] = ("en", "kk", "ru", "zh-Hans")):
        self.key = key
        self.codes = codes
        self.without: set[tuple[str, str]] = set()
        self.says: dict[str, str] = {}
        self.asked: list[dict[str, Any]] = []
        self.fail_next: list[tuple[int, str]] = []
        self.raw_next: list[str] = []
        self.retry_after = ""
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.spoil: Callable[[str], str] = str
        self.was_asked = asyncio.Event()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/languages", self._languages)
        app.router.add_post("/translate", self._translate)
        return app

    async def _languages(self, _request: web.Request) -> web.Response:
        return web.json_response(
            [
                {"code": code, "name": NAMES[code], "targets": sorted(self._targets(code))}
                for code in self.codes
            ]
        )

    def _targets(self, source: str) -> list[str]:
        return [code for code in self.codes if (source, code) not in self.without]

    async def _translate(self, request: web.Request) -> web.Response:
        body = await request.json() if request.content_type == "application/json" else None
        if not isinstance(body, dict):
            return _error(400, "Invalid JSON format")
        self.asked.append(body)
        self.was_asked.set()
        await self.go_on.wait()
        if self.fail_next:
            return self._told_to_fail()
        if self.raw_next:
            return web.Response(text=self.raw_next.pop(0), content_type="application/json")
        return self._refusal(body) or web.json_response({"translatedText": self._said(body)})

    def _told_to_fail(self) -> web.Response:
        status, text = self.fail_next.pop(0)
        return _error(status, text, {"Retry-After": self.retry_after} if self.retry_after else {})

    def _refusal(self, body: dict[str, Any]) -> web.Response | None:
        """What the real one refuses, in its order; a batch, which we never send, too."""
        key = body.get("api_key")
        if self.key and key and key != self.key:
            return _error(403, "Invalid API key")
        if self.key and not key:
            return _error(400, "Please contact the server operator to get an API key")
        unknown = set(body) - {"q", "source", "target", "format", "api_key"}
        if unknown or not all(isinstance(value, str) for value in body.values()):
            return _error(400, f"Invalid request: {sorted(unknown) or 'wrong types'}")
        for name in ("q", "source", "target"):
            if not body.get(name):
                return _error(400, f"Invalid request: missing {name} parameter")
        source, target, wanted = body["source"], body["target"], body.get("format")
        for code in (source, target):
            if code not in self.codes:
                return _error(400, f"{code} is not supported")
        if wanted != "text":
            return _error(400, f"{wanted} format is not supported")
        if target not in self._targets(source):
            return _error(
                400,
                f"{NAMES[target]} ({target}) is not available as a target language "
                f"from {NAMES[source]} ({source})",
            )
        return None

    def _said(self, body: dict[str, str]) -> str:
        said = self.says.get(body["q"], f"<{body['target']}> {body['q']}")
        return self.spoil(said.lower() if body["q"].islower() else said)


def _error(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": text}, status=status, headers=headers)
