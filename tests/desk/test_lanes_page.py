"""The page of the lanes in Chromium: figures entered in seconds, by keyboard and on a phone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, Route, expect
from sqlalchemy.ext.asyncio import AsyncConnection

from desk import accounts
from hub.keys import DATABASE, LANES
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.desk.officers import PASSWORD

OpenLanes = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(browser: Browser, application: web.Application, site: str) -> OpenLanes:
    """Opens the lanes as an officer who has signed in at the desk."""

    async def open_lanes(locale: str = "en-GB", size: Any = DESKTOP, **more: Any) -> Page:
        page = await open_page(browser, f"{site}/desk", locale, size, **more)
        token = await accounts.add(application[DATABASE], "wang", "officer", "11", "王")
        await accounts.accept(application[DATABASE], token, PASSWORD, datetime.now(UTC))
        await page.locator("#login").fill("wang")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await page.locator("#lanes-open").click()
        await expect(row(page, "passengers_out")).to_be_visible()
        return page

    return open_lanes


def row(page: Page, lane: str) -> Locator:
    return page.locator(f"li[data-lane={lane}]")


async def enter(application: web.Application, ago: timedelta, **figures: Any) -> None:
    async def nothing(_connection: AsyncConnection) -> None:
        pass

    await application[LANES].enter(figures, 1, datetime.now(UTC) - ago, nothing)


async def test_figures_are_entered_by_keyboard_alone(
    opened: OpenLanes, application: web.Application
) -> None:
    page = await opened()
    await expect(row(page, "passengers_out").locator("[name=waiting]")).to_be_focused()
    for key in ("4", "0", "Tab", "1", "5", "ArrowDown", "5", "ArrowUp", "ArrowDown"):
        await page.keyboard.press(key)
    await expect(row(page, "passengers_in").locator("[name=minutes]")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.type("12")
    await page.keyboard.press("Enter")
    await expect(page.locator("#done")).to_have_text("Saved: 2")
    last = row(page, "passengers_out").locator(".last")
    await expect(last).to_contain_text("people: 40, 15 min")
    await expect(last).to_contain_text("No. 11 王")
    await expect(last).to_contain_text("Kazakhstan")
    await expect(row(page, "passengers_out").locator("[name=waiting]")).to_have_value("")
    known = {f.lane: (f.waiting, f.minutes) for f in await latest(application) if f.known}
    assert known == {"passengers_out": (40, 15), "passengers_in": (12, 5)}


async def latest(application: web.Application) -> list[Any]:
    return list(await application[LANES].latest(datetime.now(UTC)))


async def test_one_press_says_that_a_figure_still_holds_or_takes_it_back(
    opened: OpenLanes, application: web.Application
) -> None:
    page = await opened()
    await enter(application, timedelta(minutes=31), trucks_out=(7, 20))
    old = row(page, "trucks_out")
    await expect(old).to_have_class("old")
    await expect(old.locator(".last")).to_contain_text(
        "older than 30 minutes: travelers are told it is not known"
    )
    await check(page, "old")
    await old.locator("[data-what=same]").click()
    await expect(old).not_to_have_class("old")
    (figure,) = [each for each in await latest(application) if each.known]
    assert (figure.lane, figure.waiting, figure.minutes) == ("trucks_out", 7, 20)
    await old.locator("[data-what=clear]").click()
    await expect(old.locator(".last")).to_have_text("no figure")
    await expect(old.locator("[data-what=clear]")).to_be_hidden()
    assert not any(each.known for each in await latest(application))


async def test_what_is_no_number_is_shown_and_nothing_is_sent(
    opened: OpenLanes, application: web.Application
) -> None:
    page = await opened()
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("Enter a figure first.")
    await row(page, "trucks_in").locator("[name=waiting]").fill("3")
    await row(page, "trucks_out").locator("[name=waiting]").fill("many")
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("Digits only, please.")
    await expect(row(page, "trucks_out").locator("[name=waiting]")).to_be_focused()
    await check(page, "wrong")
    # minutes alone say nothing
    await row(page, "trucks_out").locator("[name=waiting]").fill("")
    await row(page, "trucks_out").locator("[name=minutes]").fill("5")
    await page.keyboard.press("Enter")
    await expect(row(page, "trucks_out").locator("[name=waiting]")).to_be_focused()
    assert not any(each.known for each in await latest(application))


async def test_a_colleagues_figure_comes_while_ones_own_is_being_typed(
    opened: OpenLanes, application: web.Application
) -> None:
    page = await opened()
    await page.keyboard.type("4")
    await enter(application, timedelta(), passengers_out=(33, None))
    await expect(row(page, "passengers_out").locator(".last")).to_contain_text("people: 33")
    own = row(page, "passengers_out").locator("[name=waiting]")
    await expect(own).to_be_focused()
    await expect(own).to_have_value("4")


async def test_what_could_not_be_sent_stays_in_its_field(opened: OpenLanes) -> None:
    page = await opened()

    async def refuse(route: Route) -> None:
        if route.request.method == "POST":
            body = {"error": {"code": "internal_error", "message": "said by the hub"}}
            await route.fulfill(status=500, body=json.dumps(body))
        else:
            await route.continue_()

    await page.route("**/desk/api/lanes", refuse)
    await page.keyboard.type("40")
    await page.keyboard.press("Enter")
    await expect(page.locator("#said")).to_have_text("said by the hub")
    await expect(row(page, "passengers_out").locator("[name=waiting]")).to_have_value("40")


async def test_without_a_session_the_page_shows_the_way_to_the_desk(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, f"{site}/desk/lanes")
    await expect(page.locator("#door a")).to_have_attribute("href", "/desk")
    await expect(page.locator("#page")).to_be_hidden()
    await check(page, "door")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU", "kk-KZ", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_on_the_lanes(
    opened: OpenLanes,
    application: web.Application,
    locale: str,
    size: dict[str, int],
    scheme: str,
) -> None:
    page = await opened(locale, size, color_scheme=scheme)
    await enter(application, timedelta(), passengers_out=(33, 10))
    await enter(application, timedelta(hours=2), trucks_out=(7, 20))
    await expect(row(page, "trucks_out")).to_have_class("old")
    await check(page, "lanes")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for element in await page.locator("#lanes :is(button, input):visible").all():
        box = await element.bounding_box()
        assert box
        assert box["height"] >= 44
