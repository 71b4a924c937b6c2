"""What the traveler's page and the desk's have in common, but for their words."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from aiohttp import web
from babel.dates import get_month_names

from bot.language import Language
from bot.scripts import to_script

FRESH = {"Cache-Control": "no-cache"}
"""Has a browser ask each time whether a file changed."""

# Cyrillic letters as they are take a third of their escapes
_dumps = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def words_response(page: dict[str, Any]) -> web.Response:
    """A page's words, as its scripts fetch them."""
    return web.json_response({"page": page}, headers=FRESH, dumps=_dumps)


def manifest_response(name: str, short_name: str, language: Language, start: str) -> web.Response:
    """What a phone needs to install a page that begins at the path ``start``."""
    manifest = {
        "id": start,
        "name": name,
        "short_name": short_name,
        "lang": language.code,
        "dir": "rtl" if language.script == "Arab" else "ltr",
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": "#f4f6f7",
        "theme_color": "#0b5c6b",
        "icons": [
            {"src": "/page/icon.svg", "sizes": "any", "type": "image/svg+xml"},
            {"src": "/page/icon-192.png", "sizes": "192x192", "type": "image/png"},
        ],
    }
    return web.json_response(
        manifest, content_type="application/manifest+json", headers=FRESH, dumps=_dumps
    )


def months(language: Language) -> list[str]:
    """The names of the months as a date has them; browsers know no Kazakh ones."""
    # Chinese writes 11月 where its full name of the month would be 十一月
    names = get_month_names(
        "abbreviated" if language.code == "zh" else "wide", "format", language.code
    )
    return [to_script(names[month], language.code, language.script) for month in range(1, 13)]
