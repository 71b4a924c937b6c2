"""An assistant and action server for tests of the hub: answers, fails or waits as told."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web


class StandIn:
    """Echoes every message once; ``fail_next`` and ``go_on`` make it misbehave."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.told: list[str] = []
        self.deaf = False
        self.forgotten: asyncio.Queue[str] = asyncio.Queue()
        self.fail_next: list[tuple[int, str]] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.buttons: list[dict[str, str]] | None = None
        self.card: dict[str, Any] | None = None
        self.answer: str | None = None
        self.understood: dict[str, Any] = {"intent": "greet", "topic": None}

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health", self._healthy)
        app.router.add_get("/webhooks/hub/", self._healthy)
        app.router.add_post("/webhooks/hub/webhook", self._take)
        app.router.add_post("/webhooks/hub/events", self._learn)
        app.router.add_delete("/webhooks/hub/conversations/{id}", self._forget)
        return app

    async def _healthy(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.asked.append(body)
        await self.go_on.wait()
        if self.fail_next:
            status, code = self.fail_next.pop(0)
            return web.json_response({"error": {"code": code, "message": "told to"}}, status=status)
        reply = {
            "text": self.answer or f"echo {body['message']}",
            "buttons": self.buttons,
            "card": self.card,
        }
        return web.json_response({"replies": [reply], "understood": self.understood})

    async def _learn(self, request: web.Request) -> web.Response:
        if self.deaf:
            return web.json_response({"error": {"code": "not_ready"}}, status=503)
        self.told.append((await request.json())["owner"])
        return web.Response(status=204)

    async def _forget(self, request: web.Request) -> web.Response:
        self.forgotten.put_nowait(request.match_info["id"])
        return web.Response(status=204)
