"""What a traveler is told when their request changes: place, time on both clocks, reason."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from bot.clocks import ZONES
from bot.language import LOCALES, Language
from bot.scripts import to_script
from hub.request_rules import Kind, Request
from hub.words import words

DATA = Path(__file__).parent.parent / "data"
PLACES = DATA / "places.yml"
REASONS = DATA / "request_reasons.yml"


@lru_cache(maxsize=1)
def places() -> dict[str, dict[str, str]]:
    """Names of the meeting places by key, then language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(PLACES.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def reasons() -> dict[str, dict[str, str]]:
    """The reasons that officers pick by key, then language."""
    loaded: dict[str, Any] = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return {key: reason for way in loaded.values() for key, reason in way.items()}


def told(
    number: str,
    request: Request,
    language: Language,
    officer: str = "",
    kind: Kind = "special_lane",
) -> str:
    """The words ``system.request_<state>``, or those of the kind, filled; ``officer`` as the
    traveler is to read them."""
    said = words(language)["system"]
    name = f"request_{request.state}"
    if request.reason and f"{name}_reason" in said:
        name += "_reason"
    own = f"{name}_{kind}" if request.place is None else name
    name = own if own in said else name
    place = places()[request.place][language.code] if request.place else ""
    text: str = said[name].format(
        number=number,
        officer=officer,
        place=to_script(place, language.code, language.script),
        when=_when(request.due_at, language) if request.due_at else "",
        reason=_reason(request.reason, language) if request.reason else "",
    )
    return text


def _reason(reason: str, language: Language) -> str:
    """A phrase in the traveler's language and script; an officer's own words as they are."""
    phrase = reasons().get(reason)
    return to_script(phrase[language.code], language.code, language.script) if phrase else reason


def _when(moment: datetime, language: Language) -> str:
    port, there = (moment.astimezone(ZONES[zone]) for zone in ("beijing", "kazakhstan"))
    locale = LOCALES[language.code]
    day = format_date(port.date(), "d MMMM" if language.code != "zh" else "M月d日", locale=locale)
    text: str = words(language)["system"]["request_when"].format(
        day=to_script(day, language.code, language.script),
        time=f"{port:%H:%M}",
        there=f"{there:%H:%M}",
    )
    return text
