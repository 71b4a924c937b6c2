"""The files of the officers' page, and the words that it shows."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web
from babel.dates import get_month_names

from bot.language import Language
from hub.errors import ApiError
from hub.words import preferred, supported

PAGE = Path(__file__).parent / "page"
DATA = Path(__file__).parent.parent / "data"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Unlike the traveler's page, this one may stand in nobody's frame."""

_FRESH = {"Cache-Control": "no-cache"}
# Cyrillic letters as they are take a third of their escapes
_dumps = partial(json.dumps, ensure_ascii=False)

router = web.RouteTableDef()


@router.get("/desk")
@router.get("/desk/invitation")
async def show_page(_request: web.Request) -> web.FileResponse:
    """One page; what it shows depends on who is signed in and on the address's hash."""
    headers = {**_FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "index.html", headers=headers)


@router.get("/desk/page/{name:[a-z]+\\.(?:js|css)}")
async def show_file(request: web.Request) -> web.FileResponse:
    file = PAGE / request.match_info["name"]
    if not file.is_file():
        raise ApiError("not_found")
    return web.FileResponse(file, headers=_FRESH)


@router.get("/desk/ui/{code}.json")
async def show_words(request: web.Request) -> web.Response:
    language = supported(request.match_info["code"])
    if language is None:
        raise ApiError("unsupported_language")
    return web.json_response({"page": words(language)}, headers=_FRESH, dumps=_dumps)


@router.get("/desk/manifest.webmanifest")
async def show_manifest(request: web.Request) -> web.Response:
    """What a duty phone needs to install the desk, named in the browser's language."""
    code = preferred(request.headers.get("Accept-Language", "")).code
    language = supported(code)
    assert language is not None  # noqa: S101 - ``preferred`` names only what is supported
    page = words(language)
    manifest = {
        "id": "/desk",
        "name": page["title"],
        "short_name": page["short_title"],
        "lang": code,
        "start_url": "/desk",
        "scope": "/desk",
        "display": "standalone",
        "background_color": "#f4f6f7",
        "theme_color": "#0b5c6b",
        "icons": [
            {"src": "/page/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/page/icon-192.png", "sizes": "192x192", "type": "image/png"},
        ],
    }
    return web.json_response(manifest, content_type="application/manifest+json", headers=_FRESH)


@lru_cache(maxsize=4)
def words(language: Language) -> dict[str, Any]:
    """The desk's words in a language, with names of months, topics and places."""
    page: dict[str, Any] = _load("desk", f"{language.code}.yml")
    # Chinese writes 11月 where its full name of the month would be 十一月
    names = get_month_names(
        "abbreviated" if language.code == "zh" else "wide", "format", language.code
    )
    titles = _load("titles.yml")
    places = _load("emergency", "guide.yml")["places"]
    return {
        **page,
        "months": [names[month] for month in range(1, 13)],
        "topics": {label: title[language.code] for label, title in titles.items()},
        "places": {key: place["title"][language.code] for key, place in places.items()},
    }


def _load(*path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DATA.joinpath(*path).read_text(encoding="utf-8"))
    return loaded
