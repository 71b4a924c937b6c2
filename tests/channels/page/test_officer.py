"""Who is speaking, on the traveler's page: waiting, with an officer, and back."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web
from playwright.async_api import Browser, Page, expect

from hub import ownership
from hub.conversation import Draft
from hub.keys import HANDOFFS, LOG, WAKEUPS
from tests.browser import ask, open_page


async def conversation_of(page: Page) -> str:
    stored = "JSON.parse(localStorage.getItem('baktu.conversation')).id"
    return str(await page.evaluate(stored))


async def test_the_page_says_at_every_moment_who_is_speaking(
    browser: Browser, application: web.Application, site: str
) -> None:
    page = await open_page(browser, site)
    await ask(page, "good morning")
    await expect(page.locator("article.assistant")).to_have_count(1)
    conversation = await conversation_of(page)
    handoffs, log = application[HANDOFFS], application[LOG]
    banner = page.locator("#owner")
    await expect(banner).to_be_hidden()

    await handoffs.ask(conversation, "asked", "k1")
    await expect(banner).to_contain_text("You asked for an officer")
    await page.locator("#call-off").click()
    await expect(banner).to_be_hidden()

    await handoffs.ask(conversation, "asked", "k2")
    now = datetime.now(UTC)
    await handoffs.change(
        conversation,
        lambda state: ownership.claim(state, 7, now),
        "officer_joined",
        officer="Officer No. 07",
    )
    await expect(banner).to_contain_text("You are talking with an officer")
    await expect(page.locator("#call-off")).to_be_hidden()
    said = Draft("officer", "您好", "zh", "Hans", client_id="o:1")
    await log.say(conversation, said, lambda state: True)
    application[WAKEUPS].wake(conversation)
    await expect(page.locator("article.officer .author")).to_have_text("Officer")
    await expect(page.locator("article.officer")).to_have_attribute("lang", "zh-Hans")
    await expect(page.locator("#speaker")).to_contain_text("Officer: 您好")

    await handoffs.change(
        conversation,
        lambda state: ownership.give_back(state, 7),
        "officer_left",
        officer="Officer No. 07",
    )
    await expect(banner).to_be_hidden()
    await expect(page.locator("article.system").last).to_contain_text("The assistant answers again")


async def test_in_an_emergency_the_banner_tells_to_go_on_phoning(
    browser: Browser, site: str
) -> None:
    page = await open_page(browser, site)
    await page.locator("#sos").click()
    await expect(page.locator("#owner")).to_contain_text("Keep phoning")
