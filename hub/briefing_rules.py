"""What holds for a group's briefing: pure functions, without storage or clock."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from bot.briefing import Step
from bot.clocks import PORT_TIME
from hub.ownership import RefusedError

MOST_PEOPLE = 200
"""People of one group; four coaches."""

AHEAD = timedelta(days=30)
"""How long before its day a briefing may be made: as long as a quiet conversation is kept."""

LONGEST_NAME = 40
"""Characters of a first name or seat."""

SPARE = 20
"""Entries beyond the number of people: doubles, and those whom the leader forgot to count."""


def port_day(now: datetime) -> date:
    """The day at the port at a moment (UTC)."""
    return now.astimezone(PORT_TIME).date()


def ended(day: date, now: datetime) -> bool:
    """A briefing ends by itself after its day at the port; ``now`` is UTC."""
    return port_day(now) > day


def people_of(value: Any) -> int:
    """How many a group has.

    Raises:
        RefusedError: ``briefing_people``.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MOST_PEOPLE:
        raise RefusedError("briefing_people")
    return value


def day_of(value: Any, now: datetime) -> date:
    """The day at the port that an ISO date names; today where none is given.

    Raises:
        RefusedError: ``briefing_day`` for a date that is none, is past or too far ahead.
    """
    today = port_day(now)
    if value is None:
        return today
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RefusedError("briefing_day") from error
    if not today <= day <= today + AHEAD:
        raise RefusedError("briefing_day")
    return day


def called(value: Any) -> str | None:
    """A first name or seat as it is kept; none where nothing can be read or it is too long."""
    if not isinstance(value, str):
        return None
    # signs that can't be seen could turn the list around or make two names look alike
    seen = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in value)
    name = " ".join(unicodedata.normalize("NFC", seen).split())
    return name if 0 < len(name) <= LONGEST_NAME else None


def distinguished(names: Iterable[str]) -> list[str]:
    """Names in the order in which they came; one that is there already gets a number."""
    given = list(names)
    taken = {_spelling(name) for name in given}
    seen: set[str] = set()
    shown = []
    for name in given:
        spelling, number = _spelling(name), 2
        if spelling in seen:
            while _spelling(f"{name} ({number})") in taken:
                number += 1
            name = f"{name} ({number})"
            taken.add(_spelling(name))
        seen.add(spelling)
        shown.append(name)
    return shown


def keys(steps: Iterable[Step]) -> tuple[str, ...]:
    """All that can be ticked: each step (``documents``) and its items (``documents.passport``)."""
    return tuple(
        key for step in steps for key in (step.key, *(step.item_id(item) for item in step.items))
    )


def ticked(done: Collection[Any], known: tuple[str, ...]) -> list[str]:
    """What of the ticks can be ticked, in the briefing's order."""
    return [key for key in known if key in done]


def room(people: int) -> int:
    """Entries that a group of so many may have."""
    return people + max(people, SPARE)


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
