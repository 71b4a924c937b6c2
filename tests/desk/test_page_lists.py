"""The lists on the officers' page: what a search finds, the desk's hours, the end of a shift."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Request, Route, expect

from bot.clocks import PORT_TIME
from desk import search
from hub.keys import HANDOFFS
from tests.axe import check
from tests.browser import DESKTOP, PHONE
from tests.desk.open_desk import add_officer, claim, open_desk
from tests.talk import Traveler


@pytest.fixture
async def conversations(
    site: str, application: web.Application
) -> AsyncIterator[list[dict[str, Any]]]:
    """Three travelers who wait for an officer."""
    async with aiohttp.ClientSession() as session:
        travelers = [await Traveler.arrive(session, site, language="ru") for _ in range(3)]
        for number, traveler in enumerate(travelers):
            await traveler.ask(f"Где проходит досмотр багажа {number}?")
            await application[HANDOFFS].ask(traveler.conversation["id"], "asked", f"k{number}")
        yield [traveler.conversation for traveler in travelers]


def searches_of(page: Page) -> list[dict[str, str]]:
    """What the page searches for, as it does."""
    asked: list[dict[str, str]] = []

    def note(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.path == "/desk/api/search":
            asked.append(dict(parse_qsl(parts.query)))

    page.on("request", note)
    return asked


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_a_search_by_keyboard_finds_opens_and_goes_on(
    browser: Browser,
    application: web.Application,
    site: str,
    conversations: list[dict[str, Any]],
    size: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", "ru-RU", size, base_url=site)
    asked = searches_of(page)
    await page.keyboard.press("Alt+s")
    await expect(page.locator("#q")).to_be_focused()
    await expect(page.locator("#queue")).to_be_hidden()
    await check(page, "search")
    await page.keyboard.type("багаж")
    await page.keyboard.press("Enter")
    found = page.locator("#found a")
    await expect(found).to_have_count(2)
    await expect(page.locator("#found-count")).to_have_text("Показано разговоров: 2")
    await expect(found.first.locator("mark").first).to_have_text("багаж")
    await check(page, "found")

    await page.locator("#found-more").focus()
    await page.keyboard.press("Enter")
    await expect(found).to_have_count(len(conversations))
    await expect(found.nth(2)).to_be_focused()
    await expect(page.locator("#found-more")).to_be_hidden()
    assert [each["q"] for each in asked] == ["багаж", "багаж"]
    assert "before" in asked[1]

    await page.keyboard.press("Enter")
    await expect(page.locator("#timeline")).to_contain_text("досмотр багажа")
    await page.locator("#timeline").focus()
    await page.keyboard.press("Alt+s")
    await expect(page.locator("#q")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_filters_are_asked_for_and_cleared(
    browser: Browser, application: web.Application, site: str, conversations: list[dict[str, Any]]
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", base_url=site)
    asked = searches_of(page)
    await page.locator("#search-open").click()
    await page.locator("#filters-title").click()
    await page.locator("[name=language]").select_option("ru")
    await expect(page.locator("#found a")).to_have_count(3)
    await page.locator("[name=number]").fill(conversations[0]["id"][:6])
    await page.locator("[name=channel]").select_option("web")
    await page.locator("[name=state]").select_option("queue")
    await page.locator("[name=reason]").select_option("asked")
    await expect(page.locator("#found a")).to_have_count(1)
    today = f"{datetime.now(UTC).astimezone(PORT_TIME):%Y-%m-%d}"
    async with page.expect_response(lambda each: "day=" in each.url):
        await page.locator("[name=day]").fill(today)
    await expect(page.locator("#found a")).to_have_count(1)
    await expect(page.locator("#filters-title")).to_have_text("Filters (6 set)")
    assert asked[-1] == {
        "language": "ru",
        "number": conversations[0]["id"][:6],
        "channel": "web",
        "state": "queue",
        "reason": "asked",
        "day": today,
    }
    await check(page, "filters")
    await page.locator("#search-form [type=reset]").click()
    await expect(page.locator("#found a")).to_have_count(0)
    await expect(page.locator("#filters-title")).to_have_text("Filters")
    await page.locator("#q").fill("nothing")
    await page.locator("#q").press("Enter")
    await expect(page.locator("#found-count")).to_contain_text("Nothing found")
    await page.keyboard.press("Escape")
    await expect(page.locator("#search-open")).to_be_focused()
    await expect(page.locator("#groups a").first).to_be_visible()


@pytest.mark.parametrize("whom", ["anyone", "language", "colleague"])
async def test_a_shift_ends_by_handing_over_all_ones_conversations(
    browser: Browser,
    application: web.Application,
    site: str,
    conversations: list[dict[str, Any]],
    whom: str,
) -> None:
    own = await add_officer(application, "li", "07")
    colleague = await add_officer(application, "wang", "11", "王")
    page = await open_desk(browser, site, "li")
    await page.locator("#settings-open").click()
    await expect(page.locator("#hand-over")).to_be_disabled()
    for each in conversations:
        await claim(application, each["id"], own)
    await expect(page.locator("#shift-text")).to_contain_text("3")
    await page.locator("#hand-over").click()
    await expect(page.locator("#pass-title")).to_contain_text("3")
    await expect(page.locator("#pass-now")).to_have_text("Hand over all conversations (3)")
    await check(page, "hand over")
    value = {"anyone": {}, "language": {"language": "ru"}, "colleague": {"officer": colleague}}
    chosen = json.dumps(value[whom], separators=(",", ":"))
    await page.locator(f"#pass [value='{chosen}']").check()
    await page.locator("#pass-now").click()
    await expect(page.locator("#shift-said")).to_have_text("Conversations handed over: 3.")
    await expect(page.locator("#settings-close")).to_be_focused()
    await expect(page.locator("#hand-over")).to_be_disabled()
    await page.locator("#settings-close").click()
    waiting = page.locator("#groups [data-group=queue] a")
    await expect(waiting).to_have_count(3)
    passed = {"anyone": "", "language": "Passed on: Russian", "colleague": "Passed on to No. 11 王"}
    await expect(waiting.first).to_contain_text(passed[whom])


async def test_who_goes_away_is_offered_to_hand_over(
    browser: Browser, application: web.Application, site: str, conversations: list[dict[str, Any]]
) -> None:
    own = await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await claim(application, conversations[0]["id"], own)
    await expect(page.locator("#groups [data-group=mine] a")).to_have_count(1)
    await expect(page.locator("#hand-over-away")).to_be_hidden()
    await page.locator("label:has([value=away])").click()
    await page.locator("#hand-over-away").click()
    await page.locator("#pass [value='{}']").check()
    await page.locator("#pass-now").click()
    await expect(page.locator("#groups [data-group=mine]")).to_be_hidden()
    await expect(page.locator("#hand-over-away")).to_be_hidden()
    await expect(page.locator("#hand-over-said")).to_have_text("Conversations handed over: 1.")


async def test_a_hand_over_that_fails_says_so(
    browser: Browser, application: web.Application, site: str, conversations: list[dict[str, Any]]
) -> None:
    own = await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await claim(application, conversations[0]["id"], own)
    await expect(page.locator("#groups [data-group=mine] a")).to_have_count(1)
    await page.route("**/hand-over", lambda route: route.abort())
    await page.locator("#settings-open").click()
    await page.locator("#hand-over").click()
    await page.locator("#pass [value='{}']").check()
    await page.locator("#pass-now").click()
    await expect(page.locator("#shift-said")).to_contain_text("That did not work")
    await expect(page.locator("#hand-over")).to_be_enabled()


async def tell_queue(page: Page, **more: Any) -> None:
    """The queue's stream tells more than the hub does: what others have not built yet."""
    queue = await (await page.request.get("/desk/api/queue")).json()
    event = f"event: queue\ndata: {json.dumps({**queue, **more})}\n\n"

    async def answer(route: Route, _request: Request) -> None:
        await route.fulfill(body=event, content_type="text/event-stream")

    await page.route("**/desk/api/events", answer)
    await page.reload()


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        ({"open": True, "changes_at": None}, "The desk is open now"),
        ({"open": False, "changes_at": None}, "The desk is closed now"),
        (
            {"open": True, "changes_at": "2027-03-01T12:00:00+00:00"},
            "The desk is open until 1 March, 20:00 Beijing · 17:00 Kazakhstan",
        ),
        (
            {"open": False, "changes_at": "2027-03-01T01:30:00+00:00"},
            "The desk is closed until 1 March, 09:30 Beijing · 06:30 Kazakhstan",
        ),
    ],
)
async def test_the_queue_tells_the_desks_hours(
    browser: Browser, application: web.Application, site: str, hours: dict[str, Any], shown: str
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", base_url=site)
    await expect(page.locator("#hours")).to_be_hidden()
    await tell_queue(page, hours={"known": True, **hours})
    await expect(page.locator("#hours")).to_have_text(shown)
    await page.unroute("**/desk/api/events")
    await tell_queue(page, hours={"known": False, **hours})
    await expect(page.locator("#officers")).to_contain_text("07")
    await expect(page.locator("#hours")).to_be_hidden()


WATCH = """addEventListener("DOMContentLoaded", () => {
  window.lines = [];
  const alarms = document.querySelector("#alarms");
  const keep = () => {
    for (const line of alarms.querySelectorAll(".quiet")) lines.push(line.textContent);
  };
  new MutationObserver(keep).observe(alarms, { childList: true, subtree: true });
});"""
"""Keeps the lines of alarms as they are at each change, the first one too."""


@pytest.mark.parametrize(("role", "marked"), [("officer", 0), ("supervisor", 1), ("admin", 1)])
async def test_an_escalated_alarm_is_marked_for_supervisors(
    browser: Browser, application: web.Application, site: str, role: str, marked: int
) -> None:
    await add_officer(application, "li", "07", role=role)
    page = await open_desk(browser, site, "li", base_url=site)
    alarm = {
        "conversation_id": "c",
        "seq": 1,
        "kind": "collapse",
        "place": "cn_hall",
        "language": "kk",
        "created_at": "2026-11-24T12:00:00+00:00",
    }
    await page.add_init_script(WATCH)
    await tell_queue(page, alarms=[{**alarm, "escalated": True}, {**alarm, "seq": 2}])
    await expect(page.locator("#alarms li")).to_have_count(2)
    lines = await page.evaluate("window.lines")
    assert lines
    assert all(re.search(r"· [\d:]+$", line) for line in lines), lines
    await expect(page.locator("#alarms .hint")).to_have_count(1)
    await expect(page.locator("#alarms li.ours")).to_have_count(marked)
    said = "It is now yours as a supervisor" if marked else "has gone to the supervisors"
    await expect(page.locator("#alarms .hint")).to_contain_text(said)
    await check(page, "escalated")
