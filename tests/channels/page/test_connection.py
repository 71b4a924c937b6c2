"""The page through lost connections, two tabs, long conversations: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Error, Page, Route, async_playwright, expect

from hub.app import make_app
from hub.conversation import Draft, OwnAnswer
from hub.keys import LOG
from hub.settings import Settings
from tests.browser import ask, open_page
from tests.stand_in import StandIn

SHOW_AS = """state => {
    Object.defineProperty(document, 'visibilityState', {value: state, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


async def until_kept(page: Page) -> None:
    """Waits until the service worker holds the page and its words."""
    look = """async () => {
        const held = await (await caches.open('baktu-page')).keys();
        const paths = held.map(({url}) => new URL(url).pathname);
        return paths.includes('/') && paths.some(each => each.startsWith('/ui/'))
            && paths.includes('/page/app.js') && paths.includes('/page/metronome.js');
    }"""
    async with asyncio.timeout(10):
        while not await page.evaluate(look):
            await page.evaluate("() => new Promise(requestAnimationFrame)")


async def said_by_traveler(page: Page) -> list[str]:
    return list(await page.locator("article.traveler .bubble").all_inner_texts())


async def test_an_own_message_is_shown_at_once_and_confirmed_later(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    page = await open_page(browser, site)
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.route("**/messages", hold)
    await ask(page, "shown before the hub has it")
    await expect(page.locator("article.traveler.sending")).to_have_count(1)
    await expect(page.locator("#text")).to_have_value("")
    while not held:
        await page.evaluate("() => new Promise(requestAnimationFrame)")
    for route in held:
        await route.continue_()
    await page.unroute("**/messages")
    await expect(page.locator("article.sending")).to_have_count(0)
    await expect(page.locator("article.traveler")).to_have_count(1)


async def test_messages_written_offline_are_sent_once_and_in_order(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.locator("#status")).to_contain_text("No connection")
    for text in ("do I need a visa", "may I bring food", "what time is it"):
        await ask(page, text)
    await expect(page.locator("article.waiting, article.sending")).to_have_count(3)
    await page.locator("#text").fill("a draft")
    await page.context.set_offline(False)
    await expect(page.locator("article.assistant")).to_have_count(4)
    await expect(page.locator("#status")).to_be_hidden()
    assert await said_by_traveler(page) == [
        "good morning",
        "do I need a visa",
        "may I bring food",
        "what time is it",
    ]
    await expect(page.locator("#text")).to_have_value("a draft")


async def test_a_reload_without_connection_shows_the_page_its_draft_and_what_waits(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site, "ru-RU")
    await until_kept(page)
    await page.context.set_offline(True)
    await ask(page, "ждёт связи")
    await page.locator("#text").fill("черновик")
    await page.reload()
    await expect(page.locator("h1")).to_contain_text("Бахты")
    await expect(page.locator("article.waiting")).to_have_count(1)
    await expect(page.locator("#text")).to_have_value("черновик")
    await page.context.set_offline(False)
    await expect(page.locator("article.assistant")).to_have_count(1)
    await expect(page.locator("article.traveler")).to_have_count(1)


async def test_a_hub_that_is_gone_and_back_costs_nothing_of_what_was_typed(
    settings: Settings,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
    browser: Browser,
    assistant: StandIn,
) -> None:
    # as a killed hub, it waits for nobody who still listens
    first = await aiohttp_server(make_app(settings), shutdown_timeout=0.1)
    port = first.port
    page = await open_page(browser, f"http://127.0.0.1:{port}")
    await ask(page, "before")
    await expect(page.locator("article.assistant")).to_have_count(1)
    await page.locator("#text").press_sequentially("half a sen")
    await first.close()
    await page.locator("#text").press_sequentially("tence")
    await page.locator("#send").click()
    await expect(page.locator("article.waiting")).to_have_count(1)
    again = TestServer(make_app(settings), port=port)
    await again.start_server(shutdown_timeout=0.1)
    try:
        await expect(page.locator("article.assistant")).to_have_count(2, timeout=20_000)
        assert await said_by_traveler(page) == ["before", "half a sentence"]
    finally:
        await page.close()
        await again.close()


async def test_two_tabs_write_to_one_conversation_and_both_see_its_end(
    browser: Browser, site: str
) -> None:
    first = await open_page(browser, site)
    second = await first.context.new_page()
    await second.goto(site)
    await ask(first, "from the first")
    # the second learns of the conversation that the first has opened
    await expect(second.locator("article.assistant")).to_have_count(1)
    await ask(second, "from the second")
    for tab in (first, second):
        await expect(tab.locator("article.assistant")).to_have_count(2)
        await expect(tab.locator("article.traveler")).to_have_count(2)
    await first.locator("#menu-open").click()
    await first.locator("#delete").click()
    await first.locator("#delete-now").click()
    for tab in (first, second):
        await expect(tab.locator("article")).to_have_count(0)
    await ask(second, "a new one")
    for tab in (first, second):
        await expect(tab.locator("article.assistant")).to_have_count(1)


async def test_answers_that_come_while_the_page_is_hidden_are_counted_until_seen(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    page = await open_page(browser, site)
    assistant.go_on.clear()
    await ask(page, "do I need a visa")
    await expect(page.locator("#working")).to_be_visible()
    await page.evaluate(SHOW_AS, "hidden")
    assistant.go_on.set()
    await expect(page.locator("article.assistant")).to_have_count(1)
    assert (await page.title()).startswith("(1) ")
    await page.evaluate(SHOW_AS, "visible")
    await expect(page.locator("#newer")).to_be_hidden()
    assert not (await page.title()).startswith("(")


async def test_five_hundred_messages_are_shown_in_order_and_the_next_comes_after_them(
    browser: Browser, application: web.Application, site: str
) -> None:
    page = await open_page(browser, site)
    await ask(page, "first")
    await expect(page.locator("article.assistant")).to_have_count(1)
    conversation = await page.evaluate("JSON.parse(localStorage.getItem('baktu.conversation'))")

    def answered(_draft: Draft, seq: int) -> OwnAnswer:
        return OwnAnswer([Draft("assistant", f"answer {seq}", "en", "Latn")], {})

    for number in range(250):
        asked = Draft("traveler", f"question {number}", "en", "Latn", client_id=f"n{number}")
        await application[LOG].receive(conversation["id"], asked, answered)
    await page.reload()
    await expect(page.locator("article")).to_have_count(502)
    numbers = await page.locator("article").evaluate_all(
        "all => all.map(each => +each.dataset.seq)"
    )
    assert numbers == sorted(numbers)
    await ask(page, "the last")
    await expect(page.locator("article").last).to_contain_text("echo the last")
    await expect(page.locator("article").last).to_be_in_viewport()


async def test_a_long_answer_is_shown_from_its_beginning(
    browser: Browser, site: str, assistant: StandIn
) -> None:
    page = await open_page(browser, site)
    await ask(page, "x " * 900)
    answer = page.locator("article.assistant")
    await expect(answer).to_have_count(1)
    await ask(page, "\n".join(f"line {number}" for number in range(60)))
    await expect(answer).to_have_count(2)
    await expect(answer.nth(1).locator(".author")).to_be_in_viewport()


@pytest.mark.parametrize("script", ["<b>bold</b>", "=cmd", "\u202eevil"])
async def test_text_is_shown_as_it_was_written(browser: Browser, site: str, script: str) -> None:
    page = await open_page(browser, site)
    await ask(page, script)
    await expect(page.locator("article.assistant .bubble > span")).to_have_text(f"echo {script}")
    assert await page.locator("#log b").count() == 0


async def test_a_message_whose_acknowledgement_was_lost_is_shown_once(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1)

    async def take_and_say_nothing(route: Route) -> None:
        await route.fetch()
        await expect(page.locator("article.assistant")).to_have_count(2)
        await route.abort()

    await page.route("**/messages", take_and_say_nothing, times=1)
    await ask(page, "do I need a visa")
    await expect(page.locator("article.assistant")).to_have_count(2)
    await ask(page, "may I bring food")
    await expect(page.locator("article.assistant")).to_have_count(3)
    assert await said_by_traveler(page) == ["good morning", "do I need a visa", "may I bring food"]
    await expect(page.locator("article.waiting")).to_have_count(0)


async def test_a_language_chosen_without_connection_is_kept(browser: Browser, site: str) -> None:
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1)
    await page.context.set_offline(True)
    await page.locator("#language").select_option("ru-Cyrl")
    await page.context.set_offline(False)
    await expect(page.locator("h1")).to_contain_text("Бахты")
    await expect(page.locator("html")).to_have_attribute("lang", "ru")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("lang", "ru")


async def test_words_that_did_not_come_are_asked_for_again(browser: Browser, site: str) -> None:
    context = await browser.new_context(locale="en-GB")
    page = await context.new_page()
    await page.route("**/ui/**", lambda route: route.abort(), times=1)
    await page.goto(site)
    await expect(page.locator("h1")).to_contain_text("Baktu", timeout=10_000)
    await expect(page.locator("#questions button")).to_have_count(6)


async def test_deleting_takes_what_waits_with_it(browser: Browser, site: str) -> None:
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1)
    await page.route("**/messages", lambda route: route.fulfill(status=503))
    await ask(page, "my secret")
    await expect(page.locator("article.waiting")).to_have_count(1)
    await page.locator("#menu-open").click()
    await page.locator("#delete").click()
    await page.locator("#delete-now").click()
    await expect(page.locator("article")).to_have_count(0)
    await page.unroute("**/messages")
    await ask(page, "a new start")
    await expect(page.locator("article.assistant")).to_have_count(1)
    assert await said_by_traveler(page) == ["a new start"]


async def test_a_browser_that_refuses_site_data_is_answered_too(site: str) -> None:
    """The real preference, which refuses storage, locks and workers with an error."""
    async with async_playwright() as playwright:
        with TemporaryDirectory() as folder:
            settings = Path(folder) / "Default" / "Preferences"
            settings.parent.mkdir()
            refused = {"profile": {"default_content_setting_values": {"cookies": 2}}}
            settings.write_text(json.dumps(refused))
            context = await playwright.chromium.launch_persistent_context(
                folder, executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = await context.new_page()
            await page.goto(site)
            with pytest.raises(Error, match="denied"):
                await page.evaluate("localStorage.length")
            await ask(page, "good morning")
            await expect(page.locator("article.assistant")).to_have_count(1)
            await context.close()
