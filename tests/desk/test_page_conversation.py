"""The open conversation on the officers' page: who writes, what arrived, who had it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, Route, expect

from hub.keys import HANDOFFS
from tests.axe import check
from tests.desk.open_desk import add_officer, claim, open_desk
from tests.stand_in import StandIn
from tests.talk import Traveler


@pytest.fixture
async def traveler(site: str) -> AsyncIterator[Traveler]:
    """Writes Kazakh in Arabic letters."""
    async with aiohttp.ClientSession() as session:
        yield await Traveler.arrive(session, site, language="kk", script="Arab")


async def take(page: Page, application: web.Application, traveler: Traveler) -> None:
    """The traveler asks for a person, the officer opens the conversation and claims it."""
    await traveler.ask("سالەم")
    await application[HANDOFFS].ask(traveler.conversation["id"], "asked", "k1")
    await page.locator("#groups [data-group=queue] a").click()
    await page.locator("#claim").click()
    await expect(page.locator("#release")).to_be_enabled()


async def reply(page: Page, text: str) -> None:
    await page.locator("#text").fill(text)
    await page.locator("#text").press("Enter")


async def test_a_reply_is_marked_sent_and_delivered_once_the_traveler_has_it(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07", "李")
    page = await open_desk(browser, site, "li")
    await take(page, application, traveler)
    await reply(page, "Добрый день")
    said = page.locator("article.officer")
    await expect(said.locator(".state")).to_have_text("sent")
    await expect(said.locator(".author")).to_have_text("You")
    await traveler.received((await traveler.messages())[-1]["seq"])
    await expect(said.locator(".state")).to_have_text("delivered")
    await reply(page, "Проходите")
    await expect(said.last.locator(".state")).to_have_text("sent")
    await expect(said.first.locator(".state")).to_have_text("delivered")


async def test_what_the_network_says_of_a_delivery_wins(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await take(page, application, traveler)
    await reply(page, "Добрый день")
    await expect(page.locator("article.officer .state")).to_have_text("sent")
    await amend(page, traveler, lambda message: {"delivery": "failed"})
    await expect(page.locator("article.officer.failed .state")).to_have_text("not delivered")


async def test_what_waits_until_the_traveler_writes_says_so(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await take(page, application, traveler)
    await reply(page, "Добрый день")
    await expect(page.locator("article.officer .state")).to_have_text("sent")
    await amend(page, traveler, lambda message: {"delivery": "waiting", "why": "window_closed"})
    await expect(page.locator("article.officer .state")).to_have_text(
        "not sent yet: the network's time for answers has run out; "
        "it goes out by itself when the traveler writes again"
    )


async def test_who_types_is_shown_until_they_have_written(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07", "李")
    await add_officer(application, "wang", "11", "王")
    page = await open_desk(browser, site, "li")
    await take(page, application, traveler)
    await traveler.typing()
    await expect(page.locator("#typing")).to_have_text("The traveler is typing…")
    await reply(page, "Слушаю")
    await expect(page.locator("article.officer .state")).to_have_text("sent")
    await expect(page.locator("article.officer time")).to_be_visible()
    await expect(page.locator("#typing")).to_be_visible()
    await traveler.say("راقمەت")
    await expect(page.locator("#timeline")).to_contain_text("راقمەت")
    await expect(page.locator("#typing")).to_be_hidden()

    colleague = await open_desk(browser, site, "wang")
    # signs go to open streams only
    async with colleague.expect_response("**/desk/api/conversations/*/events"):
        await colleague.locator("#groups [data-group=others] a").click()
    await expect(colleague.locator("#timeline")).to_contain_text("راقمەت")
    await page.locator("#text").press_sequentially("Да")
    await expect(colleague.locator("#typing")).to_have_text("No. 07 李 is typing…")
    await expect(page.locator("#typing")).to_be_hidden()
    await page.locator("#text").press("Enter")
    said = colleague.locator("article.officer .author")
    await expect(said).to_have_text(["No. 07 李", "No. 07 李"])
    await expect(colleague.locator("#typing")).to_be_hidden()


async def test_a_change_of_who_speaks_is_one_line_in_the_officers_language(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07", "李")
    page = await open_desk(browser, site, "li", "ru-RU")
    await take(page, application, traveler)
    lines = page.locator("#timeline .event")
    await expect(lines).to_have_count(2)
    await expect(page.locator("article.system")).to_have_count(0)
    await expect(lines.first.locator("p").first).to_contain_text("Путешественник ждёт офицера")
    await expect(lines.last.locator("p").first).to_contain_text("Вы взяли разговор")
    told = lines.last.locator(".told")
    await expect(told).to_have_text((await traveler.messages())[-1]["text"])
    await expect(told).to_have_attribute("lang", "kk-Arab")
    await page.locator("#release").click()
    await expect(lines.last.locator("p").first).to_contain_text("Вы вернули разговор помощнику")

    await page.locator("#language").select_option("kk")
    await expect(lines.last.locator("p").first).to_contain_text("Әңгімені көмекшіге қайтардыңыз")
    await page.reload()
    await expect(lines).to_have_count(3)
    await expect(lines.nth(1).locator("p").first).to_contain_text("Әңгімені сіз алдыңыз")


async def test_what_the_assistant_understood_comes_without_asking(
    browser: Browser,
    application: web.Application,
    site: str,
    traveler: Traveler,
    assistant: StandIn,
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await traveler.ask("سالەم")
    await page.locator("#groups a").click()
    await expect(page.locator(".understood")).to_have_count(1)
    # nothing but the stream may bring it
    await page.route(
        f"**/desk/api/conversations/{traveler.conversation['id']}", lambda r: r.abort()
    )
    assistant.go_on.clear()
    await traveler.say("ۆيزا")
    await expect(page.locator("article.traveler")).to_have_count(2)
    await expect(page.locator(".understood")).to_have_count(1)
    assistant.go_on.set()
    await expect(page.locator(".understood")).to_have_count(2)


async def test_a_phrase_shows_its_sentence_in_the_officers_language_also_later(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", "zh-CN")
    await take(page, application, traveler)
    await page.locator("#text").press_sequentially("/分钟")
    await expect(page.locator("#phrases [role=option]").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type("5")
    ours = await page.locator("#phrases .preview").first.text_content()
    await page.keyboard.press("Enter")
    said = page.locator("article.officer:not(.sending, .waiting)")
    await expect(said).to_contain_text("مينۋت")
    assert ours
    assert "5" in ours
    await expect(said.locator(".original")).to_contain_text(ours)
    await page.reload()
    await expect(said.locator(".original")).to_contain_text(ours)
    await check(page, "phrase")


async def amend(page: Page, traveler: Traveler, more: Any) -> None:
    """Loads the page anew with more in each message than the hub tells."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        whole = await response.json()
        whole["messages"] = [{**each, **more(each)} for each in whole["messages"]]
        await route.fulfill(response=response, body=json.dumps(whole))

    await page.route(f"**/desk/api/conversations/{traveler.conversation['id']}", answer)
    await page.reload()


