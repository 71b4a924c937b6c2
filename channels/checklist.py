"""The checklist of a first trip abroad: a page to tick and print, and a PDF."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from aiohttp import web

from bot.clocks import PORT_TIME
from bot.language import SCRIPTS, Language
from hub.checklist import Section, checklist, word
from hub.checklist_pdf import pdf
from hub.errors import ApiError
from hub.keys import LIMITS, SETTINGS
from hub.pages import FRESH
from hub.rate_limits import Limit, address_of
from hub.words import preferred, supported

FILES = Path(__file__).parent / "checklist_page"

PDFS = Limit(burst=60, per_second=0.5)
"""PDFs of one address: a coach in the hall's Wi-Fi at once; each costs a second of work."""

NAMES = {
    "zh-Hans": "中文 简",
    "zh-Hant": "中文 繁",
    "kk-Cyrl": "Қазақша",
    "kk-Arab": "قازاقشا",
    "kk-Latn": "Qazaqşa",
    "ru-Cyrl": "Русский",
    "en-Latn": "English",
}
"""Languages by their own names."""

LONGEST_DONE = 2000
"""Characters of all ids that can be ticked, and room for more."""

router = web.RouteTableDef()
router.static("/briefing/checklist/files", FILES)


@router.get("/briefing/checklist")
async def show_page(request: web.Request) -> web.Response:
    """``?language=&script=``, else in the browser's language."""
    language = _language(request)
    page = await asyncio.to_thread(_page, language, _today())
    return web.Response(text=page, content_type="text/html", headers=FRESH)


@router.get("/briefing/checklist.pdf")
async def show_pdf(request: web.Request) -> web.Response:
    """The same as a PDF; ``done`` are ids of ticked items, with commas between."""
    language = _language(request)
    address = address_of(request, request.app[SETTINGS].trusted_proxies)
    if seconds := request.app[LIMITS].wait(PDFS, f"checklist:{address}"):
        raise ApiError("rate_limited", retry_after=seconds)
    asked = request.query.get("done", "")[:LONGEST_DONE].split(",")
    made = await asyncio.to_thread(_pdf, language, _today(), frozenset(asked))
    name = f"checklist-{language.code}-{language.script}.pdf"
    return web.Response(
        body=made,
        content_type="application/pdf",
        headers={**FRESH, "Content-Disposition": f'attachment; filename="{name}"'},
    )


def _today() -> date:
    return datetime.now(PORT_TIME).date()


def _language(request: web.Request) -> Language:
    """Raises: ApiError, for a language or script that we don't write."""
    code = request.query.get("language")
    if code is None:
        return preferred(request.headers.get("Accept-Language", ""))
    language = supported(code, request.query.get("script"))
    if language is None:
        raise ApiError("unsupported_language")
    return language


def _pdf(language: Language, day: date, asked: Collection[str]) -> bytes:
    # only ids that exist, so that nobody fills the memory with made-up ones
    known = {item for section in checklist(language, day).sections for item, _ in section.items}
    return _made(language, day, frozenset(asked) & known)


@lru_cache(maxsize=64)
def _made(language: Language, day: date, done: frozenset[str]) -> bytes:
    return pdf(checklist(language, day), done)


@lru_cache(maxsize=16)
def _page(language: Language, day: date) -> str:
    made = checklist(language, day)
    query = urlencode({"language": language.code, "script": language.script})
    return Template((FILES / "checklist.html").read_text(encoding="utf-8")).substitute(
        lang=_tag(language),
        dir="rtl" if made.rtl else "ltr",
        title=escape(made.title),
        subtitle=escape(made.subtitle),
        lead=escape(made.lead),
        print=escape(word("page_print", language)),
        pdf=escape(word("open_pdf", language)),
        pdf_href=escape(f"/briefing/checklist.pdf?{query}"),
        ask=escape(word("page_ask", language)),
        languages_label=escape(word("page_languages", language)),
        languages="".join(_choice(each, language) for each in _all()),
        sections="".join(_section(at, each) for at, each in enumerate(made.sections, start=1)),
    )


def _all() -> list[Language]:
    return [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


def _tag(language: Language) -> str:
    return f"{language.code}-{language.script}"


def _choice(each: Language, chosen: Language) -> str:
    query = escape(urlencode({"language": each.code, "script": each.script}))
    current = ' aria-current="page"' if each == chosen else ""
    return (
        f'<li><a href="/briefing/checklist?{query}" lang="{_tag(each)}"{current}>'
        f"{NAMES[_tag(each)]}</a></li>"
    )


def _section(at: int, section: Section) -> str:
    items = "".join(
        f'<li><label><input type="checkbox" value="{escape(item)}" autocomplete="off" />'
        f"<span>{escape(text)}</span></label></li>"
        for item, text in section.items
    )
    caution = f'<p class="caution">{escape(section.caution)}</p>' if section.caution else ""
    return (
        f'<section id="{escape(section.key)}"><h2>{at}. {escape(section.title)}</h2>'
        f"<ul>{items}</ul><p>{escape(section.text)}</p>{caution}"
        f'<p class="sources">{escape(section.sources)}</p></section>'
    )
