"""Two browsers: a traveler who writes Kazakh in Arabic letters, an officer who reads Chinese."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser import ANSWERED, DESKTOP, PHONE, ask, chromium, open_page
from tests.e2e.test_desk import PASSWORD, invite
from tests.system import System


async def test_ask_hand_off_claim_phrase_reply_and_back_to_the_assistant(system: System) -> None:
    link = f"{system.url}/desk/invitation#{invite(system, 'wang', '11')}"
    async with chromium() as browser:
        officer = await open_page(browser, link, "zh-CN", DESKTOP)
        await officer.locator("#password-new").fill(PASSWORD)
        await officer.locator("#password-again").fill(PASSWORD)
        await officer.keyboard.press("Enter")
        await officer.locator("#login").fill("wang")
        await officer.locator("#password").fill(PASSWORD)
        await officer.keyboard.press("Enter")
        await officer.locator("label:has([value=on_duty])").click()

        traveler = await open_page(browser, system.url, "kk-KZ", PHONE)
        await traveler.locator("#language").select_option("kk-Arab")
        await expect(traveler.locator("html")).to_have_attribute("dir", "rtl")
        await traveler.locator("#questions button").last.click()
        await expect(traveler.locator("article.assistant")).to_have_count(1, timeout=ANSWERED)
        await expect(traveler.locator("#call-off")).to_be_visible()

        waiting = officer.locator("#groups [data-group=queue] a").filter(
            has_text="وفيتسەرمەن سويلەسكىم كەلەدى"
        )
        await waiting.first.click()
        await officer.locator("#claim").click()
        await expect(traveler.locator("#owner")).to_contain_text("وفيتسەر")
        await expect(traveler.locator("#call-off")).to_be_hidden()

        await officer.locator("#text").press_sequentially("/分钟")
        await expect(officer.locator("#phrases [role=option]").first).to_be_visible()
        await officer.keyboard.press("Enter")
        await officer.keyboard.type("5")
        await officer.keyboard.press("Enter")
        said = traveler.locator("article.officer")
        await expect(said).to_contain_text("5 مينۋت")
        assert await said.locator(".bubble").evaluate("e => getComputedStyle(e).direction") == "rtl"

        sent = officer.locator("#timeline article.officer")
        await expect(sent.first).to_contain_text("已送达")

        await traveler.locator("#text").press_sequentially("را")
        await expect(officer.locator("#typing")).to_have_text("旅客正在输入…")
        await ask(traveler, "راقمەت")
        await expect(officer.locator("#timeline")).to_contain_text("راقمەت")
        await officer.locator("#text").press_sequentially("请到2号窗口")
        await expect(traveler.locator("#owner")).to_contain_text("جازىپ جاتىر")
        await officer.locator("#text").press("Enter")
        await expect(said).to_have_count(2)
        await expect(said.last).to_have_attribute("lang", "zh-Hans")

        await officer.locator("#release").click()
        await expect(traveler.locator("#owner")).to_be_hidden()
        await ask(traveler, "ۆيزا كەرەك پە")
        await expect(traveler.locator("article.assistant")).to_have_count(2, timeout=ANSWERED)
