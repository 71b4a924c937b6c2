"""The cards of the stay calculator: a timeline of stays, and a form with two days to choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from actions.stay_words import Words
from bot.stays import DAY, FARTHEST, WINDOW, Stay, Verdict

_DATES = ("dates", "entry", "exit", "add", "wrong")


def timeline_card(stays: Sequence[Stay], verdict: Verdict, words: Words) -> dict[str, Any]:
    """What the page draws below an answer; days are ISO days, texts in the traveler's script.

    ``{"kind": "stay_timeline", "from", "to", "stays": [{"entry", "exit"}], "plan":
    {"entry", "last", "permitted"}, "used", "left", "last_day", "limit",
    "months": [{"day", "label"}], "title", "lines": [{"kind", "text"}]}``; ``lines`` tell
    the picture in words, ``kind`` is window, stay, plan, over or last_day. A stay that
    lasts is the plan; a plan without a last day goes to the last permitted one.
    """
    plan = verdict.plan
    begin = plan.entry - (WINDOW - 1) * DAY
    last = plan.last or verdict.last_day or plan.entry
    end = max(last, verdict.last_day or last)
    return {
        "kind": "stay_timeline",
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "stays": [
            {"entry": max(stay.entry, begin).isoformat(), "exit": stay.exit.isoformat()}
            for stay in stays
            if stay.exit and stay.exit >= begin
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
            {"day": day.isoformat(), "label": words.traveler.script_of(words.month(day))}
            for day in _month_begins(begin, end)
        ],
        "title": words.traveler.script_of(words.phrase("timeline")),
        "lines": _lines(stays, verdict, words),
    }


def dates_card(words: Words, today: date) -> dict[str, Any]:
    """``{"kind": "stay_dates", "min", "max", "words": {"dates", "entry", "exit", …}}``."""
    return {
        "kind": "stay_dates",
        "min": (today - FARTHEST * DAY).isoformat(),
        "max": (today + FARTHEST * DAY).isoformat(),
        "words": {name: words.traveler.script_of(words.phrase(name)) for name in _DATES},
    }


def _month_begins(begin: date, end: date) -> Iterator[date]:
    month = begin.replace(day=1)
    while month <= end:
        if month >= begin:
            yield month
        month = (month + 31 * DAY).replace(day=1)


def _lines(stays: Sequence[Stay], verdict: Verdict, words: Words) -> list[dict[str, str]]:
    plan = verdict.plan
    last = plan.last or verdict.last_day or plan.entry
    told = [("window", words.stays([Stay(plan.entry - (WINDOW - 1) * DAY, plan.entry)]))]
    told += [("stay", words.stays([stay])) for stay in stays if stay.exit]
    told.append(("plan", words.stays([Stay(plan.entry, last)])))
    if not verdict.permitted:
        over = verdict.last_day + DAY if verdict.last_day else plan.entry
        told.append(("over", words.stays([Stay(over, last)])))
    if verdict.last_day:
        told.append(("last_day", words.day(verdict.last_day)))
    return [
        {"kind": kind, "text": words.traveler.script_of(f"{words.phrase(kind)}: {days}")}
        for kind, days in told
    ]
