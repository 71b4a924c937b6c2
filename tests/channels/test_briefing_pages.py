"""Briefings of groups in Chromium: members tick, with or without connection; the leader sees it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from bot import briefing
from bot.language import Language
from hub.app import make_app
from hub.briefing_rules import keys
from hub.keys import BRIEFINGS
from hub.settings import Settings
from tests.axe import check
from tests.browser import DESKTOP, PHONE, open_page
from tests.clock import MovedClock
from tests.proxy import Proxy

STEPS = len(briefing.load())
ALL = list(keys(briefing.load()))
LANGUAGES = ["zh-Hans", "zh-Hant", "kk-Cyrl", "kk-Arab", "kk-Latn", "ru-Cyrl", "en-Latn"]
SMALLEST = {"width": 320, "height": 640}


@pytest.fixture
def application(settings: Settings, clock: MovedClock) -> web.Application:
    return make_app(settings, clock)


class Group:
    """A briefing that a leader has made, and what the hub knows of it."""

    def __init__(self, application: web.Application, clock: MovedClock, made: Any) -> None:
        self.briefings, self.clock = application[BRIEFINGS], clock
        self.code: str = made["code"]
        self.secret: str = made["leader_link"].partition("#")[2]

    async def seen(self) -> Any:
        return await self.briefings.lead(self.code, self.secret, self.clock.now())

    async def joined(self, called: str, done: list[str]) -> None:
        token = called.encode().hex().ljust(40, "0")[:64]
        await self.briefings.tick(
            self.code, token, called, Language("kk", "Cyrl"), done, 1, self.clock.now()
        )

    async def until(self, page: Page, *done: tuple[str, int]) -> None:
        """Waits until the hub has these entries, each with so many ticks."""
        async with asyncio.timeout(20):
            while sorted(done) != sorted(
                (member["called"], member["done"]) for member in (await self.seen())["members"]
            ):
                await page.evaluate("() => new Promise(requestAnimationFrame)")


@pytest.fixture
async def group(application: web.Application, clock: MovedClock, site: str) -> Group:
    made = await application[BRIEFINGS].make(
        "k", 3, None, clock.now(), language=Language("ru", "Cyrl")
    )
    return Group(application, clock, made)


async def join(page: Page, called: str) -> None:
    await page.locator("#called").fill(called)
    await page.keyboard.press("Enter")
    await expect(page.locator("#walk")).to_be_visible()


async def walk_through(page: Page) -> None:
    """Ticks everything, step by step."""
    for number in range(STEPS):
        await expect(page.locator("#step-count")).to_contain_text(str(number + 1))
        for box in await page.locator("#item-list input").all():
            await box.check()
        await page.locator("#next").click()
    await expect(page.locator("#summary")).to_be_visible()


def complaints_of(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.parametrize(
    ("locale", "size"), [("kk-CN", PHONE), ("zh-CN", SMALLEST), ("en-GB", DESKTOP)], ids=str
)
async def test_a_member_walks_through_and_the_leader_sees_them_become_ready(
    browser: Browser, site: str, group: Group, locale: str, size: Any
) -> None:
    leader = await open_page(browser, f"{site}/briefing/{group.code}/leader#{group.secret}")
    await expect(leader.locator("html")).to_have_attribute("lang", "ru")
    await expect(leader.locator("#far-title")).to_have_text("Готовы: 0 из 3")
    member = await open_page(browser, f"{site}/briefing/{group.code}", locale, size)
    complaints = complaints_of(member)
    rtl = locale == "kk-CN"
    await expect(member.locator("html")).to_have_attribute("dir", "rtl" if rtl else "ltr")
    await join(member, "Айгүл")
    await expect(member.locator("#step-title")).to_be_focused()
    await expect(leader.locator("#not-ready")).to_contain_text("Айгүл")
    await walk_through(member)
    await expect(member.locator("#steps .whole")).to_have_count(STEPS)
    await expect(member.locator("#summary-title")).to_contain_text("Айгүл")
    await expect(leader.locator("#far-title")).to_have_text("Готовы: 1 из 3")
    await expect(leader.locator("#ready")).to_contain_text("Айгүл")
    await expect(leader.locator("#speaker")).to_have_text("\u2068Айгүл\u2069: всё готово")
    await expect(leader.locator("#not-opened")).to_have_text("Ещё не открыли: 2")
    assert await member.evaluate("document.documentElement.scrollWidth <= innerWidth")
    checklist = str(await member.locator("#checklist").get_attribute("href"))
    items = [item for step in briefing.load() for item in map(step.item_id, step.items)]
    assert sorted(parse_qs(urlsplit(checklist).query)["done"][0].split(",")) == sorted(items)
    paper = await member.request.get(site + checklist)
    assert (paper.status, paper.headers["content-type"]) == (200, "application/pdf")
    assert not complaints


async def test_what_is_ticked_without_connection_survives_a_reload_and_arrives_later(
    browser: Browser, site: str, group: Group
) -> None:
    async with Proxy(int(site.rpartition(":")[2])).running() as way:
        page = await open_page(browser, f"{way.url}/briefing/{group.code}", "ru-RU")
        await ticked_without_connection(page, way, group)


async def ticked_without_connection(page: Page, way: Proxy, group: Group) -> None:
    await join(page, "14A")
    await group.until(page, ("14A", 0))
    kept = f"""async () => {{
        const held = await (await caches.open('baktu-page')).keys();
        const paths = held.map(({{url}}) => new URL(url).pathname);
        return ['/briefing/{group.code}', '/briefing/page/member.js', '/briefing/words/ru.json',
            '/page/words.js'].every(each => paths.includes(each));
    }}"""
    async with asyncio.timeout(10):
        while not await page.evaluate(kept):
            await page.evaluate("() => new Promise(requestAnimationFrame)")
    # really cut: a browser's own offline mode leaves gaps around a reload
    way.down = True
    way.cut()
    await page.locator("#item-list input").first.check()
    await page.locator("#next").click()
    await expect(page.locator("#step-count")).to_have_text(f"Шаг 2 из {STEPS}")
    await page.locator("#item-list input").last.check()
    await expect(page.locator("#sent")).to_contain_text("Сохранено на этом телефоне")
    await page.reload()
    # where the reader was, with what was ticked
    await expect(page.locator("#step-count")).to_have_text(f"Шаг 2 из {STEPS}")
    await expect(page.locator("#item-list input").last).to_be_checked()
    await page.locator("#back").click()
    await expect(page.locator("#item-list input").first).to_be_checked()
    assert [member["done"] for member in (await group.seen())["members"]] == [0]
    way.down = False
    await group.until(page, ("14A", 3))
    await expect(page.locator("#sent")).to_have_text("Руководитель видит ваши отметки.")


async def test_a_lost_answer_makes_no_second_entry(
    browser: Browser, site: str, group: Group
) -> None:
    page = await open_page(browser, f"{site}/briefing/{group.code}", "en-GB")
    lost: list[int] = []

    async def lose(route: Any) -> None:
        answer = await route.fetch()
        lost.append(answer.status)
        await (route.abort() if len(lost) == 1 else route.fulfill(response=answer))

    await page.route("**/member", lose)
    await join(page, "Bob")
    await expect(page.locator("#sent")).to_have_text("Your leader sees your ticks.")
    assert lost == [200, 200]
    assert [member["called"] for member in (await group.seen())["members"]] == ["Bob"]


async def test_several_people_read_on_one_phone_and_names_are_told_apart(
    browser: Browser, site: str, group: Group
) -> None:
    page = await open_page(browser, f"{site}/briefing/{group.code}", "en-GB")
    await join(page, "Aigul")
    await page.locator("#item-list input").first.check()
    await page.locator("#another").click()
    await expect(page.locator("#called")).to_be_focused()
    await join(page, "Aigul")
    await expect(page.locator("#item-list input").first).not_to_be_checked()
    await group.until(page, ("Aigul", 1), ("Aigul (2)", 0))
    await expect(page.locator("#person option")).to_have_text(["Aigul", "Aigul (2)"])
    await page.locator("#person").select_option("Aigul")
    await expect(page.locator("#item-list input").first).to_be_checked()
    await page.reload()
    await expect(page.locator("#person option:checked")).to_have_text("Aigul")


async def test_the_leader_takes_a_double_off_and_the_phone_may_come_back(
    browser: Browser, site: str, group: Group
) -> None:
    await group.joined("Aigul", ALL)
    member = await open_page(browser, f"{site}/briefing/{group.code}", "en-GB")
    await join(member, "Aigul")
    await group.until(member, ("Aigul", len(ALL)), ("Aigul (2)", 0))
    path = f"{site}/briefing/{group.code}/leader?language=en-Latn#{group.secret}"
    leader = await open_page(browser, path)
    await leader.get_by_role("button", name="Remove \u2068Aigul (2)\u2069").click()
    await expect(leader.locator("#sure-text")).to_contain_text(
        "Remove \u2068Aigul (2)\u2069 from the list?"
    )
    await check(leader, "removing")
    await leader.locator("#sure-yes").click()
    await expect(leader.locator("#not-ready")).to_have_text("Nobody yet.")
    await expect(leader.locator("#far-title")).to_be_focused()
    await member.locator("#item-list input").first.check()
    await expect(member.locator("#status")).to_contain_text("Your leader has taken this entry off")
    await member.get_by_role("button", name="Put me on the list again").click()
    await expect(member.locator("#status")).to_be_hidden()
    await group.until(member, ("Aigul", len(ALL)), ("Aigul (2)", 1))


async def test_the_leader_says_how_many_they_are_and_ends_it(
    browser: Browser, site: str, group: Group
) -> None:
    for name in ("a", "b"):
        await group.joined(name, ALL)
    path = f"{site}/briefing/{group.code}/leader?language=en-Latn#{group.secret}"
    page = await open_page(browser, path)
    await expect(page.locator("#far-title")).to_have_text("Ready: 2 of 3")
    for people, told in ((2, "Everybody is ready."), (1, "There are 2 entries for 1 people.")):
        await page.locator("#people").fill(str(people))
        await page.keyboard.press("Enter")
        await expect(page.locator("#told")).to_contain_text(told)
        await expect(page.locator("#count-said")).to_have_text("Saved.")
    await page.locator("#end").click()
    await page.locator("#sure-yes").click()
    await expect(page.locator("#over-text")).to_have_text("The briefing is ended and deleted.")
    await page.reload()
    await expect(page.locator("#over-text")).to_contain_text("There is no briefing")


async def test_the_link_is_shared_where_the_phone_can_and_copied_else(
    browser: Browser, site: str, group: Group
) -> None:
    path = f"{site}/briefing/{group.code}/leader?language=en-Latn#{group.secret}"
    page = await open_page(browser, path)
    link = await page.locator("#link").inner_text()
    assert link.endswith(f"/briefing/{group.code}")
    await expect(page.locator("#code")).to_have_js_property("complete", True)
    assert await page.locator("#code").evaluate("image => image.naturalWidth > 0")
    await page.evaluate(
        "() => { navigator.clipboard.writeText = async (text) => { window.copied = text } }"
    )
    await page.locator("#copy").click()
    await expect(page.locator("#copy-said")).to_have_text("Copied.")
    assert await page.evaluate("window.copied") == link
    await page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error()) }"
    )
    await page.locator("#copy").click()
    await expect(page.locator("#copy-said")).to_contain_text("The link is marked")
    assert await page.evaluate("getSelection().toString()") == link
    await page.add_init_script("navigator.share = async (told) => { window.shared = told }")
    await page.reload()
    await page.locator("#share").click()
    assert (await page.evaluate("window.shared"))["url"] == link
    # neither shares nor asks with the leader's key in the address
    assert group.secret not in link


async def test_a_leader_makes_one_without_a_chat(browser: Browser, site: str) -> None:
    page = await open_page(browser, f"{site}/briefing/new", "zh-CN")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await expect(page.locator("h1")).to_have_text("给团队做出境须知")
    await check(page, "new")
    await page.locator("#people").fill("23")
    await page.get_by_role("button", name="生成链接").click()
    await expect(page.locator("#far-title")).to_have_text("已准备好：0/23")
    assert re.search(r"/briefing/\w{8}/leader#\w{64}$", page.url)
    secret = page.url.partition("#")[2]
    assert not [url for url in asked if secret in url.partition("#")[0]]


async def test_after_its_day_the_page_says_so_and_keeps_nothing(
    browser: Browser, site: str, group: Group, clock: MovedClock
) -> None:
    member = await open_page(browser, f"{site}/briefing/{group.code}", "kk-KZ")
    await join(member, "Айгүл")
    await group.until(member, ("Айгүл", 0))
    leader = await open_page(
        browser, f"{site}/briefing/{group.code}/leader?language=zh-Hans#{group.secret}"
    )
    await expect(leader.locator("#group")).to_be_visible()
    await clock.run_for(timedelta(days=1).total_seconds())
    await member.locator("#next").click()
    await expect(member.locator("#over-text")).to_have_text(
        "Бұл нұсқаулық аяқталды: күні өтіп кетті."
    )
    await expect(member.locator("#foot")).to_be_hidden()
    await check(member, "over")
    assert not await member.evaluate(f"localStorage['baktu.briefing.{group.code}']")
    await expect(leader.locator("#over-text")).to_have_text("本次须知已结束：日期已过。")
    await expect(leader.locator("#group")).to_be_hidden()
    # the same for who comes only now, and in another language when one is chosen
    await leader.reload()
    await expect(leader.locator("#over-text")).to_have_text("本次须知已结束：日期已过。")
    for late in (leader, member):
        await late.locator("#language").select_option("en-Latn")
        await expect(late.locator("#over-text")).to_contain_text("This briefing has ended")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_on_any_page_and_nothing_is_wider_than_a_phone(
    browser: Browser, site: str, group: Group, language: str
) -> None:
    await group.joined("Айгүл", ALL)
    await group.joined("x" * 40, [])
    page = await open_page(
        browser, f"{site}/briefing/{group.code}?language={language}", viewport=SMALLEST
    )

    async def holds(state: str) -> None:
        await check(page, state)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), state

    await expect(page.locator("#who")).to_be_visible()
    await holds("joining")
    await join(page, "W" * 40)
    await page.locator("#item-list input").first.check()
    await holds("a step")
    await page.locator("#another").click()
    await holds("another person")
    await page.locator("#not-now").click()
    for _ in range(STEPS):
        await page.locator("#next").click()
    await holds("summary")
    await page.goto(f"{site}/briefing/{group.code}/leader?language={language}#{group.secret}")
    await expect(page.locator("#group")).to_be_visible()
    await holds("leader")
    await page.goto(f"{site}/briefing/new?language={language}")
    await expect(page.locator("h1")).not_to_be_empty()
    await holds("new")
