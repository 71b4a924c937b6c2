"""The cards of the stay calculator: a timeline of stays, and a form with two days to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from actions.traveler import Traveler
from bot.stays import DAY, FARTHEST, WINDOW, Stay, Verdict

WORDS = Path(__file__).parent.parent / "data" / "stay_words.yml"
_LOCALES = {"zh": "zh_Hans", "kk": "kk", "ru": "ru", "en": "en_GB"}
_TIMELINE = ("timeline", "stay", "plan", "over", "last_day", "window")
_DATES = ("dates", "entry", "exit", "add", "wrong")


def timeline_card(
    stays: Sequence[Stay], verdict: Verdict, traveler: Traveler, today: date
) -> dict[str, Any]:
    """What the page draws below an answer; days are ISO days, texts in the traveler's script.

    ``{"kind": "stay_timeline", "from", "to", "stays": [{"entry", "exit"}], "plan":
    {"entry", "last", "permitted"}, "used", "left", "last_day", "limit",
    "months": [{"day", "label"}], "words": {"timeline", "stay", …}}``. A stay that
    lasts ends today; a plan without a last day goes to the last permitted one.
    """
    plan = verdict.plan
    begin = plan.entry - (WINDOW - 1) * DAY
    last = plan.last or verdict.last_day or plan.entry
    end = max(last, verdict.last_day or last)
    shown = [stay for stay in stays if stay.exit and stay.exit >= begin]
    return {
        "kind": "stay_timeline",
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "stays": [
            {"entry": max(stay.entry, begin).isoformat(), "exit": (stay.exit or today).isoformat()}
            for stay in shown
        ],
        "plan": {
            "entry": plan.entry.isoformat(),
            "last": last.isoformat(),
            "permitted": verdict.permitted,
        },
        "used": verdict.used,
        "left": verdict.left,
        "last_day": verdict.last_day.isoformat() if verdict.last_day else None,
        "limit": verdict.limit,
        "months": [
            {
                "day": day.isoformat(),
                "label": traveler.script_of(
                    format_date(day, "LLL", locale=_LOCALES[traveler.language])
                ),
            }
            for day in _month_begins(begin, end)
        ],
        "words": _worded(_TIMELINE, traveler),
    }


def dates_card(traveler: Traveler, today: date) -> dict[str, Any]:
    """``{"kind": "stay_dates", "min", "max", "words": {"dates", "entry", "exit", …}}``."""
    return {
        "kind": "stay_dates",
        "min": (today - FARTHEST * DAY).isoformat(),
        "max": (today + FARTHEST * DAY).isoformat(),
        "words": _worded(_DATES, traveler),
    }


def _month_begins(begin: date, end: date) -> Iterator[date]:
    month = begin.replace(day=1)
    while month <= end:
        if month >= begin:
            yield month
        month = (month + 31 * DAY).replace(day=1)


def _worded(names: Sequence[str], traveler: Traveler) -> dict[str, str]:
    return {name: traveler.script_of(_phrases()[name][traveler.language]) for name in names}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded
