"""The widget on a foreign site whose style sheet tries to break it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Frame, Page, expect

from hub.app import make_app
from hub.settings import Settings
from tests.browser import DESKTOP, PHONE, open_page
from tests.stand_in import StandIn

HOST = "document.querySelector('baktu-assistant').getBoundingClientRect().toJSON()"


async def press_launcher(page: Page) -> None:
    await page.locator("baktu-assistant").wait_for(state="attached")
    box = await page.evaluate(HOST)
    await page.mouse.click(box["right"] - 30, box["bottom"] - 30)


async def open_widget(page: Page) -> Frame:
    """Opens it and returns the page inside, which a closed shadow root hides from locators."""
    await press_launcher(page)
    async with asyncio.timeout(10):
        while not (found := [frame for frame in page.frames if "widget=1" in frame.url]):
            await next_frame(page)
    return found[0]


async def next_frame(page: Page) -> None:
    await page.evaluate("() => new Promise(requestAnimationFrame)")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_hostile_style_neither_hides_nor_moves_it(
    browser: Browser, site: str, size: dict[str, int]
) -> None:
    page = await open_page(browser, f"{site}/demo", viewport=size)
    await page.locator("baktu-assistant").wait_for(state="attached")
    box = await page.evaluate(HOST)
    assert (box["width"], box["height"]) == (60, 60)
    assert size["width"] - box["right"] == size["height"] - box["bottom"] == 16
    host = page.locator("baktu-assistant")
    for name, value in {
        "display": "block",
        "opacity": "1",
        "visibility": "visible",
        "transform": "none",
        "filter": "none",
        "pointer-events": "auto",
    }.items():
        await expect(host).to_have_css(name, value)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_traveler_is_answered_in_it_and_counts_what_is_unread(
    browser: Browser, site: str, assistant: StandIn, size: dict[str, int]
) -> None:
    page = await open_page(browser, f"{site}/demo", viewport=size)
    frame = await open_widget(page)
    await frame.locator("#text").fill("hello")
    await frame.locator("#send").click()
    await expect(frame.locator("article.assistant")).to_have_count(1)
    assistant.go_on.clear()
    await frame.locator("#text").fill("later")
    await frame.locator("#send").click()
    await expect(frame.locator("#working")).to_be_visible()
    await frame.locator("#close").click()
    assistant.go_on.set()
    heard: list[str] = []
    async with asyncio.timeout(10):
        while not any('"unread":1' in each for each in heard):
            await next_frame(page)
            heard = await page.evaluate("window.heard")
    # the site hears a number and nothing of what was said
    assert not any("hello" in each or "later" in each for each in heard)
    await press_launcher(page)
    await expect(frame.locator("article.assistant")).to_have_count(2)


async def test_the_page_takes_colour_and_language_from_the_site(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, f"{site}/demo")
    frame = await open_widget(page)
    send = frame.locator("#send")
    await expect(send).to_have_css("background-color", "rgb(122, 46, 14)")
    await expect(send).to_have_css("color", "rgb(255, 255, 255)")
    await page.goto(f"{site}/?widget=1&language=kk-Arab&color=%23ffee88")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("#send")).to_have_css("color", "rgb(0, 0, 0)")


@pytest.mark.parametrize("allowed", [True, False], ids=["allowed", "not allowed"])
async def test_only_the_sites_of_the_settings_may_frame_the_page(
    settings: Settings,
    browser: Browser,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
    allowed: bool,
) -> None:
    async def show_frame(_request: web.Request) -> web.Response:
        return web.Response(text=f'<iframe src="{hub_url}?widget=1">', content_type="text/html")

    other = web.Application()
    other.router.add_get("/", show_frame)
    foreign = await aiohttp_server(other)
    embedders = (f"http://127.0.0.1:{foreign.port}",) if allowed else ()
    hub = await aiohttp_server(make_app(replace(settings, embedders=embedders)))
    hub_url = f"http://localhost:{hub.port}/"
    page = await open_page(browser, f"http://127.0.0.1:{foreign.port}")
    await expect(page.frame_locator("iframe").locator("#text")).to_have_count(int(allowed))
    await page.close()
