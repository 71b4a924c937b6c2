"""The officers' page in Chromium: axe-core finds nothing, text is shown as text."""

from __future__ import annotations

from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from desk import accounts
from hub.emergency_guide import SOS
from hub.keys import DATABASE, HANDOFFS
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.desk.officers import PASSWORD
from tests.talk import Traveler


async def signed_in(page: Page, application: web.Application, site: str) -> None:
    """Makes an account, signs in on the page and goes on duty."""
    database = application[DATABASE]
    token = await accounts.add(database, "wang", "officer", "11", "王")
    await accounts.accept(database, token, PASSWORD, datetime.now(UTC))
    await page.locator("#login").fill("wang")
    await check(page, "sign-in")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("label:has([value=on_duty])").click()


@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU", "kk-KZ", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_on_the_desk(
    browser: Browser,
    application: web.Application,
    site: str,
    locale: str,
    size: dict[str, int],
) -> None:
    page = await open_page(browser, f"{site}/desk", locale, size)
    await expect(page.locator("#sign-in")).to_be_visible()
    await signed_in(page, application, site)
    await expect(page.locator("#groups, #desk").first).to_be_visible()
    await check(page, "nobody waits")

    script = "<img src=x onerror=alert(1)> сәлем"
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, site, language="kk", script="Arab")
        await traveler.ask(script)
        await application[HANDOFFS].ask(traveler.conversation["id"], "asked", "k1")
        await page.locator("#groups a").first.click()
        await expect(page.locator("#timeline")).to_contain_text(script)
        assert await page.locator("#timeline img").count() == 0
        await page.locator("#claim").click()
        await expect(page.locator("#release")).to_be_enabled()
        await page.locator("#text").press_sequentially("/")
        await expect(page.locator("#phrases [role=option]").first).to_be_visible()
        await check(page, "phrases")
        await page.keyboard.press("Escape")
        await check(page, "conversation")
        await traveler.press(SOS)
        await expect(page.locator("#alarm")).to_be_visible()
        await check(page, "alarm")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
