"""The files of the officers' page, and the words that it shows."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from bot.language import Language
from hub.errors import ApiError
from hub.pages import FRESH, manifest_response, months, words_response
from hub.words import preferred, supported

PAGE = Path(__file__).parent / "page"
DATA = Path(__file__).parent.parent / "data"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Unlike the traveler's page, this one may stand in nobody's frame."""

router = web.RouteTableDef()


@router.get("/desk")
@router.get("/desk/invitation")
async def show_page(_request: web.Request) -> web.FileResponse:
    """One page; what it shows depends on who is signed in and on the address's hash."""
    headers = {**FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "index.html", headers=headers)


@router.get("/desk/board")
async def show_board(_request: web.Request) -> web.FileResponse:
    """The page of what officers have to do for travelers."""
    headers = {**FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "board.html", headers=headers)


@router.get("/desk/lanes")
async def show_lanes(_request: web.Request) -> web.FileResponse:
    """The page on which officers enter how many wait."""
    headers = {**FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "lanes.html", headers=headers)


@router.get("/desk/briefings")
async def show_briefings(_request: web.Request) -> web.FileResponse:
    """The page of groups that prepare for the border."""
    headers = {**FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "briefings.html", headers=headers)


@router.get("/desk/page/{name:[a-z]+\\.(?:js|css)}")
async def show_file(request: web.Request) -> web.FileResponse:
    file = PAGE / request.match_info["name"]
    if not file.is_file():
        raise ApiError("not_found")
    return web.FileResponse(file, headers=FRESH)


@router.get("/desk/ui/{code}.json")
async def show_words(request: web.Request) -> web.Response:
    language = supported(request.match_info["code"])
    if language is None:
        raise ApiError("unsupported_language")
    return words_response(words(language))


@router.get("/desk/manifest.webmanifest")
async def show_manifest(request: web.Request) -> web.Response:
    """What a duty phone needs to install the desk, named in the browser's language."""
    code = preferred(request.headers.get("Accept-Language", "")).code
    language = supported(code)
    assert language is not None  # noqa: S101 - ``preferred`` names only what is supported
    page = words(language)
    return manifest_response(page["title"], page["short_title"], language, "/desk")


@lru_cache(maxsize=4)
def words(language: Language) -> dict[str, Any]:
    """The desk's words in a language, with names of months, topics and places."""
    page: dict[str, Any] = _load("desk", f"{language.code}.yml")
    board: dict[str, str] = _load("desk", "board", f"{language.code}.yml")
    queue: dict[str, str] = _load("desk", "lanes", f"{language.code}.yml")
    lanes = {
        f"lane_{key}": lane["name"][language.code]
        for key, lane in _load("lanes.yml")["lanes"].items()
    }
    groups: dict[str, str] = _load("desk", "briefings", f"{language.code}.yml")
    meeting = {f"place_{key}": name[language.code] for key, name in _load("places.yml").items()}
    titles = _load("titles.yml")
    places = _load("emergency", "guide.yml")["places"]
    return {
        **page,
        **{f"board_{name}": text for name, text in {**board, **meeting}.items()},
        **{f"lanes_{name}": text for name, text in queue.items()},
        **lanes,
        **{f"briefings_{name}": text for name, text in groups.items()},
        "months": months(language),
        "reasons": {
            way: {key: reason[language.code] for key, reason in reasons.items()}
            for way, reasons in _load("request_reasons.yml").items()
        },
        "topics": {label: title[language.code] for label, title in titles.items()},
        "places": {key: place["title"][language.code] for key, place in places.items()},
    }


def _load(*path: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DATA.joinpath(*path).read_text(encoding="utf-8"))
    return loaded
