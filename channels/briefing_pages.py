"""The pages of groups' briefings, their words and steps, and the QR code of each link."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import segno
from aiohttp import web

from bot import briefing
from bot.language import Language
from bot.scripts import to_script
from hub.errors import ApiError
from hub.keys import BRIEFINGS
from hub.pages import FRESH, months
from hub.words import supported, words

PAGE = Path(__file__).parent / "briefing_page"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Unlike the traveler's page, these may stand in nobody's frame: a leader's clicks delete."""

QUIET_ZONE = 4
"""Light modules around the code; ISO/IEC 18004 asks for four."""

router = web.RouteTableDef()
router.static("/briefing/page", PAGE)

_ONE = "/briefing/{code:[A-Za-z0-9]{8}}"


@router.get("/briefing/new")
async def show_new(_request: web.Request) -> web.FileResponse:
    return _page("new.html")


@router.get(_ONE)
async def show_member(_request: web.Request) -> web.FileResponse:
    return _page("member.html")


@router.get(f"{_ONE}/leader")
async def show_leader(_request: web.Request) -> web.FileResponse:
    return _page("leader.html")


@router.get(f"{_ONE}/qr.svg")
async def show_code(request: web.Request) -> web.Response:
    """The link as a QR code; a quarter of it may be dirty and it still reads."""
    link = request.app[BRIEFINGS].link(request.match_info["code"].upper())
    picture = io.BytesIO()
    segno.make(link, error="q", micro=False).save(
        picture, kind="svg", border=QUIET_ZONE, light="#fff", omitsize=True, xmldecl=False
    )
    return web.Response(body=picture.getvalue(), content_type="image/svg+xml", headers=FRESH)


@router.get("/briefing/words/{code}.json")
async def show_words(request: web.Request) -> web.Response:
    """``{"page": words, "steps": […]}``, all in the language and script asked for."""
    language = supported(request.match_info["code"], request.query.get("script"))
    if language is None:
        raise ApiError("unsupported_language")
    told = words(language)
    page = {
        **told["briefing"],
        # without connection nobody else says so
        "ended": told["errors"]["briefing_ended"],
        "day": told["page"]["day"],
        "months": months(language),
    }
    return web.json_response({"page": page, "steps": steps(language)}, headers=FRESH)


def steps(language: Language) -> list[dict[str, Any]]:
    """The briefing's steps in a language and script, as the pages show them."""
    code, script = language.code, language.script

    def said(texts: dict[str, str]) -> str:
        return to_script(texts[code], code, script)

    return [
        {
            "key": step.key,
            "title": said(step.title),
            "text": said(step.text),
            "sources": to_script(step.sources_line(code), code, script) if step.sources else "",
            "caution": to_script(step.caution(code), code, script),
            "items": [{"key": step.item_id(item), "text": said(item.text)} for item in step.items],
        }
        for step in briefing.load()
    ]


def _page(name: str) -> web.FileResponse:
    headers = {**FRESH, "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / name, headers=headers)
