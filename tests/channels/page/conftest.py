"""The page in Chromium, served by a real hub whose assistant is the stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser

from hub.app import make_app
from hub.settings import Settings
from tests.browser import chromium


@pytest.fixture
async def browser(site: str) -> AsyncIterator[Browser]:
    # after the site, so that it ends first: a server waits for streams that are still read
    async with chromium() as started:
        yield started


@pytest.fixture
def application(settings: Settings) -> web.Application:
    return make_app(settings)


@pytest.fixture
async def site(
    application: web.Application, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> str:
    """The hub's address."""
    server = await aiohttp_server(application)
    return f"http://127.0.0.1:{server.port}"
