"""What a traveler is told of the desk's hours: in Beijing time, and beside it Kazakhstan's."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date, format_skeleton

from bot.clocks import KAZAKHSTAN, PORT_TIME
from bot.language import LOCALES

WORDS = Path(__file__).parent.parent / "data" / "hours.yml"


def told(hours: dict[str, Any], language: str, now: datetime) -> str:
    """A sentence about ``{"known", "open", "changes_at", "holiday"}``, "" when nothing is known."""
    if not hours["known"]:
        return ""
    if hours["changes_at"] is None:
        return _words()["open_always" if hours["open"] else "closed"][language]
    at = datetime.fromisoformat(hours["changes_at"]).astimezone(PORT_TIME)
    there = at.astimezone(KAZAKHSTAN)
    days = (at.date() - now.astimezone(PORT_TIME).date()).days
    when = ("today", "tomorrow")[days] if days < 2 else "later"
    key = "open" if hours["open"] else "closed"
    in_kazakhstan = f"{there:%H:%M}"
    if there.date() != at.date():
        in_kazakhstan = _words()["another_day"][language].format(
            day=_day(there, language, now), time=in_kazakhstan
        )
    return _words()["holiday" if hours["holiday"] else f"{key}_{when}"][language].format(
        time=f"{at:%H:%M}", day=_day(at, language, now), there=in_kazakhstan
    )


def _day(at: datetime, language: str, now: datetime) -> str:
    """A day, with its year unless it is this one."""
    locale = LOCALES[language]
    if at.year != now.astimezone(PORT_TIME).year:
        return format_date(at, "long", locale=locale)
    return format_skeleton("MMMMd", at, locale=locale)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded
