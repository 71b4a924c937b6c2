"""What a traveler is told when their request changes: place, time on both clocks, reason."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path

import yaml
from babel.dates import format_date

from bot.language import Language
from bot.scripts import to_script
from hub.request_rules import ZONES, Request
from hub.words import words

PLACES = Path(__file__).parent.parent / "data" / "places.yml"
_LOCALES = {"zh": "zh_Hans", "kk": "kk", "ru": "ru", "en": "en_GB"}


@lru_cache(maxsize=1)
def places() -> dict[str, dict[str, str]]:
    """Names of the meeting places by key, then language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(PLACES.read_text(encoding="utf-8"))
    return loaded


def told(number: str, request: Request, language: Language, officer: str = "") -> str:
    """The words ``system.request_<state>``, filled; ``officer`` as the traveler is to read them."""
    said = words(language)["system"]
    name = f"request_{request.state}"
    if request.reason and f"{name}_reason" in said:
        name += "_reason"
    place = places()[request.place][language.code] if request.place else ""
    text: str = said[name].format(
        number=number,
        officer=officer,
        place=to_script(place, language.code, language.script),
        when=_when(request.due_at, language) if request.due_at else "",
        reason=request.reason or "",
    )
    return text


def _when(moment: datetime, language: Language) -> str:
    port, there = (moment.astimezone(ZONES[zone]) for zone in ("beijing", "kazakhstan"))
    locale = _LOCALES[language.code]
    day = format_date(port.date(), "d MMMM" if language.code != "zh" else "M月d日", locale=locale)
    text: str = words(language)["system"]["request_when"].format(
        day=to_script(day, language.code, language.script),
        time=f"{port:%H:%M}",
        there=f"{there:%H:%M}",
    )
    return text
