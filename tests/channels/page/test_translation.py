"""An officer's words on the page, with what a machine made of them: labelled, in its direction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page, expect

from hub import ownership
from hub.conversation import Draft
from hub.handoffs import DESK
from hub.keys import HANDOFFS, LOG, WAKEUPS
from hub.settings import Settings
from tests.axe import check
from tests.browser import ANSWERED, ask, open_page
from tests.fakes.libretranslate import LibreTranslate

ARAB = "4-جولاقتا كۇتىڭىز"


@pytest.fixture
def server() -> LibreTranslate:
    return LibreTranslate()


@pytest.fixture
async def settings(
    settings: Settings,
    server: LibreTranslate,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> Settings:
    address = await aiohttp_server(server.application())
    return replace(settings, translate_url=f"http://127.0.0.1:{address.port}")


async def say(application: web.Application, page: Page, text: str) -> None:
    """An officer takes the page's conversation and writes into it."""
    conversation = await page.evaluate("JSON.parse(localStorage['baktu.conversation']).id")
    now = datetime.now(UTC)
    await application[HANDOFFS].change(conversation, lambda state: ownership.claim(state, 7, now))
    await application[LOG].say(
        conversation,
        Draft("officer", text, "zh", "Hans", client_id=f"o:{text}"),
        lambda state: ownership.officer_may_speak(state, 7),
    )
    application[WAKEUPS].wake(conversation)
    application[WAKEUPS].wake(DESK)


async def test_the_translation_stands_under_the_officers_words(
    browser: Browser, site: str, application: web.Application, server: LibreTranslate
) -> None:
    server.says["请在ZX1号车道等"] = "ZX1-жолақта күтіңіз"
    page = await open_page(browser, site, "kk-CN")
    await ask(page, "سالەمەتسىز بە")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    # the message is there while the machine still thinks
    server.go_on.clear()
    await say(application, page, "请在4号车道等")
    officer = page.locator("article.officer")
    await expect(officer.locator(".bubble > span")).to_have_text("请在4号车道等")
    await expect(officer.locator(".card")).to_have_count(0)
    server.go_on.set()

    label, said = officer.locator(".card p").first, officer.locator(".card p").last
    await expect(label).to_have_text("ماشينالىق اۋدارما")
    await expect(said).to_have_text(ARAB)
    await expect(said).to_have_attribute("lang", "kk-Arab")
    assert await said.evaluate("element => getComputedStyle(element).direction") == "rtl"
    # what comes in one moment is spoken together
    await expect(page.locator("#speaker")).to_contain_text(ARAB)
    await expect(officer.locator(".bubble > span")).to_have_text("请在4号车道等")
    await check(page, "translated")

    # another script of the page: words, label and translation follow, in place of the old ones
    await page.locator("#language").select_option("kk-Cyrl")
    await expect(said).to_have_text("4-жолақта күтіңіз")
    await expect(label).to_have_text("Машиналық аударма")
    assert await said.evaluate("element => getComputedStyle(element).direction") == "ltr"
    await expect(officer.locator(".card")).to_have_count(1)

    await page.reload()
    await expect(said).to_have_text("4-жолақта күтіңіз")
    await expect(officer.locator(".author")).to_have_text("Офицер")


async def test_script_in_a_translation_is_shown_as_text(
    browser: Browser, site: str, application: web.Application, server: LibreTranslate
) -> None:
    bad = "<img src=x onerror=document.title=1><b>wait</b>"
    server.says["请等"] = bad
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
    await say(application, page, "请等")
    await expect(page.locator("article.officer .card p").last).to_have_text(bad)
    assert await page.locator("article.officer img").count() == 0
