"""The files of the traveler's page and widget, and the words that the page shows."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.language import Language
from hub.emergency_guide import offline_words
from hub.errors import ApiError
from hub.keys import SETTINGS
from hub.pages import FRESH, manifest_response, months, words_response
from hub.words import preferred, supported, words

PAGE = Path(__file__).parent / "page"
DEMO = Path(__file__).parent / "demo"

# a page that embeds the widget frames this host's own page
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = web.RouteTableDef()
router.static("/page", PAGE)


async def always_ask(_request: web.Request, response: web.StreamResponse) -> None:
    """Has browsers ask whether a file changed, so that old and new ones never meet."""
    if isinstance(response, web.FileResponse):
        response.headers.update(FRESH)


@router.get("/")
async def show_page(request: web.Request) -> web.FileResponse:
    return web.FileResponse(PAGE / "index.html")


@router.get("/widget.js")
@router.get("/sw.js")
async def show_script(request: web.Request) -> web.FileResponse:
    """Scripts that must stand at the top: one for its short name, one for its scope."""
    return web.FileResponse(PAGE / request.path.lstrip("/"))


@router.get("/manifest.webmanifest")
async def show_manifest(request: web.Request) -> web.Response:
    """What a phone needs to install the page, named in the browser's language."""
    language = preferred(request.headers.get("Accept-Language", ""))
    page = words(language)["page"]
    name = f"{page['title']}: {page['subtitle']}"
    return manifest_response(name, page["subtitle"], language, "/")


@router.get("/ui/{code}.json")
async def show_words(request: web.Request) -> web.Response:
    language = supported(request.match_info["code"], request.query.get("script"))
    if language is None:
        raise ApiError("unsupported_language")
    return words_response(page_words(request, language))


@router.get("/demo")
async def show_demo(request: web.Request) -> web.FileResponse:
    """A travel agency's site with the widget in it, and a style that tries to break it."""
    headers = {"Content-Security-Policy": DEMO_POLICY}
    return web.FileResponse(DEMO / "index.html", headers=headers)


@router.get("/demo/{name:site\\.(?:css|js)}")
async def show_demo_file(request: web.Request) -> web.FileResponse:
    return web.FileResponse(DEMO / request.match_info["name"])


def page_words(request: web.Request, language: Language) -> dict[str, object]:
    """The page's words, with the names of months and this hub's own numbers of days."""
    settings = request.app[SETTINGS]
    page = {**words(language)["page"], **offline_words(language), "months": months(language)}
    page["data_text"] = page["data_text"].format(
        keep_days=settings.keep_days,
        keep_audit_days=settings.keep_audit_days,
        keep_requests_days=settings.keep_requests_days,
    )
    return page
