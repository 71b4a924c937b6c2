"""The accounts routes in an application of their own, with a clock to turn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from desk import accounts, sign_in
from desk.sessions import (
    CLOCK,
    COOKIE,
    changing,
    officer_of,
    require,
)
from hub.database import Database
from hub.errors import json_errors
from hub.keys import DATABASE, LIMITS, SETTINGS, WAKEUPS
from hub.rate_limits import RateLimiter
from hub.settings import read
from hub.wakeups import Wakeups
from tests.desk.officers import PASSWORD

ME = "/desk/api/me"


async def supervise(request: web.Request) -> web.Response:
    require(await changing(request), "supervisor")
    return web.Response(status=204)


async def watch(request: web.Request) -> web.Response:
    await officer_of(request, sign_of_life=False)
    return web.Response(status=204)


@dataclass
class Desk:
    """The accounts routes in an application of their own, with a clock to turn."""

    database: Database
    client: TestClient
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    csrf: str = ""

    async def add(self, login: str, role: str = "officer") -> None:
        token = await accounts.add(self.database, login, role, "07", "Айгүл", ["kk"])
        await accounts.accept(self.database, token, PASSWORD, datetime.now(UTC))

    async def sign_in(self, login: str = "aigul", **more: Any) -> ClientResponse:
        body = {"login": login, "password": PASSWORD, **more}
        response = await self.client.post("/desk/api/sign-in", json=body)
        if response.status == 200:
            self.csrf = (await response.json())["csrf"]
        return response

    async def change(self, method: str, path: str, body: Any = None) -> ClientResponse:
        headers = {"X-CSRF-Token": self.csrf}
        return await self.client.request(method, path, json=body, headers=headers)

    def forge(self, cookie: str) -> None:
        self.client.session.cookie_jar.clear()
        self.client.session.cookie_jar.update_cookies({COOKIE: cookie}, self.client.make_url("/"))

    @property
    def cookie(self) -> str:
        jar = self.client.session.cookie_jar.filter_cookies(self.client.make_url("/desk/api"))
        return jar[COOKIE].value


async def make(tmp_path: Path, client_of: Callable[..., Awaitable[TestClient]], url: str) -> Desk:
    settings = read({"VAR_DIR": str(tmp_path), "PUBLIC_URL": url})
    database = Database(settings.database_url)
    await database.migrate()
    app = web.Application(middlewares=[json_errors])
    app[DATABASE], app[SETTINGS] = database, settings
    app[LIMITS], app[WAKEUPS] = RateLimiter(), Wakeups()
    app[CLOCK] = lambda: desk.now
    app.add_routes(sign_in.router)
    app.router.add_post("/desk/supervise", supervise)
    app.router.add_get("/desk/watch", watch)
    desk = Desk(database, await client_of(app))
    await desk.add("aigul")
    return desk


async def code_of(response: ClientResponse) -> str:
    body = await response.json()
    assert body["error"]["message"]
    code: str = body["error"]["code"]
    return code


async def assert_refused(response: ClientResponse, status: int, code: str) -> None:
    assert (response.status, await code_of(response)) == (status, code)
