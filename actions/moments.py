"""Day, time and clock of what a dialogue asks for: what a message adds, what of it can't be."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from actions.request_words import Words
from actions.traveler import Traveler
from bot.clocks import KAZAKHSTAN, ZONES
from bot.entities import clock, time_in
from bot.entities.reading import Reading
from bot.scripts.convert import readable

FURTHEST = timedelta(days=90)
GRACE = timedelta(minutes=15)
"""How long after its time a request can still be sent: typing takes some minutes."""

KINDS = ("date", "time", "zone", "bad_date")
"""Kinds of ``bot.entities`` that tell of a moment."""

ASKED = ("day", "time", "half", "zone")

_DAYTIME = re.compile(r"0[1-6]:")

Values = dict[str, Any]
Wrong = tuple[str, str, dict[str, str]]
"""A response that asks about it, what it asks for, and what it is filled with."""


def answered(heard: Values, asked: str | None, text: str, traveler: Traveler) -> Values:
    """What was found in a message, with what is one only where it was asked for."""
    language, script = traveler.language, traveler.script
    heard = dict(heard)
    if asked in ("time", "half") and "time" not in heard:
        said = time_in(text, language, script)
        heard |= {"time": said} if said else {}
    if asked == "zone" and "zone" not in heard:
        normal = readable(text, language, script)
        for zone in ZONES:
            if any(word in normal for word in Words(traveler).said(f"zone_{zone}")):
                heard["zone"] = zone
    if "time" in heard:
        part = clock.part(Reading.of(text, language, script))
        heard["exact"] = part in ("morning", "night") or heard["time"] in text
    return heard


def merged(values: Values, heard: Values, now: datetime) -> tuple[Values, Wrong | None]:
    """What was told, with a message added. ``half``: the half of the day is not said."""
    values = dict(values)
    if "date" in heard:
        values["date"] = heard["date"]
    if "zone" in heard:
        values["zone"] = None if heard["zone"] == "unclear" else heard["zone"]
    if heard.get("time") == clock.NOW:
        values |= {"date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}"}
        values |= {"zone": "beijing", "half": False}
    elif "time" in heard:
        values["time"] = heard["time"]
        values["half"] = not heard.get("exact") and bool(_DAYTIME.match(heard["time"]))
    if "bad_date" in heard and "date" not in heard:
        values["date"] = None
        written = {"written": str(heard["bad_date"])}
        return values, ("utter_special_lane_no_such_day", "day", written)
    return values, None


def possible(values: Values, words: Words, now: datetime) -> tuple[Values, Wrong | None]:
    """Takes a day or time back that has passed or is too far away."""
    if values.get("date"):
        day = date.fromisoformat(values["date"])
        # on the other side of the border it may still be the day before
        name = "past" if day < now.astimezone(KAZAKHSTAN).date() else ""
        name = "far" if day > now.date() + FURTHEST else name
        if name:
            wrong = (f"utter_special_lane_{name}_day", "day", {"day": words.day(day)})
            return {**values, "date": None}, wrong
    due = moment(values, words.traveler.language)
    if due and not values.get("half") and due < now - GRACE:
        filled = {"when": words.when(due)}
        values = {**values, "time": None, "half": False}
        return values, ("utter_special_lane_past_time", "time", filled)
    return values, None


def missing(values: Values, language: str) -> str | None:
    """What of the moment is still to be asked for."""
    needed = (
        ("day", values.get("date")),
        ("time", values.get("time")),
        ("half", not values.get("half")),
        ("zone", zone_of(values, language)),
    )
    return next((asked for asked, known in needed if not known), None)


def zone_of(values: Values, language: str) -> str | None:
    """Whose time it is. Who writes Chinese on the way out of China means Beijing's."""
    if values.get("zone") or language != "zh":
        return values.get("zone")
    return "beijing" if values.get("direction") == "leaving_china" else None


def moment(values: Values, language: str) -> datetime | None:
    """The moment in UTC, once day, time and clock are known."""
    zone = zone_of(values, language)
    if not (values.get("date") and values.get("time") and zone):
        return None
    clock_time = time.fromisoformat(values["time"])
    local = datetime.combine(date.fromisoformat(values["date"]), clock_time)
    return local.replace(tzinfo=ZONES[zone]).astimezone(UTC)


def details(values: Values, language: str) -> Values:
    """``date``, ``time`` and ``zone`` as the hub takes them."""
    return {"date": values["date"], "time": values["time"], "zone": zone_of(values, language)}


def buttons(asked: str, values: Values, words: Words, intent: str, today: date) -> list[Any]:
    """What can be tapped in answer to one of ``ASKED``."""
    if asked == "day":
        days = (("today", today), ("tomorrow", today + timedelta(days=1)))
        return [words.button(intent, "date", f"{day}", words.phrase(name)) for name, day in days]
    if asked == "half":
        return [words.button(intent, "time", each, each) for each in halves(values["time"])]
    if asked == "zone":
        return [words.button(intent, "zone", zone, words.phrase(f"zone_{zone}")) for zone in ZONES]
    return []


def filled(asked: str, values: Values) -> dict[str, str]:
    """What the question is filled with."""
    if asked == "half":
        early, late = halves(values["time"])
        return {"early": early, "late": late}
    return {"time": values["time"]} if asked == "zone" else {}


def halves(early: str) -> tuple[str, str]:
    """An hour without its half of the day, in the morning and in the afternoon."""
    return early, f"{int(early[:2]) + 12}{early[2:]}"
