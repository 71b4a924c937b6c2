"""Groups' briefings on the desk's page, in Chromium: they come, fill and end before the officer."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from playwright.async_api import Browser, Page, expect

from bot import briefing
from bot.language import SCRIPTS, Language
from desk.files import PAGE
from hub.briefing_rules import keys, port_day
from hub.keys import BRIEFINGS
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.desk.open_desk import add_officer, open_desk
from tests.desk.test_files import PLACE, in_language

ALL = list(keys(briefing.load()))
KAZAKH = Language("kk", "Arab")


async def fill(application: web.Application) -> dict[str, Any]:
    """Two groups of today, one of the day after tomorrow; returns the newest of today."""
    groups, now = application[BRIEFINGS], datetime.now(UTC)
    later = (port_day(now) + timedelta(days=2)).isoformat()
    await groups.make("k1", 44, later, now, language=Language("zh", "Hans"))
    whole = await groups.make("k2", 1, None, now, language=Language("ru", "Cyrl"))
    await groups.tick(whole["code"], "w" * 40, "Виктория", KAZAKH, ALL, 1, now)
    made = await groups.make("k3", 3, None, now, language=KAZAKH)
    await groups.tick(made["code"], "a" * 40, "Айгүл", KAZAKH, ALL, 1, now)
    await groups.tick(made["code"], "b" * 40, "x" * 40, KAZAKH, ALL[:9], 1, now)
    return made


async def wake(page: Page) -> None:
    """The page looks again, as after a sleep."""
    await page.evaluate("dispatchEvent(new Event('online'))")


@pytest.mark.parametrize(
    ("locale", "size"), [("zh-CN", PHONE), ("kk-KZ", PHONE), ("ru-RU", DESKTOP)], ids=str
)
async def test_officers_see_how_far_each_group_is(
    browser: Browser, application: web.Application, site: str, locale: str, size: Any
) -> None:
    made = await fill(application)
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", locale, size)
    await page.locator("#briefings-open").click()
    await expect(page.locator("#days .group")).to_have_count(3)
    await expect(page.locator("#days section")).to_have_count(2)
    card = page.locator(".group", has_text=made["code"])
    await expect(card.locator("h3")).to_contain_text(re.compile(r"1.*3|3.*1"))
    await expect(card.locator("ul").first).to_contain_text("x" * 40)
    await expect(card.locator("ul").first).to_contain_text(
        re.compile(f"9.*{len(ALL)}|{len(ALL)}.*9")
    )
    await expect(card.locator("details")).not_to_contain_text("x" * 40)
    await card.locator("summary").click()
    await expect(card.get_by_text("Айгүл")).to_be_visible()
    await check(page, "groups")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_page_follows_by_itself_and_an_open_list_stays_open(
    browser: Browser, application: web.Application, site: str
) -> None:
    made = await fill(application)
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await page.goto(f"{site}/desk/briefings")
    card = page.locator(".group", has_text=made["code"])
    await card.locator("summary").click()
    now = datetime.now(UTC)
    groups = application[BRIEFINGS]
    await groups.tick(made["code"], "b" * 40, "14A", KAZAKH, ALL, 2, now)
    await wake(page)
    await expect(card.locator("h3")).to_contain_text("2 of 3 ready")
    await expect(card.get_by_text("14A")).to_be_visible()
    await groups.end(made["code"], made["leader_link"].partition("#")[2], now)
    await wake(page)
    await expect(card).to_have_count(0)
    await expect(page.locator("#summary")).to_have_text("Groups today: 1 · ready: 1 of 1")


async def test_nobody_sees_names_without_signing_in(
    browser: Browser, application: web.Application, site: str
) -> None:
    await fill(application)
    page = await open_page(browser, f"{site}/desk/briefings")
    await expect(page.locator("#door")).to_be_visible()
    await expect(page.locator("#groups")).to_be_hidden()
    await check(page, "door")


async def test_a_session_that_ends_takes_the_names_off_the_page(
    browser: Browser, application: web.Application, site: str
) -> None:
    await fill(application)
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await page.goto(f"{site}/desk/briefings")
    await expect(page.locator(".group")).to_have_count(3)
    await page.context.clear_cookies()
    await wake(page)
    await expect(page.locator("#door")).to_be_visible()
    assert "Айгүл" not in await page.content()


async def test_the_page_may_stand_in_no_frame_and_all_its_words_are_there(
    hub: TestClient,
) -> None:
    response = await hub.get("/desk/briefings")
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    asked = set(re.findall(r"data-(?:word|label)=\"(\w+)\"", await response.text()))
    script = (PAGE / "briefings.js").read_text("utf-8")
    asked |= set(re.findall(r"word\(\"(\w+)\"", script))
    assert len(asked) > 15
    english = {
        name: text for name, text in in_language("en").items() if name.startswith("briefings_")
    }
    for code in SCRIPTS:
        own = in_language(code)
        assert asked - set(own) == set()
        assert {name for name in own if name.startswith("briefings_")} == set(english)
        for name, text in english.items():
            assert set(PLACE.findall(own[name])) == set(PLACE.findall(text)), (code, name)