async def test_a_machine_translation_stands_beneath_and_says_what_it_is(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await take(page, application, traveler)
    await reply(page, "请到2号窗口")
    await expect(page.locator("article.officer .state")).to_have_text("sent")
    of_author = {
        "traveler": {"en": "Hello", "zh": "你好"},
        "officer": {"en": "Please go to window 2", "kk": "2-терезеге барыңыз"},
    }
    await amend(page, traveler, lambda m: {"translations": of_author.get(m["author"], {})})
    asked = page.locator("article.traveler .machine")
    await expect(asked).to_have_count(1)
    await expect(asked.locator(".label")).to_have_text("Machine translation (English)")
    await expect(asked.locator("[lang=en]").last).to_have_text("Hello")
    said = page.locator("article.officer .machine")
    await expect(said).to_have_count(2)
    await expect(said.last).to_contain_text("Machine translation (Kazakh)2-терезеге барыңыз")
    await check(page, "translations")


async def test_who_comes_second_is_told_who_was_first(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "12")
    first = await add_officer(application, "aigul", "7", "Айгүл")
    page = await open_desk(browser, site, "li", "ru-RU")
    await traveler.ask("سالەم")
    conversation = traveler.conversation["id"]
    await application[HANDOFFS].ask(conversation, "asked", "k1")
    await page.locator("#groups a").click()

    async def too_late(route: Route) -> None:
        await claim(application, conversation, first)
        await route.continue_()

    await page.route("**/claim", too_late)
    await page.locator("#claim").click()
    await expect(page.locator("#said")).to_have_text("Разговор уже взял офицер № 7 Айгүл.")
    await expect(page.locator("#owner")).to_have_text("Разговор ведёт офицер № 7 Айгүл")


async def test_a_kazakh_officer_reads_a_phrase_in_cyrillic_whatever_the_traveler_gets(
    browser: Browser, application: web.Application, site: str, traveler: Traveler
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li", "kk-KZ")
    await take(page, application, traveler)
    await page.locator("#text").press_sequentially("/мин")
    await expect(page.locator("#phrases [role=option]").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type("5")
    await page.keyboard.press("Enter")
    said = page.locator("article.officer:not(.sending, .waiting)")
    await expect(said).to_contain_text("مينۋت")
    await expect(said.locator(".original")).to_contain_text("5 минут")


@pytest.mark.parametrize(("kind", "ending"), [("text", ".txt"), ("json", ".json")])
async def test_a_transcript_is_downloaded_as_text_or_json(
    browser: Browser,
    application: web.Application,
    site: str,
    traveler: Traveler,
    kind: str,
    ending: str,
) -> None:
    await add_officer(application, "li", "07")
    page = await open_desk(browser, site, "li")
    await traveler.ask("سالەم")
    await page.locator("#groups a").click()
    summary = page.locator("#transcript summary")
    await expect(summary).to_be_visible()
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#transcript a").first).to_be_visible()
    await check(page, "download")
    await page.keyboard.press("Escape")
    await expect(page.locator("#transcript a").first).to_be_hidden()
    await expect(summary).to_be_focused()
    await page.keyboard.press("Enter")
    async with page.expect_download() as started:
        await page.locator(f"#transcript [data-format={kind}]").click()
    download = await started.value
    assert download.suggested_filename.endswith(ending)
    assert "سالەم" in (await download.path()).read_text("utf-8")
