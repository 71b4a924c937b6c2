"""Whether a visa-free stay between China and Kazakhstan is permitted, and until when; pure.

The rule (``data/policies/visa_free_stay.yml``, Ministry of Foreign Affairs of
China, 2 November 2023): at most 30 days per entry, at most 90 days in any 180.
It doesn't say how days are counted, so the stricter way is taken: every day of
presence counts, the days of entry and exit included, a day shared by two stays
once; and the 180 days are looked back on from every single day of a stay.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

DAYS_PER_ENTRY = 30
DAYS_IN_WINDOW = 90
WINDOW = 180
"""Days that are looked back on, the day itself included."""

FARTHEST = 730
"""Days ahead within which a plan is counted; a later one is a slip of the pen."""

DAY = timedelta(days=1)

Limit = Literal["entry", "window", "both"]
Trouble = Literal["reversed", "overlap", "future", "still_inside", "plan_past", "plan_far"]


@dataclass(frozen=True, order=True)
class Stay:
    """One stay, from the day of entry to that of exit; ``exit`` is ``None`` while it lasts."""

    entry: date
    exit: date | None = None


@dataclass(frozen=True)
class Plan:
    """A stay to come, or the rest of one that lasts; ``last`` is its last day, if that is known."""

    entry: date
    last: date | None = None

    @property
    def days(self) -> int | None:
        return None if self.last is None else (self.last - self.entry).days + 1


@dataclass(frozen=True)
class Problem:
    """Why dates can't be counted, and which stays it is about (a plan shown as one).

    ``reversed``: the exit is before the entry. ``overlap``: two stays share more
    than the day on which one ends and the other begins. ``future``: a past stay
    that is not over, or not begun. ``still_inside``: a stay without exit before
    another stay or plan. ``plan_past``: a plan that is over, or begins in the
    past without a last day. ``plan_far``: one more than two years ahead.
    """

    trouble: Trouble
    stays: tuple[Stay, ...]


class BadStaysError(ValueError):
    """Stays that can't be counted; ``problems`` says why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.trouble for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Verdict:
    """What the rule says of a plan.

    ``used``: days of past stays in the 180 days that end on the day of entry.
    ``left``: what remains of 90 then. ``longest``: days the stay may last, which
    may be more than ``left``, since old days fall out of the 180 meanwhile.
    ``last_day``: the last permitted day; ``None`` if not even the first one is.
    ``limit``: which rule ends it there. ``permitted``: whether the whole plan is;
    without a length, whether its first day is. ``first_entry``: the first day
    from the plan's entry on on which a stay of its length may begin; ``None``
    if none may, because it is longer than 30 days. ``too_long``: past stays
    above 30 days, which must have had a visa or were overstays.
    """

    plan: Plan
    used: int
    left: int
    longest: int
    last_day: date | None
    limit: Limit
    permitted: bool
    first_entry: date | None
    too_long: tuple[Stay, ...]


def problems_of(stays: Sequence[Stay], plan: Plan | None, today: date) -> list[Problem]:
    """Everything that keeps these dates from being counted; empty if they are fine."""
    found: list[Problem] = []
    ordered = sorted(stays, key=lambda stay: (stay.entry, stay.exit or date.max))
    for stay in ordered:
        if stay.exit is not None and stay.exit < stay.entry:
            found.append(Problem("reversed", (stay,)))
        elif stay.entry > today or (stay.exit is not None and stay.exit > today):
            found.append(Problem("future", (stay,)))
    if plan is not None:
        planned = Stay(plan.entry, plan.last)
        if plan.last is not None and plan.last < plan.entry:
            found.append(Problem("reversed", (planned,)))
        elif plan.entry < today and (plan.last is None or plan.last < today):
            found.append(Problem("plan_past", (planned,)))
        elif max(plan.entry, plan.last or plan.entry) > today + FARTHEST * DAY:
            found.append(Problem("plan_far", (planned,)))
        ordered = sorted([*ordered, planned], key=lambda stay: (stay.entry, stay.exit or date.max))
    if found:
        return found
    for at, earlier in enumerate(ordered):
        for later in ordered[at + 1 :]:
            if earlier.exit is None:
                found.append(Problem("still_inside", (earlier, later)))
            elif later.entry < earlier.exit:
                found.append(Problem("overlap", (earlier, later)))
    return found


def assess(stays: Sequence[Stay], plan: Plan | None, today: date) -> Verdict:
    """What the rule says of a plan after past stays.

    Without a plan it is the stay that lasts, else an entry today.

    Raises:
        BadStaysError: dates that can't be counted.
    """
    if problems := problems_of(stays, plan, today):
        raise BadStaysError(problems)
    past = [stay for stay in stays if stay.exit is not None]
    if plan is None:
        lasting = [stay for stay in stays if stay.exit is None]
        plan = Plan(lasting[0].entry if lasting else today)
    present = _days(past, plan.entry - WINDOW * DAY)
    used = _in_window(present, plan.entry)
    last_day, limit = _last_day(present, plan.entry)
    length = plan.days or 1
    return Verdict(
        plan=plan,
        used=used,
        left=max(0, DAYS_IN_WINDOW - used),
        longest=0 if last_day is None else (last_day - plan.entry).days + 1,
        last_day=last_day,
        limit=limit,
        permitted=last_day is not None and plan.entry + (length - 1) * DAY <= last_day,
        first_entry=_first_entry(present, plan.entry, length),
        too_long=tuple(
            stay for stay in past if stay.exit and (stay.exit - stay.entry).days >= DAYS_PER_ENTRY
        ),
    )


def _days(stays: Iterable[Stay], since: date) -> list[date]:
    """Every day of presence from ``since`` on, once, in order."""
    days = {
        day
        for stay in stays
        if stay.exit is not None
        for day in _from_to(max(stay.entry, since), stay.exit)
    }
    return sorted(days)


def _from_to(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


def _in_window(present: list[date], day: date) -> int:
    """Days of presence in the 180 days that end on ``day``."""
    return bisect_right(present, day) - bisect_right(present, day - WINDOW * DAY)


def _last_day(present: list[date], entry: date) -> tuple[date | None, Limit]:
    """The last day of a stay that begins on ``entry``, and which rule ends it."""
    last: date | None = None
    # only the day of entry can be one of presence already: an exit and an entry in one day
    new = -1 if present and present[-1] == entry else 0
    for day in _from_to(entry, entry + DAYS_PER_ENTRY * DAY):
        new += 1
        full = _in_window(present, day) + new > DAYS_IN_WINDOW
        if day == entry + DAYS_PER_ENTRY * DAY:
            return last, "both" if full else "entry"
        if full:
            break
        last = day
    return last, "window"


def _first_entry(present: list[date], entry: date, length: int) -> date | None:
    """The first day from ``entry`` on on which a stay of ``length`` days may begin."""
    if length > DAYS_PER_ENTRY:
        return None
    # after a whole window without presence anything within an entry's limit fits
    days = _from_to(entry, entry + WINDOW * DAY)
    return next(day for day in days if _fits(present, day, length))


def _fits(present: list[date], entry: date, length: int) -> bool:
    last, _ = _last_day(present, entry)
    return last is not None and (last - entry).days + 1 >= length
