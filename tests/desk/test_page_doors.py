"""The doors of the officers' page: which ways to sign in it offers."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from tests.axe import check
from tests.browser import PHONE, open_page
from tests.desk.open_desk import add_officer, sign_in


async def door_with(browser: Browser, site: str, ways: dict[str, Any], hash_: str = "") -> Page:
    page = await open_page(browser, "about:blank", "zh-CN", PHONE)
    await page.route("**/desk/api/sign-in-ways", lambda route: route.fulfill(json=ways))
    await page.goto(f"{site}/desk{hash_}")
    return page


async def test_another_providers_sign_in_is_offered_when_there_is_one(
    browser: Browser, site: str
) -> None:
    page = await door_with(browser, site, {"password": True, "oidc": {"name": "Port ID"}})
    link = page.get_by_role("link", name="用Port ID登录")
    await expect(link).to_be_visible()
    await check(page, "two ways")
    async with page.expect_request("**/desk/oidc/start"):
        await link.click()


@pytest.mark.parametrize("hash_", ["", "#sign-in-refused"])
async def test_without_another_provider_only_the_password_is_asked(
    browser: Browser, application: web.Application, site: str, hash_: str
) -> None:
    page = await door_with(browser, site, {"password": True, "oidc": None}, hash_)
    await expect(page.locator("#login")).to_be_focused()
    await expect(page.locator("#oidc")).to_be_hidden()
    note = page.locator("#sign-in-note")
    await expect(note).to_contain_text("没有成功" if hash_ else "")
    assert page.url == f"{site}/desk"
    await add_officer(application, "li", "07")
    await sign_in(page, "li")
    await expect(page.locator("#queue")).to_be_visible()
