"""The page in a real headless Chromium, against the really started system."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser import ANSWERED, ask, chromium, open_page
from tests.system import System, wait_for


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@pytest.mark.parametrize(
    ("locale", "question", "answer", "source"),
    [
        ("zh-CN", "我能带多少现金出境", "20,000", "来源: .*2025年10月3日"),
        ("kk-KZ", "қанша ақша алып өтуге болады", "20 000", "Дереккөз: .*2025\\sж.\\s3\\sқазан"),
        ("ru-RU", "сколько наличных можно везти", "20 000", "Источник: .*3\\sоктября\\s2025"),
        ("en-GB", "how much cash may I take", "20,000", "Source: .*3 October 2025"),
    ],
)
async def test_a_question_is_answered_on_the_page_with_its_source(
    browser: Browser, system: System, locale: str, question: str, answer: str, source: str
) -> None:
    page = await open_page(browser, system.url, locale)
    await ask(page, question)
    shown = page.locator("article.assistant .bubble")
    await expect(shown).to_contain_text(answer, timeout=ANSWERED)
    await expect(shown.locator(".card")).to_have_text(re.compile(source, re.DOTALL))
    await expect(page.locator("html")).to_have_attribute("lang", re.compile(locale[:2]))
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_while_the_assistant_loads_the_page_says_so_and_keeps_the_message(
    browser: Browser, tmp_path: Path
) -> None:
    starting = System(tmp_path)
    starting.launch()
    wait_for(starting.health, "the hub", 15)
    page = await open_page(browser, starting.url, "kk-KZ")
    await expect(page.locator("#status")).to_contain_text("Көмекші іске қосылып жатыр")
    await ask(page, "виза керек пе")
    await expect(page.locator("#status")).to_contain_text("Хабарламаңыз сақталды")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await expect(page.locator("#status")).to_be_hidden()
    starting.stop()


async def test_a_reload_shows_the_same_conversation_and_not_a_second(
    browser: Browser, system: System
) -> None:
    page = await open_page(browser, system.url, "en-GB")
    await ask(page, "hello")
    await expect(page.locator("article")).to_have_count(2, timeout=ANSWERED)
    before = await page.locator("#log").inner_text()
    await page.reload()
    await expect(page.locator("article")).to_have_count(2, timeout=ANSWERED)
    assert await page.locator("#log").inner_text() == before


async def test_a_tapped_button_asks_its_question(browser: Browser, system: System) -> None:
    page = await open_page(browser, system.url, "ru-RU")
    await ask(page, "нужна ли виза в Китай")
    await page.locator(".buttons button").first.click(timeout=ANSWERED)
    await expect(page.locator("article.assistant")).to_have_count(2, timeout=ANSWERED)
    await expect(page.locator("article.traveler")).to_have_count(2)


async def test_the_language_chosen_by_hand_turns_page_and_answers(
    browser: Browser, system: System
) -> None:
    page = await open_page(browser, system.url, "en-GB")
    await page.locator("#language").select_option("kk-Arab")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await page.locator("#questions button").first.click()
    answer = page.locator("article.assistant .bubble")
    await expect(answer).to_contain_text("كۇن", timeout=ANSWERED)
    assert await answer.evaluate("node => getComputedStyle(node).direction") == "rtl"


async def test_a_message_typed_without_connection_is_kept_and_sent_once(
    browser: Browser, system: System
) -> None:
    page = await open_page(browser, system.url, "en-GB")
    await ask(page, "hello")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await page.context.set_offline(True)
    await ask(page, "can I bring my cat")
    await expect(page.locator("article.waiting")).to_have_count(1)
    await page.context.set_offline(False)
    await expect(page.locator("article.assistant")).to_have_count(2, timeout=ANSWERED)
    await expect(page.locator("article.traveler")).to_have_count(2)
    await expect(page.locator("article.waiting")).to_have_count(0)


async def test_what_a_message_holds_is_shown_as_text_and_never_run(
    browser: Browser, system: System
) -> None:
    page = await open_page(browser, system.url, "en-GB")
    script = "<img src=x onerror=\"document.title='owned'\"> hello"
    await ask(page, script)
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await expect(page.locator("article.traveler .bubble")).to_have_text(script)
    assert await page.locator("#log img").count() == 0
    assert await page.title() != "owned"


async def test_two_tabs_are_one_conversation(browser: Browser, system: System) -> None:
    first = await open_page(browser, system.url, "en-GB")
    second = await first.context.new_page()
    await second.goto(system.url)
    await ask(first, "hello")
    await expect(first.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await ask(second, "thank you very much")
    for tab in (first, second):
        await expect(tab.locator("article.assistant")).to_have_count(2, timeout=ANSWERED)
        await expect(tab.locator("article.traveler")).to_have_count(2)


async def test_a_browser_that_forbids_storage_is_answered_too(
    browser: Browser, system: System
) -> None:
    page = await (await browser.new_context(locale="en-GB")).new_page()
    await page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new Error('forbidden'); }})"
    )
    await page.goto(system.url)
    await ask(page, "hello")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)


async def test_the_traveler_deletes_the_conversation_for_good(
    browser: Browser, system: System
) -> None:
    page = await open_page(browser, system.url, "ru-RU")
    await ask(page, "здравствуйте")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await page.locator("#menu-open").click()
    await page.locator("#delete").click()
    await page.locator("#delete-now").click()
    await expect(page.locator("article")).to_have_count(0)
    await page.reload()
    await expect(page.locator("#greeting")).to_be_visible()
    await expect(page.locator("article")).to_have_count(0)
    await ask(page, "спасибо")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
