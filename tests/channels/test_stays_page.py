"""The cards on days of stay on the traveler's page, in a real browser before a real hub."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.async_api import Browser, expect

from actions.stay_cards import dates_card, timeline_card
from actions.stay_words import Words
from actions.traveler import Traveler
from bot.stays import Plan, Stay, assess
from tests.axe import check
from tests.browser import ask, open_page
from tests.stand_in import StandIn

TODAY = date(2026, 11, 24)
STAYS = [Stay(date(2026, 9, 3), date(2026, 9, 20)), Stay(date(2026, 10, 1), date(2026, 10, 25))]
PLAN = Plan(date(2026, 12, 1), date(2027, 1, 9))


def words(language: str, script: str) -> Words:
    return Words(Traveler(language, script))


@pytest.mark.parametrize(
    ("language", "script", "locale"),
    [("en", "Latn", "en-GB"), ("kk", "Arab", "kk-CN"), ("zh", "Hans", "zh-CN")],
)
async def test_the_timeline_is_drawn_and_told_in_words(
    browser: Browser, site: str, assistant: StandIn, language: str, script: str, locale: str
) -> None:
    card = timeline_card(STAYS, assess(STAYS, PLAN, TODAY), words(language, script))
    assistant.card = card
    page = await open_page(browser, site, locale)
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    loaded = await page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    assert not [name for name in loaded if "stays" in name]
    await ask(page, "?")
    drawn = page.locator(".stays")
    await expect(drawn.locator("svg .stay")).to_have_count(2)
    await expect(drawn.locator("svg .plan")).to_have_count(1)
    await expect(drawn.locator("svg .over")).to_have_count(1)
    await expect(drawn.locator("svg .last_day")).to_have_count(1)
    assert await drawn.locator("li").all_inner_texts() == [line["text"] for line in card["lines"]]
    stay = await drawn.locator("svg .stay").first.bounding_box()
    plan = await drawn.locator("svg .plan").bounding_box()
    assert stay
    assert plan
    assert (stay["x"] > plan["x"]) == (script == "Arab")
    await expect(drawn.locator("li").first).to_have_css("display", "flex")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not complaints
    await check(page, "the card")


async def test_two_chosen_days_are_sent_as_a_message(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    assistant.card = dates_card(words("ru", "Cyrl"), TODAY)
    page = await open_page(browser, site, "ru-RU")
    await ask(page, "сколько дней осталось")
    entry, exit_ = page.get_by_label("День въезда"), page.get_by_label("День выезда")
    add = page.get_by_role("button", name="Добавить")
    await add.click()
    await expect(entry).to_be_focused()
    await entry.fill("2026-03-20")
    await exit_.fill("2026-03-03")
    await add.click()
    await expect(page.get_by_role("alert")).to_have_text(
        "День выезда не может быть раньше дня въезда."
    )
    await check(page, "the card")
    await entry.fill("2026-03-03")
    await exit_.fill("2026-03-20")
    await add.click()
    await expect(page.locator("article.traveler .bubble").last).to_have_text(
        "2026-03-03 – 2026-03-20"
    )
    await expect(entry).to_have_value("")
