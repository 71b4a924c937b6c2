"""Signing in by OpenID Connect in Chromium: the session holds after the way through two sites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from desk import accounts, oidc
from desk.sessions import COOKIE
from desk.tables import desk_sessions
from hub.app import make_app
from hub.keys import DATABASE
from hub.settings import Settings
from tests.axe import check
from tests.browser import DESKTOP, open_page
from tests.fakes.oidc_provider import CLIENT, SECRET, Provider


@pytest.fixture
async def provider(aiohttp_server: Callable[..., Awaitable[TestServer]]) -> Provider:
    """Another site than the desk's, for a browser: that is at 127.0.0.1."""
    provider = Provider()
    server = await aiohttp_server(provider.application())
    provider.issuer = f"http://localhost:{server.port}"
    return provider


@pytest.fixture
def application(settings: Settings, provider: Provider, unused_tcp_port: int) -> web.Application:
    public_url = f"http://127.0.0.1:{unused_tcp_port}/"
    provider.redirect_uri = f"{public_url}desk/oidc/callback"
    known = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    return make_app(replace(settings, public_url=public_url, **known))


@pytest.fixture
async def site(
    application: web.Application,
    unused_tcp_port: int,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> str:
    await aiohttp_server(application, host="127.0.0.1", port=unused_tcp_port)
    await accounts.add(application[DATABASE], "wang", "officer", "11", "王")
    return f"http://127.0.0.1:{unused_tcp_port}"


async def begin(page: Page) -> None:
    """What the button of the sign-in page does."""
    await expect(page.locator("#sign-in")).to_be_visible()
    await page.evaluate("location.assign('/desk/oidc/start')")


@pytest.mark.parametrize("asks", [True, False], ids=["provider asks", "signed in there already"])
async def test_the_session_holds_after_the_round_trip(
    browser: Browser, application: web.Application, site: str, provider: Provider, asks: bool
) -> None:
    await accounts.link_subject(application[DATABASE], "wang", provider.subject)
    provider.asks = asks
    page = await open_page(browser, f"{site}/desk", "zh-CN", DESKTOP)
    await begin(page)
    if asks:
        await page.locator("#allow").click()
    await expect(page.locator("#desk")).to_be_visible()
    assert page.url == f"{site}/desk"
    await expect(page.locator("#me")).to_contain_text("11")
    # a change, which needs the CSRF token, and a page that is opened anew
    await page.locator("label:has([value=on_duty])").click()
    await expect(page.locator("#away-hint")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#desk")).to_be_visible()
    await expect(page.locator("[value=on_duty]")).to_be_checked()
    cookies = {each["name"]: each for each in await page.context.cookies(f"{site}/desk/oidc")}
    assert cookies[COOKIE]["sameSite"] == "Strict"
    assert oidc.COOKIE not in cookies


async def test_a_browser_that_signs_in_again_leaves_no_session_behind(
    browser: Browser, application: web.Application, site: str, provider: Provider
) -> None:
    await accounts.link_subject(application[DATABASE], "wang", provider.subject)
    provider.asks = True
    page = await open_page(browser, f"{site}/desk", "en-GB", DESKTOP)
    for _ in range(2):
        await page.evaluate("location.assign('/desk/oidc/start')")
        await page.locator("#allow").click()
        await expect(page.locator("#desk")).to_be_visible()
    async with application[DATABASE].read() as connection:
        query = sa.select(sa.func.count()).select_from(desk_sessions)
        assert await connection.scalar(query) == 1


async def test_who_is_refused_lands_on_the_sign_in_page(
    browser: Browser, site: str, provider: Provider
) -> None:
    provider.asks = True
    page = await open_page(browser, f"{site}/desk", "ru-RU", DESKTOP)
    await begin(page)
    await page.locator("#allow").click()
    await page.wait_for_url(f"{site}/desk#sign-in-refused")
    await expect(page.locator("#sign-in")).to_be_visible()
    assert await page.context.cookies(f"{site}/desk/oidc") == []


async def test_a_provider_that_is_down_is_a_page_with_a_way_back(
    browser: Browser, site: str, provider: Provider
) -> None:
    provider.broken = True
    page = await open_page(browser, f"{site}/desk", "kk-KZ", DESKTOP)
    await begin(page)
    await expect(page.locator("html")).to_have_attribute("lang", "kk")
    await check(page, "provider down")
    await page.locator("main a").click()
    await expect(page.locator("#sign-in")).to_be_visible()
