"""The board in Chromium with the hub's own requests: they come, move and are told to travelers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from aiohttp import web
from playwright.async_api import Browser, expect

from desk import accounts
from hub.keys import DATABASE, SETTINGS
from tests.browser import DESKTOP, open_page
from tests.desk.officers import PASSWORD
from tests.talk import Traveler

DAY = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()


async def internal(
    application: web.Application, session: aiohttp.ClientSession, url: str, body: dict[str, Any]
) -> Any:
    headers = {"Authorization": f"Bearer {application[SETTINGS].service_token}"}
    async with session.post(url, json=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def test_a_request_comes_moves_and_is_cancelled_before_the_officers_eyes(
    browser: Browser, application: web.Application, site: str
) -> None:
    page = await open_page(browser, f"{site}/desk", "ru-RU", DESKTOP)
    token = await accounts.add(application[DATABASE], "wang", "officer", "11", "王")
    await accounts.accept(application[DATABASE], token, PASSWORD, datetime.now(UTC))
    await page.locator("#login").fill("wang")
    await page.locator("#password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#desk")).to_be_visible()
    await page.goto(f"{site}/desk/board")
    await expect(page.locator(".none:visible")).to_have_count(5)

    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, site, language="kk", script="Cyrl")
        conversation = traveler.conversation["id"]
        details = {
            "help": ["wheelchair"],
            "people": 2,
            "direction": "leaving_china",
            "date": DAY,
            "time": "10:00",
            "zone": "beijing",
            "vehicle": "bus",
        }
        made = await internal(
            application,
            session,
            f"{site}/internal/requests",
            {
                "conversation_id": conversation,
                "kind": "special_lane",
                "key": "k1",
                "details": details,
            },
        )
        card = page.locator(f"li[data-number={made['number']}]")
        await expect(card).to_contain_text("10:00 Пекин · 07:00 Казахстан")
        await expect(card).to_contain_text("Инвалидная коляска")
        await card.locator("[data-what=accept]").click()
        await page.locator("#place").select_option("special_lane")
        await page.locator("#at").fill(f"{DAY}T10:30")
        await page.locator("#accept button.main").click()
        accepted = page.locator("[data-column=accepted] [data-number]")
        await expect(accepted).to_contain_text("10:30 Пекин")
        await expect(accepted).to_contain_text("особый коридор")
        await card.locator("[data-what=start]").click()
        await expect(page.locator("[data-column=under_way] [data-number]")).to_have_count(1)
        await internal(
            application,
            session,
            f"{site}/internal/requests/cancel",
            {"conversation_id": conversation, "number": made["number"], "key": "k2"},
        )
        await expect(page.locator("[data-column=over] [data-number]")).to_contain_text("отменена")
        made = await internal(
            application,
            session,
            f"{site}/internal/requests",
            {
                "conversation_id": conversation,
                "kind": "special_lane",
                "key": "k3",
                "details": details,
            },
        )
        await page.locator(f"li[data-number={made['number']}] [data-what=refuse]").click()
        await page.locator("[name=reason][value=port_closed]").check()
        await page.locator("#end button.main").click()
        await expect(page.locator("[data-column=over]")).to_contain_text("пункт пропуска закрыт")
        messages = await traveler.messages()
        told = [each["text"] for each in messages if each["author"] == "system"]
        assert any("10:30" in text and "ерекше дәліз" in text for text in told), told
        assert any("Ол уақытта өткізу бекеті жабық" in text for text in told), told
