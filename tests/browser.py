"""A real headless Chromium for tests, and what one does on the traveler's page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
ANSWERED = 60_000
"""Milliseconds within which an answer must be on the page."""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The system's Chromium, else Playwright's own; nothing of it calls out."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-quic", "--disable-background-networking"],
        )
        yield browser
        await browser.close()


async def open_page(
    browser: Browser, url: str, locale: str = "en-GB", viewport: Any = PHONE, **options: Any
) -> Page:
    """A page in a context of its own."""
    context = await browser.new_context(locale=locale, viewport=viewport, **options)
    page = await context.new_page()
    await page.goto(url)
    return page


async def ask(page: Page, question: str) -> None:
    await page.locator("#text").fill(question)
    await page.locator("#send").click()
