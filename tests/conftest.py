"""Fixtures that tests of more than one room use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser

from hub.app import make_app
from hub.settings import Settings, read
from tests.browser import chromium
from tests.stand_in import StandIn
from tests.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, started once for all tests that need it."""
    started = System(tmp_path_factory.mktemp("var"))
    started.start()
    yield started
    started.stop()


@pytest.fixture
def assistant() -> StandIn:
    """What the ``hub`` of the test asks instead of Rasa."""
    return StandIn()


@pytest.fixture
async def settings(
    tmp_path: Path,
    assistant: StandIn,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> Settings:
    """Settings of a hub with a database of its own and the stand-in assistant."""
    server = await aiohttp_server(assistant.application())
    url = f"http://127.0.0.1:{server.port}"
    return read({"VAR_DIR": str(tmp_path), "ASSISTANT_URL": url, "ACTIONS_URL": url})


@pytest.fixture
async def hub(
    settings: Settings, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> TestClient:
    """A hub in this process, with a real database."""
    return await aiohttp_client(make_app(settings))


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
