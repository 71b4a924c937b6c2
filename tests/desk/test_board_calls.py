"""Calls for help on the board in Chromium: where, each step, acknowledged and ended from there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from desk import accounts
from hub.emergency_guide import SOS
from hub.keys import DATABASE
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.desk.board_server import BoardServer, call, request
from tests.desk.officers import PASSWORD
from tests.desk.test_board_page import OpenBoard, opened
from tests.talk import Traveler

__all__ = ["opened"]


def calls(page: Page, state: str = "") -> Any:
    return page.locator(f"#calls li.call{f'.{state}' if state else ''}")


async def test_a_call_shows_place_language_and_each_step_with_its_time(opened: OpenBoard) -> None:
    raised = call()
    page = await opened(BoardServer(request("R1"), calls=[raised]))
    at = datetime.fromisoformat(raised["created_at"])
    port, there = at + timedelta(hours=8), at + timedelta(hours=5)
    one = calls(page, "raised")
    await expect(one.locator("h3")).to_have_text(
        "Person unconscious · Chinese side, passenger hall"
    )
    await expect(one).to_contain_text("Nobody has acknowledged it yet")
    await expect(one).to_contain_text(f"{port:%H:%M} Beijing · {there:%H:%M} Kazakhstan")
    await expect(one).to_contain_text("Kazakh, Cyrillic")
    steps = await one.locator(".steps li").all_inner_texts()
    assert len(steps) == 2
    assert "call for help" in steps[0]
    assert "place told · Chinese side, passenger hall" in steps[1]
    assert all("Beijing" in step for step in steps)
    assert await one.locator("a").get_attribute("href") == "/desk#of-call"
    await check(page, "a call")


async def test_it_is_acknowledged_and_ended_from_the_board(opened: OpenBoard) -> None:
    server = BoardServer(calls=[call()])
    page = await opened(server)
    await calls(page).locator("[data-what=acknowledge]").click()
    await expect(calls(page, "acknowledged")).to_contain_text("acknowledged · No. 11 王")
    await calls(page).locator("[data-what=close]").click()
    await expect(page.locator("#calls-open > li")).to_have_count(0)
    await expect(page.locator("#calls-title")).to_be_focused()
    await page.locator("#calls-ended summary").click()
    await expect(calls(page, "closed")).to_contain_text("ended · No. 11 王")
    assert [(who, what) for who, what, _ in server.moves] == [
        ("of-call:1", "acknowledge"),
        ("of-call:1", "close"),
    ]
    await check(page, "ended")


async def test_one_that_nobody_acknowledged_is_hidden_by_no_filter(opened: OpenBoard) -> None:
    server = BoardServer(
        request("R1"), calls=[call(1, "acknowledged", language="ru"), call(2, "raised")]
    )
    page = await opened(server)
    await expect(page.locator("#calls-open > li")).to_have_count(2)
    await page.locator("#kind").select_option("lost_item")
    await expect(page.locator("#calls-open > li")).to_have_count(1)
    await expect(calls(page, "raised")).to_be_visible()
    await page.locator("#kind").select_option("emergency")
    await expect(page.locator("#calls-open > li")).to_have_count(2)
    await expect(page.locator("li[data-number]")).to_have_count(0)
    await page.locator("#kind").select_option("")
    await page.locator("#spoken").select_option("zh")
    await expect(page.locator("#calls-open > li")).to_have_count(1)


async def test_a_deleted_conversation_has_no_link(opened: OpenBoard) -> None:
    page = await opened(BoardServer(calls=[call(deleted=True)]))
    await expect(calls(page)).to_contain_text("The traveler has deleted this conversation")
    assert await calls(page).locator("a").count() == 0
    await expect(calls(page).locator("[data-what=acknowledge]")).to_be_visible()


async def test_the_days_paper_has_calls_and_requests_in_the_order_of_time(
    opened: OpenBoard,
) -> None:
    server = BoardServer(
        request("R1", due_at="2030-03-05T05:00:00+00:00"),
        request("R2", due_at="2030-03-05T01:00:00+00:00"),
        calls=[call(state="closed", created_at="2030-03-05T03:00:00+00:00")],
    )
    page = await opened(server, path="?day=2030-03-05")
    await page.emulate_media(media="print")
    rows = await page.locator("#paper tbody tr").all_inner_texts()
    assert [re.findall(r"R\d|SOS", row) for row in rows] == [["R2"], ["SOS"], ["R1"]]
    assert "Person unconscious" in rows[1]
    assert "place told" in rows[1]


async def test_a_real_call_comes_to_the_board_and_goes_on_before_the_officers_eyes(
    browser: Browser, application: web.Application, site: str
) -> None:
    page = await open_page(browser, f"{site}/desk", "en-GB", DESKTOP)
    token = await accounts.add(application[DATABASE], "wang", "officer", "11", "王")
    await accounts.accept(application[DATABASE], token, PASSWORD, datetime.now(UTC))
    await page.locator("#login").fill("wang")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk")).to_be_visible()
    await page.goto(f"{site}/desk/board")
    await expect(page.locator(".none:visible")).to_have_count(5)
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, site, language="kk", script="Cyrl")
        await traveler.press(SOS)
        await expect(calls(page, "raised")).to_contain_text("place unknown")
        buttons = [b["payload"] for m in await traveler.messages() for b in m["buttons"] or []]
        (place,) = (payload for payload in buttons if "cn_hall" in payload)
        await traveler.press(place)
        await expect(calls(page, "raised")).to_contain_text("place told")
        await calls(page).locator("[data-what=acknowledge]").click()
        await expect(calls(page, "acknowledged")).to_contain_text("acknowledged · No. 11 王")
        await calls(page).locator("[data-what=close]").click()
        await expect(page.locator("#calls-open > li")).to_have_count(0)
        await expect(page.locator("#calls-ended")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU", "kk-KZ", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_on_calls(
    opened: OpenBoard, locale: str, size: dict[str, int], scheme: str
) -> None:
    every = [call(1, "closed"), call(2, "acknowledged"), call(3, escalated=True)]
    page = await opened(BoardServer(calls=every), locale, size, color_scheme=scheme)
    await page.locator("#calls-ended summary").click()
    await check(page, "calls")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for element in await page.locator("#calls :is(button, a, summary)").all():
        box = await element.bounding_box()
        assert box
        assert box["height"] >= 24
