"""What each kind of request shows on the board, asks when it is accepted, and prints."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from tests.axe import check
from tests.browser import DESKTOP, PHONE
from tests.desk.board_server import PORT, BoardServer, request
from tests.desk.test_board_page import OpenBoard, card, opened

__all__ = ["opened"]


def undated(number: str, kind: str, state: str = "requested", **details: Any) -> dict[str, Any]:
    return request(
        number, state, kind=kind, details=details, due_at=None, people=None, direction=None
    )


LOST = undated(
    "R1",
    "lost_item",
    what="Қара сөмке",
    where="жолаушылар залы",
    date="2026-11-23",
    contact="+77001234567",
)
COMPLAINT = undated("R2", "complaint", tone="praise", text="Рақмет сізге!", anonymous=False)
ANONYMOUS = {
    **undated("R3", "complaint", tone="complaint", text="Кезек тым ұзақ", anonymous=True),
    "conversation_id": None,
}
INTERPRETER = request(
    "R4",
    kind="interpreter",
    details={"languages": ["kk", "ru"], "place": "паспорт бақылауы", "now": True},
    people=None,
    direction=None,
)
APPOINTMENT = request(
    "R5",
    kind="appointment",
    details={"cargo": "қызанақ", "vehicle": "truck", "count": 3},
    people=None,
)
KINDS = (LOST, COMPLAINT, ANONYMOUS, INTERPRETER, APPOINTMENT)


async def test_each_kind_shows_what_was_told(opened: OpenBoard) -> None:
    page = await opened(BoardServer(*KINDS, request("R6")))
    received = datetime.fromisoformat(LOST["created_at"]) + PORT
    said = {
        "R1": [
            "Lost property",
            "Item: Қара сөмке",
            "Where: жолаушылар залы",
            "Lost on: 23 November",
            "Contact: +77001234567",
            "received",
            f"{received:%H:%M} Beijing",
        ],
        "R2": ["Complaint or praise", "What it is: praise", "Words: Рақмет сізге!"],
        "R3": ["What it is: complaint", "Anonymous. Who wrote it is not known."],
        "R4": ["Interpreter", "Speaks: Kazakh, Russian", "Where: паспорт бақылауы", "When: now"],
        "R5": ["Appointment", "Cargo: қызанақ", "Leaving China · truck, vehicles: 3"],
        "R6": ["Special lane", "Wheelchair"],
    }
    for number, texts in said.items():
        for text in texts:
            await expect(card(page, number)).to_contain_text(text)
    own = card(page, "R1").locator(".detail span[lang]")
    assert await own.evaluate_all("all => all.map(each => each.lang)") == ["kk-Cyrl", "kk-Cyrl"]


async def test_an_anonymous_complaint_leads_to_no_conversation(opened: OpenBoard) -> None:
    page = await opened(BoardServer(COMPLAINT, ANONYMOUS))
    assert await card(page, "R2").locator("a").count() == 1
    assert await card(page, "R3").locator("a").count() == 0
    await expect(card(page, "R3")).not_to_contain_text("deleted")


async def test_what_nobody_comes_for_is_accepted_without_being_asked_where_and_when(
    opened: OpenBoard,
) -> None:
    server = BoardServer(LOST, ANONYMOUS)
    page = await opened(server)
    await card(page, "R1").locator("[data-what=accept]").click()
    await expect(card(page, "R1", "accepted")).to_be_visible()
    await expect(page.locator("#accept")).to_be_hidden()
    await expect(card(page, "R1").locator("[data-what=accept]")).to_have_count(0)
    await card(page, "R3").drag_to(page.locator("[data-column=accepted]"))
    await expect(card(page, "R3", "accepted")).to_be_visible()
    assert server.moves == [("R1", "accept", {}), ("R3", "accept", {})]


@pytest.mark.parametrize("one", [INTERPRETER, APPOINTMENT], ids=["interpreter", "appointment"])
async def test_a_place_may_be_left_open_where_a_kind_needs_none(
    opened: OpenBoard, one: dict[str, Any]
) -> None:
    server = BoardServer(one)
    page = await opened(server)
    await card(page, one["number"]).locator("[data-what=accept]").click()
    await expect(page.locator("#place option").first).to_have_text("No meeting place")
    await page.locator("#accept button.main").click()
    await expect(card(page, one["number"], "accepted")).to_be_visible()
    assert server.moves == [(one["number"], "accept", {"place": None})]


async def test_every_kind_can_be_filtered_also_before_one_comes(opened: OpenBoard) -> None:
    page = await opened(BoardServer(*KINDS))
    options = await page.locator("#kind option").all_inner_texts()
    assert options == [
        "All",
        "Emergency",
        "Special lane",
        "Interpreter",
        "Appointment",
        "Lost property",
        "Complaint or praise",
    ]
    await page.locator("#kind").select_option("complaint")
    await expect(page.locator("li[data-number]")).to_have_count(2)


async def test_what_has_no_time_is_printed_on_the_day_it_was_asked_for(opened: OpenBoard) -> None:
    asked = "2030-03-05T02:00:00+00:00"
    day_before = (datetime.fromisoformat(asked) - timedelta(days=1)).isoformat()
    server = BoardServer(
        {**LOST, "created_at": asked},
        {**COMPLAINT, "created_at": day_before},
        {**INTERPRETER, "due_at": "2030-03-05T01:00:00+00:00"},
    )
    page = await opened(server, path="?day=2030-03-05")
    await page.emulate_media(media="print")
    rows = await page.locator("#paper tbody tr").all_inner_texts()
    assert [re.findall(r"R\d", row) for row in rows] == [["R4"], ["R1"]]
    assert "Speaks: Kazakh, Russian" in rows[0]
    assert "10:00 Beijing · 07:00 Kazakhstan" in rows[1]
    assert "Item: Қара сөмке" in rows[1]


@pytest.mark.parametrize("locale", ["zh-CN", "ru-RU", "kk-KZ", "en-GB"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
async def test_axe_finds_nothing_on_any_kind(
    opened: OpenBoard, locale: str, size: dict[str, int]
) -> None:
    page = await opened(BoardServer(*KINDS), locale, size)
    await check(page, "kinds")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
