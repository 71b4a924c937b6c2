"""The briefing's card on the traveler's page, in a real browser before a real hub."""

from __future__ import annotations

import segno
from playwright.async_api import Browser, Route, expect

from tests.axe import check
from tests.browser import ask, open_page
from tests.stand_in import StandIn

LINK = "https://port.example/briefing/ABCD2345"
LINKS = [
    {"href": LINK, "title": "Link for your group", "line": f"Link for your group: {LINK}"},
    {
        "href": f"{LINK}/leader#key",
        "title": "Only for you: who is ready",
        "line": f"Only for you: who is ready: {LINK}/leader#key",
    },
]


async def draw_code(route: Route) -> None:
    picture = segno.make(LINK, error="q", micro=False).svg_inline(border=4, omitsize=True)
    picture = picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    await route.fulfill(body=picture, content_type="image/svg+xml")


async def test_a_groups_links_and_code_stand_on_the_card_and_not_twice(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    lines = "\n".join(link["line"] for link in LINKS)
    assistant.answer = f"The briefing for your group is ready.\n{lines}\n\nKeep the second one."
    assistant.card = {
        "type": "briefing",
        "links": LINKS,
        "qr": {"src": "/briefing/ABCD2345/qr.svg", "title": "QR code for your group"},
    }
    page = await open_page(browser, site)
    await page.route("**/qr.svg", draw_code)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert not [name for name in loaded if "briefing" in name]
    await ask(page, "briefing for my group of 23")
    card = page.locator(".briefing")
    for link in LINKS:
        shown = card.get_by_role("link", name=link["title"])
        await expect(shown).to_have_attribute("href", link["href"])
        await expect(shown).to_have_attribute("rel", "noopener")
    image = card.locator("img")
    await expect(image).to_be_visible()
    assert await image.evaluate("each => each.decode().then(() => each.naturalWidth > 0)")
    text = await page.locator("article.assistant .bubble > span").last.inner_text()
    assert text == "The briefing for your group is ready.\n\nKeep the second one."
    await expect(card.locator("a").first).to_have_css("display", "grid")
    box = await card.locator("a").first.bounding_box()
    assert box
    assert box["height"] >= 44
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not complaints
    await check(page, "the card")


async def test_the_checklists_card_opens_the_checklist_beside_the_chat(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    address = f"{site}/briefing/checklist?language=en&script=Latn"
    assistant.card = {
        "type": "briefing",
        "links": [{"href": address, "title": "Open the checklist", "line": address}],
    }
    page = await open_page(browser, site)
    await ask(page, "checklist")
    async with page.expect_popup() as opened:
        await page.get_by_role("link", name="Open the checklist").click()
    checklist = await opened.value
    await expect(checklist.get_by_role("heading", level=1)).to_have_text(
        "Checklist for a first trip abroad"
    )
    await expect(page.locator(".briefing")).to_be_visible()
