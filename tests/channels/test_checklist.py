"""The checklist as page and PDF: everything in every script, ticks that stay, nothing foreign."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient
from fontTools.ttLib import TTFont
from playwright.async_api import Browser, Page
from pypdf import PdfReader

from bot import briefing
from bot.language import SCRIPTS, Language
from channels.checklist import FILES, NAMES, PDFS
from deploy.fonts import characters
from hub.checklist import checklist
from hub.checklist_pdf import FACES, FALLBACKS, FONTS, pdf
from hub.keys import SETTINGS
from tests.axe import check

LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
STEPS = briefing.load()
DAY = STEPS[0].checked
A4 = (595, 842)
LARGEST_FONTS = 1_500_000


def query(language: Language, **more: str) -> dict[str, str]:
    return {"language": language.code, "script": language.script, **more}


def glyphs(face: str, suffix: str) -> set[str]:
    return set(map(chr, TTFont(FONTS / f"{face}{suffix}.ttf").getBestCmap()))


def squeezed(text: str) -> str:
    """Without spaces, and without the zeros that pypdf reads between Chinese characters."""
    return re.sub(r"[\s\x00]+", "", unicodedata.normalize("NFKC", text))


def text_of(data: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages))


# ---- what the fonts hold


@pytest.mark.parametrize("suffix", ["", "-bold"])
@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_every_character_of_the_checklist_is_in_its_fonts(language: Language, suffix: str) -> None:
    held = glyphs(FACES[language.script].lower(), suffix)
    for face in FALLBACKS:
        held |= glyphs(face, suffix)
    stale = max(step.check_by for step in STEPS) + timedelta(days=1)
    for day in (DAY, stale):
        lacking = set("".join(checklist(language, day).texts())) - held
        assert lacking == set(), "python -m deploy.fonts makes them anew"


def test_every_character_that_a_day_of_the_year_needs_is_in_the_fonts() -> None:
    for face, needed in characters().items():
        lacking = {sign for sign in needed if unicodedata.category(sign) != "Cn"}
        lacking -= glyphs(face.lower(), "") | glyphs("hans", "")
        # of whole blocks a font may lack a rare letter, but none that is printed
        assert not lacking & set(
            "".join("".join(checklist(each, DAY).texts()) for each in LANGUAGES)
        )


def test_the_fonts_are_small_and_their_licence_is_beside_them() -> None:
    assert sum(path.stat().st_size for path in FONTS.glob("*.ttf")) < LARGEST_FONTS
    licence = (FONTS / "OFL.txt").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE" in licence.upper()
    assert all(path.name in licence for path in FONTS.glob("*.ttf"))


# ---- the PDF


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_the_pdf_says_every_step_and_item(hub: TestClient, language: Language) -> None:
    response = await hub.get("/briefing/checklist.pdf", params=query(language))
    assert response.status == 200
    assert response.content_type == "application/pdf"
    data = await response.read()
    reader = PdfReader(io.BytesIO(data))
    assert 2 <= len(reader.pages) <= 4
    assert all(
        (round(page.mediabox.width), round(page.mediabox.height)) == A4 for page in reader.pages
    )
    made = checklist(language, DAY)
    assert reader.metadata is not None
    assert reader.metadata.title == made.title
    if made.rtl:
        # joined letters in the order in which they are drawn: the numbers tell that all is there
        for number in ("12367", "119", "102", "12308", "25", "500"):
            assert number in text_of(data)
        return
    said = text_of(data)
    for section in made.sections:
        for text in (section.title, section.text, *(text for _, text in section.items)):
            assert squeezed(text) in said, text


def test_a_ticked_item_is_drawn_ticked_and_an_unknown_one_is_left_out() -> None:
    made = checklist(Language("en", "Latn"), DAY)

    def lines(done: set[str]) -> int:
        pages = PdfReader(io.BytesIO(pdf(made, done))).pages
        return sum(page.get_contents().get_data().count(b" l S") for page in pages)  # type: ignore[union-attr]

    assert lines({"hall.phone", "hall.none"}) == lines(set()) + 2


async def test_ticks_come_with_the_address(hub: TestClient) -> None:
    language = query(Language("en", "Latn"))
    plain = await (await hub.get("/briefing/checklist.pdf", params=language)).read()
    ticked = {**language, "done": "hall.phone,nonsense," + "x" * 3000}
    other = await (await hub.get("/briefing/checklist.pdf", params=ticked)).read()
    assert len(other) > len(plain)


async def test_one_address_cannot_keep_the_hub_busy_with_pdfs(hub: TestClient) -> None:
    language = query(Language("en", "Latn"))
    for _ in range(int(PDFS.burst)):
        assert (await hub.get("/briefing/checklist.pdf", params=language)).status == 200
    refused = await hub.get("/briefing/checklist.pdf", params=language)
    assert refused.status == 429
    assert "Retry-After" in refused.headers


# ---- the page


@pytest.mark.parametrize("path", ["/briefing/checklist", "/briefing/checklist.pdf"])
@pytest.mark.parametrize("asked", [{"language": "de"}, {"language": "ru", "script": "Arab"}])
async def test_a_language_that_we_do_not_write_is_refused(
    hub: TestClient, path: str, asked: dict[str, str]
) -> None:
    assert (await hub.get(path, params=asked)).status == 400


async def test_without_a_language_the_page_is_in_the_browsers(hub: TestClient) -> None:
    response = await hub.get("/briefing/checklist", headers={"Accept-Language": "kk-CN"})
    assert '<html lang="kk-Arab" dir="rtl">' in await response.text()


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_the_page_says_every_step_without_inline_code(
    hub: TestClient, language: Language
) -> None:
    response = await hub.get("/briefing/checklist", params=query(language))
    page = await response.text()
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|style=|<style|<script>", page)
    for section in checklist(language, DAY).sections:
        for _, text in section.items:
            assert text.replace("'", "&#x27;") in page
    assert page.count("<input") == sum(len(step.items) for step in STEPS)
    for name in NAMES.values():
        assert name in page
    for path in re.findall(r"(?:href|src)=\"(/[^\"]+)\"", page):
        assert (await hub.get(path.replace("&amp;", "&"))).status == 200, path


def test_the_page_takes_nothing_from_another_host() -> None:
    for file in FILES.iterdir():
        assert not re.search(r"(?:https?:)?//[\w.-]+\.\w", file.read_text("utf-8")), file


async def opened(browser: Browser, site: str, language: str, width: int = 390) -> Page:
    page = await browser.new_page(viewport={"width": width, "height": 844})
    code, script = language.split("-")
    await page.goto(f"{site.rstrip('/')}/briefing/checklist?language={code}&script={script}")
    await page.wait_for_selector("#print:not([hidden])")
    return page


async def test_ticks_outlive_a_reload_and_a_change_of_language_and_go_into_the_pdf(
    browser: Browser, site: str
) -> None:
    page = await opened(browser, site, "en-Latn")
    await page.get_by_label("Passport, valid until the end of the trip").check()
    await page.reload()
    await page.wait_for_selector("#print:not([hidden])")
    assert await page.get_by_label("Passport, valid until the end of the trip").is_checked()
    await page.get_by_role("link", name="Русский").click()
    await page.wait_for_selector("html[lang=ru-Cyrl] #print:not([hidden])")
    assert await page.locator("input[value='documents.passport']").is_checked()
    assert "done=documents.passport" in str(await page.get_attribute("#pdf", "href"))


@pytest.mark.parametrize("language", ["en-Latn", "kk-Arab", "ru-Cyrl", "zh-Hant"])
@pytest.mark.parametrize("width", [320, 390, 1440])
async def test_the_page_fits_its_width_and_is_accessible(
    browser: Browser, site: str, language: str, width: int
) -> None:
    page = await opened(browser, site, language, width)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await check(page, f"{language} {width}")


async def test_printed_it_shows_no_buttons_and_tears_no_step(browser: Browser, site: str) -> None:
    page = await opened(browser, site, "en-Latn", 1440)
    await page.emulate_media(media="print")
    assert not await page.locator("nav").is_visible()
    assert not await page.locator("#print").is_visible()
    torn = "getComputedStyle(document.querySelector('section')).breakInside"
    assert await page.evaluate(torn) == "avoid"


# ---- its address


async def test_only_the_assistant_is_told_the_addresses_and_only_of_known_languages(
    hub: TestClient,
) -> None:
    asked = {"language": "ru", "script": "Cyrl"}
    assert (await hub.post("/internal/checklist", json=asked)).status == 403
    headers = {"Authorization": f"Bearer {hub.app[SETTINGS].service_token}"}
    response = await hub.post("/internal/checklist", json=asked, headers=headers)
    links = await response.json()
    assert all(link.startswith(hub.app[SETTINGS].public_url) for link in links.values())
    wrong = {"language": "ru", "script": "Arab"}
    refused = await hub.post("/internal/checklist", json=wrong, headers=headers)
    assert refused.status == 400
