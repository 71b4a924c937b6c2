"""The files of the traveler's page and widget, and the words that the page shows."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from aiohttp import web
from babel.dates import get_month_names

from bot.language import Language
from bot.scripts import to_script
from hub.emergency_guide import offline_words
from hub.errors import ApiError
from hub.keys import SETTINGS
from hub.words import preferred, supported, words

PAGE = Path(__file__).parent / "page"
DEMO = Path(__file__).parent / "demo"

# a page that embeds the widget frames this host's own page
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FRESH = {"Cache-Control": "no-cache"}
# Cyrillic letters as they are take a third of their escapes
_dumps = partial(json.dumps, ensure_ascii=False)

router = web.RouteTableDef()
router.static("/page", PAGE)


async def always_ask(_request: web.Request, response: web.StreamResponse) -> None:
    """Has browsers ask whether a file changed, so that old and new ones never meet."""
    if isinstance(response, web.FileResponse):
        response.headers.setdefault("Cache-Control", "no-cache")


@router.get("/")
async def show_page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html", headers=_FRESH)


@router.get("/widget.js")
@router.get("/sw.js")
async def show_script(request: web.Request) -> web.FileResponse:
    """Scripts that must stand at the top: one for its short name, one for its scope."""
    return web.FileResponse(PAGE / request.path.lstrip("/"), headers=_FRESH)


@router.get("/manifest.webmanifest")
async def show_manifest(request: web.Request) -> web.Response:
    """What a phone needs to install the page, named in the browser's language."""
    language = preferred(request.headers.get("Accept-Language", ""))
    page = words(language)["page"]
    manifest = {
        "name": f"{page['title']}: {page['subtitle']}",
        "short_name": page["subtitle"],
        "lang": language.code,
        "dir": "rtl" if language.script == "Arab" else "ltr",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#f4f6f7",
        "theme_color": "#0b5c6b",
        "icons": [
            {"src": "/page/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/page/icon-192.png", "sizes": "192x192", "type": "image/png"},
        ],
    }
    return web.json_response(manifest, content_type="application/manifest+json", headers=_FRESH)


@router.get("/ui/{code}.json")
async def show_words(request: web.Request) -> web.Response:
    language = supported(request.match_info["code"], request.query.get("script"))
    if language is None:
        raise ApiError("unsupported_language")
    page = page_words(request, language)
    return web.json_response({"page": page}, headers=_FRESH, dumps=_dumps)


@router.get("/demo")
async def show_demo(request: web.Request) -> web.FileResponse:
    """A travel agency's site with the widget in it, and a style that tries to break it."""
    headers = {**_FRESH, "Content-Security-Policy": DEMO_POLICY}
    return web.FileResponse(DEMO / "index.html", headers=headers)


@router.get("/demo/{name:site\\.(?:css|js)}")
async def show_demo_file(request: web.Request) -> web.FileResponse:
    return web.FileResponse(DEMO / request.match_info["name"], headers=_FRESH)


def page_words(request: web.Request, language: Language) -> dict[str, object]:
    """The page's words, with the names of months and this hub's own numbers of days."""
    settings = request.app[SETTINGS]
    # Chinese writes 11月 where its full name of the month would be 十一月
    names = get_month_names(
        "abbreviated" if language.code == "zh" else "wide", "format", language.code
    )
    months = [to_script(names[month], language.code, language.script) for month in range(1, 13)]
    page = {**words(language)["page"], **offline_words(language), "months": months}
    page["data_text"] = page["data_text"].format(
        keep_days=settings.keep_days, keep_audit_days=settings.keep_audit_days
    )
    return page
