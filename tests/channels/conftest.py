"""Hubs on messaging networks, whose servers are local and whose clock the test moves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from hub.app import make_app
from hub.settings import Settings
from tests.clock import MovedClock
from tests.fakes.telegram import TOKEN, FakeTelegram
from tests.fakes.whatsapp import FakeWhatsApp, turned_on


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def telegram(
    clock: MovedClock, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> FakeTelegram:
    """Telegram's server."""
    fake = FakeTelegram(clock)
    await fake.serve(aiohttp_server)
    return fake


@pytest.fixture
def on_telegram(settings: Settings, telegram: FakeTelegram) -> Settings:
    """Settings of a hub with a Telegram bot."""
    return replace(settings, telegram_token=TOKEN, telegram_api_url=telegram.url)


@pytest.fixture
async def port(
    on_telegram: Settings,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    """A hub in this process that polls Telegram."""
    return await aiohttp_client(make_app(on_telegram, clock))


@pytest.fixture
async def whatsapp(
    clock: MovedClock, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> FakeWhatsApp:
    """WhatsApp's server."""
    fake = FakeWhatsApp(clock)
    await fake.serve(aiohttp_server)
    return fake


@pytest.fixture
def on_whatsapp(settings: Settings, whatsapp: FakeWhatsApp) -> Settings:
    """Settings of a hub with a WhatsApp number."""
    return turned_on(settings, whatsapp)


@pytest.fixture
async def line(
    on_whatsapp: Settings,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    """A hub in this process that WhatsApp calls."""
    client = await aiohttp_client(make_app(on_whatsapp, clock))
    whatsapp.hook = str(client.make_url("/whatsapp/webhook"))
    return client
