"""What travelers tell with a request, kind by kind: what it may be, and when two say the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from bot.clocks import PORT_TIME, ZONES
from bot.language import SCRIPTS
from hub.conversation import MAX_TEXT
from hub.ownership import Reason
from hub.request_rules import BadRequestError, Kind

HELP = ("wheelchair", "walking", "elderly", "pregnant", "infant", "ill", "other")
DIRECTIONS = ("leaving_china", "entering_china")
VEHICLES = ("on_foot", "bicycle", "motorcycle", "car", "bus", "truck")
TONES = ("complaint", "praise", "suggestion")

MOST_PEOPLE = 50
"""People of one request; a larger party is several."""

MOST_VEHICLES = 50
"""Vehicles of one appointment."""

LONGEST = 500
"""Characters of what is told in a few words."""

Details = dict[str, Any]

OF_A_PERSON = ("contact", "note")
"""Details that tell of a person."""

FREE_WORDS = (*OF_A_PERSON, "what", "where", "text", "place", "cargo")
"""Details in the traveler's own words, which may."""


def checked(kind: Kind, details: Any) -> Details:
    """The details of a request of a kind, without what nobody asked for.

    Raises:
        BadRequestError: the message says which.
    """
    if not isinstance(details, dict):
        raise BadRequestError("details")
    names = _CHECKS[kind](details)
    return {name: details[name] for name in names if details.get(name) is not None}


def due_at(kind: Kind, details: Details, now: datetime) -> datetime | None:
    """When (UTC) somebody is to be there; ``None`` for what waits for nobody's arrival.

    Raises:
        BadRequestError: no such day or time.
    """
    if kind in ("lost_item", "complaint"):
        return None
    return now if details.get("now") else moment(details)


def moment(details: Details) -> datetime:
    """The moment (UTC) of ``date``, ``time`` and ``zone``.

    Raises:
        BadRequestError: no such day or time.
    """
    try:
        clock = time.fromisoformat(details["time"]).replace(tzinfo=None)
        local = datetime.combine(date.fromisoformat(details["date"]), clock, ZONES[details["zone"]])
        return local.astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadRequestError("date and time") from error


def is_anonymous(details: Details) -> bool:
    """Whether nobody is to see who wrote it."""
    return bool(details.get("anonymous"))


def reason(details: Details) -> Reason:
    """Why a new request asks for a person: at once, in the conversation, or as work to come."""
    return "asked" if details.get("now") else "request"


def same(kind: Kind, one: Details, other: Details, days: tuple[Any, Any]) -> bool:
    """Whether a traveler who has one open means it again. ``days`` are their moments (UTC)."""
    if kind == "lost_item":
        return _plain(one["what"]) == _plain(other["what"])
    if kind == "complaint":
        return one["tone"] == other["tone"] and _plain(one["text"]) == _plain(other["text"])
    if kind == "interpreter" and bool(one.get("now")) != bool(other.get("now")):
        return False
    if kind == "appointment" and (
        _plain(one["cargo"]) != _plain(other["cargo"]) or one["direction"] != other["direction"]
    ):
        return False
    first, second = (day and day.astimezone(PORT_TIME).date() for day in days)
    return bool(first == second)


def _special_lane(details: Details) -> tuple[str, ...]:
    wanted = details.get("help")
    if not isinstance(wanted, list) or not wanted or not all(each in HELP for each in wanted):
        raise BadRequestError("help")
    _count(details, "people", MOST_PEOPLE)
    _one_of(details, "direction", DIRECTIONS)
    _one_of(details, "vehicle", VEHICLES)
    _words(details, ("contact", "note"))
    moment(details)
    names = ("help", "people", "direction", "date", "time", "zone", "vehicle", "contact", "note")
    return names


def _lost_item(details: Details) -> tuple[str, ...]:
    _words(details, ("what", "where"), needed=True)
    _words(details, ("contact",))
    if details.get("date") is not None:
        _day(details["date"])
    return ("what", "where", "date", "contact")


def _complaint(details: Details) -> tuple[str, ...]:
    _one_of(details, "tone", TONES)
    _words(details, ("text",), needed=True, longest=MAX_TEXT)
    _words(details, ("contact",))
    if not isinstance(details.get("anonymous"), bool):
        raise BadRequestError("anonymous")
    # a phone number names who wrote
    return ("tone", "text", "anonymous") + (() if details["anonymous"] else ("contact",))


def _interpreter(details: Details) -> tuple[str, ...]:
    languages = details.get("languages")
    if not isinstance(languages, list) or not languages or not all(i in SCRIPTS for i in languages):
        raise BadRequestError("languages")
    _words(details, ("place", "contact"))
    if details.get("now") is True:
        return ("languages", "place", "now", "contact")
    moment(details)
    return ("languages", "place", "date", "time", "zone", "contact")


def _appointment(details: Details) -> tuple[str, ...]:
    _words(details, ("cargo",), needed=True)
    _words(details, ("contact",))
    _one_of(details, "vehicle", ("truck",))
    _one_of(details, "direction", DIRECTIONS)
    _count(details, "count", MOST_VEHICLES)
    moment(details)
    return ("cargo", "vehicle", "count", "direction", "date", "time", "zone", "contact")


_CHECKS: dict[Kind, Callable[[Details], tuple[str, ...]]] = {
    "special_lane": _special_lane,
    "lost_item": _lost_item,
    "complaint": _complaint,
    "interpreter": _interpreter,
    "appointment": _appointment,
}


def _count(details: Details, name: str, most: int) -> None:
    value = details.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= most:
        raise BadRequestError(name)


def _one_of(details: Details, name: str, known: tuple[str, ...]) -> None:
    if details.get(name) not in known:
        raise BadRequestError(name)


def _words(
    details: Details, names: tuple[str, ...], *, needed: bool = False, longest: int = LONGEST
) -> None:
    for name in names:
        value = details.get(name)
        if value is None and not needed:
            continue
        if not isinstance(value, str) or len(value) > longest or (needed and not value.strip()):
            raise BadRequestError(name)


def _day(value: Any) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadRequestError("date") from error


def _plain(text: str) -> str:
    """A text without what differs when it is written a second time."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(sign if sign.isalnum() else " " for sign in folded).split())
