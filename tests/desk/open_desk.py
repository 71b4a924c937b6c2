"""An officer's page in a real browser, signed in, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from playwright.async_api import Browser, Page, expect

from desk import accounts
from desk.authentication import authenticate
from hub import ownership
from hub.keys import DATABASE, HANDOFFS
from tests.browser import DESKTOP, open_page
from tests.desk.officers import PASSWORD


async def add_officer(
    application: web.Application, login: str, number: str, name: str = "", role: str = "officer"
) -> int:
    """Makes an account with a password; returns the officer's id."""
    database, now = application[DATABASE], datetime.now(UTC)
    token = await accounts.add(database, login, role, number, name)
    await accounts.accept(database, token, PASSWORD, now)
    return (await authenticate(database, login, PASSWORD, None, now)).id


async def sign_in(page: Page, login: str) -> None:
    """Signs in and goes on duty."""
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.locator("label:has([value=on_duty])").click()
    await expect(page.locator("#away-hint")).to_be_hidden()


async def open_desk(
    browser: Browser, site: str, login: str, locale: str = "en-GB", size: Any = DESKTOP, **more: Any
) -> Page:
    """The page of an officer who is signed in and on duty."""
    page = await open_page(browser, f"{site}/desk", locale, size, **more)
    await sign_in(page, login)
    return page


async def claim(application: web.Application, conversation: str, officer: int) -> None:
    """A colleague takes a conversation, from wherever they sit."""
    now = datetime.now(UTC)
    await application[HANDOFFS].change(
        conversation,
        lambda state: ownership.claim(state, officer, now),
        "officer_joined",
        officer="Officer No. 7",
    )
