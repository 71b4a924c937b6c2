"""SOS on the page: what to do and whom to call, at once, whatever is down."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser import ask, open_page
from tests.stand_in import StandIn


@pytest.mark.parametrize(
    ("locale", "country"),
    [
        ("zh-CN", "哈萨克斯坦"),
        ("kk-KZ", "Қазақстан"),
        ("ru-RU", "Казахстан"),
        ("en-GB", "Kazakhstan"),
    ],
)
async def test_sos_shows_numbers_to_tap_with_their_country(
    browser: Browser, site: str, assistant: StandIn, locale: str, country: str
) -> None:
    assistant.go_on.clear()
    page = await open_page(browser, site, locale)
    await page.locator("#sos").click()
    calls = page.locator("article.urgent .call")
    await expect(calls).to_have_count(4)
    await expect(calls.first).to_have_attribute("href", "tel:120")
    await expect(calls.last).to_have_attribute("href", "tel:112")
    await expect(calls.last).to_contain_text(country)
    await expect(page.locator("article.urgent .bubble > span")).not_to_contain_text("120")
    assert assistant.asked == []
    assistant.go_on.set()


async def test_sos_without_connection_shows_them_too(browser: Browser, site: str) -> None:
    page = await open_page(browser, site, "ru-RU")
    await expect(page.locator("#questions button").first).to_be_visible()
    await page.context.set_offline(True)
    await page.locator("#sos").click()
    help_ = page.locator("article.waiting .help")
    await expect(help_).to_contain_text("Громко зовите на помощь")
    await expect(help_.locator("a[href='tel:120']")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.locator("article.urgent")).to_have_count(1)
    await expect(page.locator("article.waiting")).to_have_count(0)


async def test_from_sos_to_compressions_with_a_beat_in_three_taps(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site)
    await page.locator("#sos").click()
    await page.get_by_role("button", name="Unconscious or not breathing").click()
    await page.get_by_role("button", name="CPR step by step").click()
    beat = page.locator(".beat")
    await expect(beat).to_have_text("Start the beat: 110 a minute")
    await beat.click()
    await expect(beat).to_have_attribute("aria-pressed", "true")
    await expect(beat).to_have_class(re.compile("tick"))
    await beat.click()
    await expect(beat).to_have_attribute("aria-pressed", "false")


async def test_the_place_gives_words_to_read_to_whoever_answers_the_phone(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site)
    await ask(page, "he is not breathing")
    await page.get_by_role("button", name="Chinese side, passenger hall").click()
    phrase = page.locator("blockquote.phrase")
    await expect(phrase).to_have_attribute("lang", "zh-Hans")
    await expect(phrase).to_contain_text("请派救护车")
    await expect(page.locator("article.urgent").last.locator("a[href='tel:120']")).to_be_visible()


async def test_a_false_alarm_is_one_tap_away_from_its_answer(browser: Browser, site: str) -> None:
    page = await open_page(browser, site)
    await ask(page, "he is not breathing")
    await page.get_by_role("button", name="Not an emergency, answer my question").click()
    await expect(page.locator("article.assistant").last).to_contain_text("echo he is not breathing")


async def test_only_sos_shows_help_before_an_answer(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    assistant.buttons = [{"title": "Pets", "payload": '/policy{"topic": "pets"}'}]
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant .buttons button")).to_be_visible()
    await page.context.set_offline(True)
    await page.get_by_role("button", name="Pets").click()
    await expect(page.locator("article.waiting")).to_have_count(1)
    await expect(page.locator("article.waiting .help")).to_have_count(0)


async def test_the_beat_ends_with_the_conversation(browser: Browser, site: str) -> None:
    page = await open_page(browser, site)
    await page.evaluate(
        """() => {
            const context = AudioContext.prototype;
            const {createOscillator, close} = context;
            window.ticks = 0;
            context.createOscillator = function () {
                window.ticks++;
                return createOscillator.call(this);
            };
            context.close = function () {
                window.ended = true;
                return close.call(this);
            };
        }"""
    )
    await page.locator("#sos").click()
    await page.get_by_role("button", name="Unconscious or not breathing").click()
    await page.get_by_role("button", name="CPR step by step").click()
    await page.locator(".beat").click()
    assert await page.evaluate("window.ticks") > 0
    await page.locator("#menu-open").click()
    await page.locator("#delete").click()
    await page.locator("#delete-now").click()
    await expect(page.locator("article")).to_have_count(0)
    assert await page.evaluate("window.ended")
