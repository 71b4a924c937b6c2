"""WCAG 2.2 AA: axe-core finds nothing in any state, language or look; one region speaks."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.axe import check
from tests.browser import ANSWERED, DESKTOP, PHONE, ask, open_page
from tests.stand_in import StandIn

LANGUAGES = ["zh-Hans", "zh-Hant", "kk-Cyrl", "kk-Arab", "kk-Latn", "ru-Cyrl", "en-Latn"]
CARD = {
    "title": "Source",
    "lines": [{"name": "lada.kz", "date": "3 October 2025"}],
    "verified": "Last checked: 31 March 2026",
    "note": "Rules of Kazakhstan",
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_in_any_state(
    browser: Browser, site: str, assistant: StandIn, language: str
) -> None:
    page = await open_page(browser, site, viewport=PHONE)
    await page.locator("#language").select_option(language)
    shown = {"ru-Cyrl": "ru", "en-Latn": "en"}.get(language, language)
    await expect(page.locator("html")).to_have_attribute("lang", shown)
    await check(page, "empty")

    assistant.card, assistant.buttons = CARD, [{"title": "More", "payload": "/greet"}]
    await ask(page, "?!")
    await expect(page.locator("article.assistant .card")).to_be_visible(timeout=ANSWERED)
    await check(page, "answered with a card")

    await page.locator("#sos").click()
    await expect(page.locator("article.urgent .call").first).to_be_visible()
    await page.locator("article.urgent .buttons button").first.click()
    await expect(page.locator("article.urgent")).to_have_count(2)
    await page.locator("article.urgent").nth(1).locator(".buttons button").first.click()
    await expect(page.locator(".beat")).to_be_visible()
    await page.locator("article.assistant .buttons button").last.click()
    await check(page, "emergency")

    assistant.go_on.clear()
    await ask(page, "…")
    await expect(page.locator("#working")).to_be_visible()
    await check(page, "the assistant is writing")
    assistant.go_on.set()

    await page.locator("#menu-open").click()
    await page.locator("summary").click()
    await check(page, "menu")
    for size in ("large", "largest"):
        await page.locator(f"[name=size][value={size}]").check()
        await check(page, f"menu, {size}")
    await page.locator("#contrast").check()
    await check(page, "menu, high contrast")
    await page.keyboard.press("Escape")
    await check(page, "high contrast")

    await page.context.set_offline(True)
    await ask(page, "…")
    await expect(page.locator("article.waiting")).to_be_visible()
    await expect(page.locator("#status")).to_be_visible()
    await check(page, "offline")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 640}], ids=str)
async def test_axe_finds_nothing_in_light_and_dark_on_small_and_large(
    browser: Browser, site: str, scheme: str, size: dict[str, int]
) -> None:
    page = await open_page(browser, site, "ru-RU", size, color_scheme=scheme)
    await page.locator("#sos").click()
    await expect(page.locator("article.urgent .call").first).to_be_visible()
    await check(page, "emergency")
    await page.locator("#menu-open").click()
    await page.locator("#delete").click()
    await expect(page.locator("#delete-now")).to_be_visible()
    await check(page, "are you sure")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_one_region_speaks_and_says_each_answer_once(browser: Browser, site: str) -> None:
    page = await open_page(browser, site)
    live = page.locator("[aria-live]:not([aria-live=off]), [role=log], [role=status], [role=alert]")
    await expect(live).to_have_count(1)
    await ask(page, "good morning")
    await expect(page.locator("#speaker")).to_have_text("Assistant: echo good morning")
    await page.reload()
    await expect(page.locator("article.assistant")).to_have_count(1)
    await ask(page, "thanks")
    # what was read before the reload is not said again
    await expect(page.locator("#speaker")).to_have_text("Assistant: echo thanks")


async def test_everything_is_reached_and_done_by_keyboard_alone(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site, viewport=DESKTOP)
    await expect(page.locator("#questions button").first).to_be_visible()
    reached = []
    for _ in range(14):
        await page.keyboard.press("Tab")
        reached.append(
            await page.evaluate("document.activeElement.id || document.activeElement.textContent")
        )
    questions = await page.locator("#questions button").all_inner_texts()
    for wanted in ("sos", "menu-open", "language", "text", "send", *questions):
        assert wanted in reached, (wanted, reached)

    await page.locator("#text").focus()
    await page.keyboard.type("typed")
    await page.keyboard.press("Enter")
    await expect(page.locator("article.assistant")).to_have_count(1)
    # an answer takes the focus from nobody
    assert await page.evaluate("document.activeElement.id") == "text"

    await page.locator("#menu-open").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#menu")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#menu")).to_be_hidden()
    assert await page.evaluate("document.activeElement.id") == "menu-open"

    await page.locator("#sos").focus()
    await page.keyboard.press("Enter")
    await page.locator("article.urgent .buttons button").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("article.urgent")).to_have_count(2)


async def test_who_needs_no_motion_sees_none(browser: Browser, site: str) -> None:
    page = await open_page(browser, site, reduced_motion="reduce")
    moving = await page.evaluate(
        "getComputedStyle(document.querySelector('.dots i')).animationName"
    )
    assert moving == "none"
