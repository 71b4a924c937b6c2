"""The board in Chromium: what officers see of requests, and how they move them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from desk import accounts
from hub.keys import DATABASE
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.desk.board_server import BoardServer, error, request
from tests.desk.officers import PASSWORD

NOW = datetime.now(UTC)
LONG = "Менің анам жүре алмайды, инвалидтік арба керек; көлігіміз Зайсаннан таңертең шығады"

OpenBoard = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(browser: Browser, application: web.Application, site: str) -> OpenBoard:
    """Opens the board as an officer who has signed in at the desk."""

    async def open_board(
        server: BoardServer, locale: str = "en-GB", size: Any = DESKTOP, path: str = "", **more: Any
    ) -> Page:
        page = await open_page(browser, f"{site}/desk", locale, size, **more)
        token = await accounts.add(application[DATABASE], "wang", "officer", "11", "王")
        await accounts.accept(application[DATABASE], token, PASSWORD, datetime.now(UTC))
        await page.locator("#login").fill("wang")
        await page.locator("#password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.locator("#desk")).to_be_visible()
        await server.serve(page)
        await page.goto(f"{site}/desk/board{path}")
        await expect(page.locator("#summary")).to_contain_text(re.compile(r"\d"))
        return page

    return open_board


def card(page: Page, number: str, column: str = "") -> Any:
    inside = f"[data-column={column}] " if column else ""
    return page.locator(f"{inside}li[data-number={number}]")


def everything() -> BoardServer:
    day = timedelta(days=1)
    return BoardServer(
        request(
            "R509234",
            late=True,
            due_at=(NOW - timedelta(minutes=20)).isoformat(),
            details={"help": ["wheelchair", "elderly", "ill"], "vehicle": "bus", "note": LONG},
            people=3,
        ),
        request("R896604", language="zh", script="Hans", direction="entering_china"),
        request("R283971", due_at=None, kind="lost_item", details={}, people=None, language="ru"),
        request(
            "R671356",
            "accepted",
            officer={"id": 9, "number": "04", "name": "Айгүл"},
            place="service_station",
            details={"help": ["walking"], "contact": "+77001234567"},
        ),
        request("R158084", "under_way", place="hall_entrance", language="en", script=""),
        request("R545457", "done", language="ru", script=""),
        request("R932822", "refused", reason="port_closed"),
        request("R320199", "cancelled", reason="Автобус кешігіп жатыр", conversation_id=None),
        request("R700001", "done", updated_at=(NOW - 3 * day).isoformat()),
    )


async def test_requests_stand_in_the_columns_of_their_states(opened: OpenBoard) -> None:
    page = await opened(everything())
    counts = {
        name: await page.locator(f"[data-column={name}] li[data-number]").count()
        for name in ("requested", "accepted", "under_way", "done", "over")
    }
    assert counts == {"requested": 3, "accepted": 1, "under_way": 1, "done": 1, "over": 2}
    first = page.locator("[data-column=requested] li[data-number]").first
    await expect(first).to_contain_text("R509234")
    await expect(first).to_contain_text("Late")
    await expect(first).to_contain_text("Wheelchair, Elderly person, Unwell")
    await expect(first).to_contain_text("people: 3 · Leaving China · bus")
    due = NOW - timedelta(minutes=20)
    port, there = due + timedelta(hours=8), due + timedelta(hours=5)
    await expect(first).to_contain_text(f"{port:%H:%M} Beijing · {there:%H:%M} Kazakhstan")
    await expect(first).to_contain_text("Kazakh, Cyrillic · waiting 12 min")
    await expect(card(page, "R932822")).to_contain_text("refused: The port is closed at that time")
    await expect(card(page, "R671356")).to_contain_text("service station")
    link = card(page, "R509234").locator("h3 a")
    assert await link.get_attribute("href") == "/desk#of-R509234"
    assert await page.title() == "(3) Requests"
    assert await card(page, "R320199").locator("a").count() == 0


async def test_a_day_that_is_another_in_kazakhstan_is_named(opened: OpenBoard) -> None:
    page = await opened(BoardServer(request("R1", due_at="2026-11-24T17:00:00+00:00")))
    await expect(card(page, "R1").locator(".due")).to_have_text(
        "25 November, 01:00 Beijing · 22:00 Kazakhstan (24 November)"
    )


async def test_accepting_asks_for_place_and_time(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", due_at="2030-03-05T02:30:00+00:00"))
    page = await opened(server)
    await card(page, "R1").locator("[data-what=accept]").click()
    await expect(page.locator("#at")).to_have_value("2030-03-05T10:30")
    await page.locator("#place").select_option("special_lane")
    await page.locator("#at").fill("2030-03-05T11:00")
    await expect(page.locator("#at-there")).to_contain_text("11:00 Beijing · 08:00 Kazakhstan")
    await check(page, "accepting")
    await page.keyboard.press("Enter")
    await expect(card(page, "R1", "accepted")).to_be_visible()
    assert server.moves == [
        ("R1", "accept", {"place": "special_lane", "at": "2030-03-05T03:00:00.000Z"})
    ]
    await expect(page.locator("#speaker")).to_have_text("R1 is now: accepted")
    await expect(card(page, "R1").locator("[data-what=accept]")).to_be_focused()


async def test_a_time_that_nobody_changed_is_left_to_the_hub(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", late=True, due_at="2026-01-01T02:30:00+00:00"))
    page = await opened(server)
    await card(page, "R1").locator("[data-what=accept]").click()
    await page.locator("#accept button.main").click()
    await expect(card(page, "R1", "accepted")).to_be_visible()
    assert server.moves == [("R1", "accept", {"place": "hall_entrance"})]


async def test_a_reason_is_a_phrase_by_its_key_or_ones_own_words(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"), request("R2", "under_way"))
    page = await opened(server)
    await card(page, "R1").locator("[data-what=refuse]").click()
    await page.locator("#end button.main").click()
    await expect(page.locator("#end")).to_be_visible()
    assert server.moves == []
    await page.locator("#end label", has_text="The port is closed").click()
    await check(page, "refusing")
    await page.locator("#end button.main").click()
    await expect(card(page, "R1", "over")).to_be_visible()
    await card(page, "R2").locator("[data-what=cancel]").click()
    await page.locator("#end label", has_text="In my own words").click()
    await expect(page.locator("#reason-own")).to_be_focused()
    await page.keyboard.type("<b>Жолда</b>")
    await page.locator("#end button.main").click()
    await expect(card(page, "R2", "over")).to_contain_text("<b>Жолда</b>")
    assert [(what, body["reason"]) for _, what, body in server.moves] == [
        ("refuse", "port_closed"),
        ("cancel", "<b>Жолда</b>"),
    ]


async def test_cards_are_moved_by_hand_where_they_may_go(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", "accepted"), request("R2"))
    page = await opened(server)
    await card(page, "R2").drag_to(page.locator("[data-column=done]"))
    await card(page, "R1").drag_to(page.locator("[data-column=under_way]"))
    await expect(card(page, "R1", "under_way")).to_be_visible()
    assert [(number, what) for number, what, _ in server.moves] == [("R1", "start")]
    await card(page, "R2").drag_to(page.locator("[data-column=over]"))
    await expect(page.locator("#end-how")).to_be_visible()
    await page.locator("#end label", has_text="Cancel").click()
    await page.locator("#end label", has_text="requested twice").click()
    await page.locator("#end button.main").click()
    await expect(card(page, "R2", "over")).to_be_visible()
    assert server.moves[-1] == ("R2", "cancel", {"reason": "twice"})


async def test_cards_are_moved_by_keyboard_alone(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"), request("R2"), request("R3", "under_way"))
    page = await opened(server)
    number = "[data-what=open]"
    await card(page, "R1").locator(number).focus()
    await page.keyboard.press("ArrowDown")
    await expect(card(page, "R2").locator(number)).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(card(page, "R3").locator(number)).to_be_focused()
    await page.keyboard.press("Shift+ArrowRight")
    await expect(card(page, "R3", "done").locator(number)).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("#accept")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(card(page, "R1").locator(number)).to_be_focused()
    assert [(each[0], each[1]) for each in server.moves] == [("R3", "finish")]


async def test_a_request_that_was_changed_meanwhile_is_told_and_shown(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"))
    page = await opened(server)
    await card(page, "R1").locator("[data-what=accept]").click()
    server.change("R1", state="cancelled")
    await page.locator("#accept button.main").click()
    await expect(page.locator("#accept")).to_be_hidden()
    await expect(page.locator("#status")).to_contain_text("changed in the meantime")
    await expect(card(page, "R1", "over")).to_contain_text("cancelled")
    await expect(card(page, "R1").locator("[data-what=open]")).to_be_focused()


async def test_what_the_hub_refuses_is_told_in_the_dialog(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"))
    page = await opened(server)
    server.refuses = (400, error("bad_request"))
    await card(page, "R1").locator("[data-what=accept]").click()
    await page.locator("#accept button.main").click()
    await expect(page.locator("#accept .said")).to_have_text("said by the hub: bad_request")
    await expect(page.locator("#accept button.main")).to_be_enabled()


async def test_the_board_follows_and_the_focus_stays(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"), request("R2", "accepted"))
    page = await opened(server)
    # the first event of a stream has the page ask again whatever it says
    async with page.expect_response(re.compile("/desk/api/requests")):
        await server.tell(page, "queue", officers=[], conversations=[], alarms=[])
    await card(page, "R2").locator("summary").click()
    await card(page, "R2").locator("[data-what=cancel]").focus()
    server.change("R2", state="under_way")
    server.requests["R9"] = request("R9", created_at=datetime.now(UTC).isoformat())
    await server.tell(page, changed=datetime.now(UTC).isoformat())
    await expect(card(page, "R9", "requested")).to_be_visible()
    await expect(page.locator("#speaker")).to_have_text("New request R9: Special lane")
    await expect(card(page, "R2", "under_way").locator("[data-what=cancel]")).to_be_focused()
    assert await card(page, "R2").locator("details").get_attribute("open") is not None
    del server.requests["R2"]
    await server.tell(page, changed=datetime.now(UTC).isoformat())
    await expect(page.locator("#column-under_way")).to_be_focused()


async def test_an_alarm_is_told_on_the_board_too(opened: OpenBoard) -> None:
    server = BoardServer()
    page = await opened(server)
    await expect(page.locator("#alarmed")).to_be_hidden()
    await server.tell(page, "queue", officers=[], conversations=[], alarms=[{"seq": 1}])
    await expect(page.locator("#alarmed")).to_be_visible()
    await check(page, "alarm")
    await server.tell(page, "queue", officers=[], conversations=[], alarms=[])
    await expect(page.locator("#alarmed")).to_be_hidden()


async def test_filters_show_what_fits_and_stand_in_the_address(opened: OpenBoard) -> None:
    page = await opened(everything())
    await page.locator("#kind").select_option("lost_item")
    await expect(page.locator("li[data-number]")).to_have_count(1)
    await page.locator("#kind").select_option("")
    await page.locator("#spoken").select_option("zh")
    await expect(page.locator("li[data-number]")).to_have_count(1)
    await page.locator("#spoken").select_option("")
    await page.locator("#state").select_option("done")
    await expect(page.locator("li[data-number]")).to_have_count(2)
    await page.reload()
    await expect(page.locator("li[data-number]")).to_have_count(2)
    await expect(page.locator("#state")).to_have_value("done")
    await page.locator("#clear").click()
    await expect(page.locator("li[data-number]")).to_have_count(8)
    await expect(page.locator("#clear")).to_be_hidden()


async def test_a_day_is_asked_of_the_hub(opened: OpenBoard) -> None:
    server = BoardServer(request("R1"), request("R2", due_at="2030-03-05T17:00:00+00:00"))
    page = await opened(server, path="?day=2030-03-06")
    await expect(page.locator("li[data-number]")).to_have_count(1)
    await expect(card(page, "R2")).to_be_visible()
    assert server.asked[-1] == ("2030-03-06", "")


async def test_paper_gets_a_plain_table_of_the_day(opened: OpenBoard) -> None:
    server = BoardServer(
        request("R1", due_at="2030-03-05T05:00:00+00:00"),
        request("R2", "accepted", due_at="2030-03-05T02:30:00+00:00", place="special_lane"),
        request("R3", due_at="2030-03-05T17:00:00+00:00"),
    )
    page = await opened(server, path="?day=2030-03-05")
    await page.emulate_media(media="print")
    paper = page.locator("#paper")
    await expect(paper.locator("h2")).to_have_text("Requests, 5 March")
    rows = await paper.locator("tbody tr").all_inner_texts()
    assert [re.findall(r"R\d", row) for row in rows] == [["R2"], ["R1"]]
    assert "10:30 Beijing · 07:30 Kazakhstan" in rows[0]
    assert "special lane" in rows[0]
    await expect(page.locator("#board")).to_be_hidden()
    await expect(page.locator("header")).to_be_hidden()


async def test_without_a_session_the_board_shows_the_way_to_the_desk(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, f"{site}/desk/board")
    await expect(page.locator("#door a")).to_have_attribute("href", "/desk")
    await expect(page.locator("#board")).to_be_hidden()
    await check(page, "door")


async def test_an_empty_board_says_so(opened: OpenBoard) -> None:
    page = await opened(BoardServer())
    await expect(page.locator(".none:visible")).to_have_count(5)
    await check(page, "empty")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU", "kk-KZ", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_on_the_board(
    opened: OpenBoard, locale: str, size: dict[str, int], scheme: str
) -> None:
    page = await opened(everything(), locale, size, color_scheme=scheme)
    await check(page, "board")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for element in await page.locator("#columns button, #columns a").all():
        box = await element.bounding_box()
        assert box
        assert box["height"] >= 24
