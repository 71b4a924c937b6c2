"""Cards of the board moved by finger, with real touches, and by a mouse that gives up."""

from __future__ import annotations

from typing import Any

from playwright.async_api import CDPSession, Locator, Page, expect

from tests.browser import DESKTOP, PHONE
from tests.desk.board_server import BoardServer, request
from tests.desk.test_board_page import OpenBoard, card, opened

__all__ = ["opened"]

TABLET = {"width": 1024, "height": 768}


async def middle(element: Locator) -> tuple[float, float]:
    box = await element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


class Finger:
    def __init__(self, session: CDPSession) -> None:
        self._session = session

    @classmethod
    async def on(cls, page: Page) -> Finger:
        return cls(await page.context.new_cdp_session(page))

    async def _touch(self, what: str, *points: tuple[float, float]) -> None:
        await self._session.send(
            "Input.dispatchTouchEvent",
            {"type": what, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    async def down(self, element: Locator) -> None:
        await element.scroll_into_view_if_needed()
        self.at = await middle(element)
        await self._touch("touchStart", self.at)

    async def to(self, x: float, y: float) -> None:
        (old_x, old_y), steps = self.at, 5
        for step in range(1, steps + 1):
            part = step / steps
            await self._touch("touchMove", (old_x + (x - old_x) * part, old_y + (y - old_y) * part))
        self.at = (x, y)

    async def up(self) -> None:
        await self._touch("touchEnd")

    async def cancel(self) -> None:
        await self._touch("touchCancel")


async def on_touch(opened: OpenBoard, server: BoardServer, size: Any) -> tuple[Page, Finger]:
    page = await opened(server, size=size, has_touch=True)
    return page, await Finger.on(page)


async def test_a_finger_on_the_handle_moves_a_card_to_another_column(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", "accepted"), request("R2"))
    page, finger = await on_touch(opened, server, DESKTOP)
    await finger.down(card(page, "R1").locator(".grip"))
    await finger.to(*await middle(page.locator("[data-column=under_way] h2")))
    await expect(page.locator("section.aimed")).to_have_attribute("data-column", "under_way")
    await expect(page.locator("#drops")).to_be_hidden()
    await finger.up()
    await expect(card(page, "R1", "under_way")).to_be_visible()
    assert [(number, what) for number, what, _ in server.moves] == [("R1", "start")]
    await expect(page.locator(".ghost")).to_have_count(0)


async def test_on_a_phone_columns_out_of_sight_stand_at_the_bottom(opened: OpenBoard) -> None:
    server = BoardServer(*(request(f"R{number}") for number in range(1, 6)))
    page, finger = await on_touch(opened, server, PHONE)
    await finger.down(card(page, "R2").locator(".grip"))
    x, y = finger.at
    await finger.to(x - 40, y + 40)
    await expect(page.locator("#drops p")).to_have_text(["Accepted", "Not carried out"])
    scrolled = await page.evaluate("scrollY")
    await finger.to(*await middle(page.locator("#drops p").nth(1)))
    assert await page.evaluate("scrollY") == scrolled
    await finger.up()
    await expect(page.locator("#end-title")).to_be_visible()
    await expect(page.locator("#end .which")).to_contain_text("R2")
    await expect(page.locator("#drops")).to_be_hidden()
    assert server.moves == []


async def test_a_finger_beside_the_handle_scrolls(opened: OpenBoard) -> None:
    server = BoardServer(*(request(f"R{number}") for number in range(1, 6)))
    page, finger = await on_touch(opened, server, PHONE)
    await finger.down(card(page, "R3").locator(".due"))
    scrolled = await page.evaluate("scrollY")
    x, y = finger.at
    await finger.to(x, y - 200)
    await finger.up()
    await page.wait_for_function("before => scrollY > before", arg=scrolled)
    assert await page.locator(".ghost").count() == 0
    assert server.moves == []


async def test_a_touch_that_the_system_takes_away_moves_nothing(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", "under_way"))
    page, finger = await on_touch(opened, server, TABLET)
    await finger.down(card(page, "R1").locator(".grip"))
    await finger.to(*await middle(page.locator("[data-column=done]")))
    await expect(page.locator(".ghost")).to_have_count(1)
    await finger.cancel()
    await expect(page.locator(".ghost")).to_have_count(0)
    await expect(page.locator(".takes")).to_have_count(0)
    assert server.moves == []
    # and the next one works
    await finger.down(card(page, "R1").locator(".grip"))
    await finger.to(*await middle(page.locator("[data-column=done]")))
    await finger.up()
    await expect(card(page, "R1", "done")).to_be_visible()


async def test_a_card_that_is_drawn_anew_under_the_finger_is_moved_as_it_is_then(
    opened: OpenBoard,
) -> None:
    server = BoardServer(request("R1", "accepted"))
    page, finger = await on_touch(opened, server, DESKTOP)
    # the first event of a stream has the page ask again whatever it says
    async with page.expect_response("**/desk/api/requests**"):
        await server.tell(page, "queue", officers=[], conversations=[], alarms=[])
    await finger.down(card(page, "R1").locator(".grip"))
    await finger.to(*await middle(page.locator("[data-column=requested]")))
    server.change("R1", people=7)
    await server.tell(page)
    await expect(card(page, "R1")).to_contain_text("people: 7")
    await finger.to(*await middle(page.locator("[data-column=under_way]")))
    await finger.up()
    await expect(card(page, "R1", "under_way")).to_be_visible()
    assert [what for _, what, _ in server.moves] == ["start"]


async def test_escape_puts_a_card_back(opened: OpenBoard) -> None:
    server = BoardServer(request("R1", "accepted"))
    page = await opened(server)
    await page.mouse.move(*await middle(card(page, "R1").locator(".due")))
    await page.mouse.down()
    await page.mouse.move(*await middle(page.locator("[data-column=under_way]")), steps=4)
    await expect(page.locator(".ghost")).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator(".ghost")).to_have_count(0)
    await page.mouse.up()
    assert server.moves == []


async def test_what_is_over_has_no_handle(opened: OpenBoard) -> None:
    page = await opened(BoardServer(request("R1", "done"), request("R2")))
    await expect(card(page, "R2").locator(".grip")).to_have_count(1)
    await expect(card(page, "R1").locator(".grip")).to_have_count(0)
