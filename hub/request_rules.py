"""What a request is and what may become of it: pure functions, without storage or clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from hub.ownership import RefusedError

Kind = Literal["special_lane", "lost_item", "complaint", "interpreter", "appointment"]
State = Literal["requested", "accepted", "under_way", "done", "refused", "cancelled", "expired"]
By = Literal["traveler", "officer", "system"]

KINDS: tuple[Kind, ...] = get_args(Kind)
STATES: tuple[State, ...] = get_args(State)
OPEN: tuple[State, ...] = ("requested", "accepted", "under_way")
"""States in which there is something left to do."""

MET: tuple[Kind, ...] = ("special_lane",)
"""Kinds that an officer accepts with a place to meet; with the others it may be left open."""

EXPIRES_AFTER = timedelta(hours=2)
"""How long past its time a request waits to be taken up."""

LETTER = "R"
"""Begins every number; no Cyrillic letter looks like it."""

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_DIGITS = 100_000


class BadRequestError(ValueError):
    """Details that no request can have; the message says which."""


@dataclass(frozen=True)
class Request:
    """Where a request stands. ``due_at`` is UTC; ``officer`` who took it, ``place`` a key of
    ``data/places.yml`` where they meet, ``reason`` why it was refused or cancelled.
    ``version`` counts the changes.
    """

    state: State = "requested"
    due_at: datetime | None = None
    officer: int | None = None
    place: str | None = None
    reason: str | None = None
    version: int = 1


def accept(
    request: Request, officer: int, place: str | None, at: datetime | None, now: datetime
) -> Request:
    """An officer takes it up, at the time asked for unless ``at`` is another.

    ``place`` is where they meet; ``None`` where nobody is to be met.

    Once more changes who, where and when.

    Raises:
        RefusedError: ``request_over``; ``request_not_now`` when it is under way or ``at`` is past.
    """
    _must_be(request, "requested", "accepted")
    if at is not None and at < now:
        raise RefusedError("request_not_now")
    return _next(request, "accepted", officer=officer, place=place, due_at=at or request.due_at)


def start(request: Request, officer: int) -> Request:
    """The officer is with the traveler.

    Raises:
        RefusedError: ``request_over``, ``request_not_now``.
    """
    _must_be(request, "accepted")
    return _next(request, "under_way", officer=officer)


def finish(request: Request, officer: int) -> Request:
    """Nothing is left to do.

    Raises:
        RefusedError: ``request_over``, ``request_not_now``.
    """
    _must_be(request, "under_way")
    return _next(request, "done", officer=officer)


def refuse(request: Request, officer: int, reason: str) -> Request:
    """It can't be done, and why.

    Raises:
        RefusedError: ``request_over``, ``request_not_now``.
    """
    _must_be(request, "requested", "accepted")
    return _next(request, "refused", officer=officer, reason=reason)


def cancel(request: Request, reason: str | None = None) -> Request:
    """Either side no longer wants it.

    Raises:
        RefusedError: ``request_over``.
    """
    _must_be(request, *OPEN)
    return _next(request, "cancelled", reason=reason)


def expire(request: Request, now: datetime) -> Request:
    """Its time passed without anybody taking it up; otherwise the same."""
    if request.state != "requested" or request.due_at is None:
        return request
    if now < request.due_at + EXPIRES_AFTER:
        return request
    return _next(request, "expired")


def is_late(request: Request, now: datetime) -> bool:
    """Whether its time has come and nobody is with the traveler."""
    waiting = request.state in ("requested", "accepted")
    return waiting and request.due_at is not None and request.due_at <= now


def must_be_at(request: Request, version: int) -> None:
    """Raises ``RefusedError``: ``request_over``, or ``request_changed`` for a stale version."""
    if request.state not in OPEN:
        raise RefusedError("request_over")
    if request.version != version:
        raise RefusedError("request_changed")


def number_of(request_id: int) -> str:
    """The number that a traveler quotes: ``R``, digits and a check digit, of an id from 1.

    Every id has another; neighbours look unlike each other. One wrong digit, or two that changed
    places, never make the number of another request.
    """
    above, within = divmod(request_id, _DIGITS)
    digits = f"{above or ''}{(within * 38_737 + 50_923) % _DIGITS:05}"
    return f"{LETTER}{digits}{_check(digits)}"


def number_said(text: str) -> str | None:
    """The number as it stands in the database, of one as people write it; ``None`` if wrong."""
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    if len(digits) < 6 or len(digits) > 12 or _check(digits) != 0:
        return None
    return f"{LETTER}{digits}"


def _must_be(request: Request, *states: State) -> None:
    if request.state not in OPEN:
        raise RefusedError("request_over")
    if request.state not in states:
        raise RefusedError("request_not_now")


def _next(request: Request, state: State, **changes: Any) -> Request:
    return replace(request, state=state, version=request.version + 1, **changes)


def _check(digits: str) -> int:
    """Damm's check digit; 0 of digits that end with theirs."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return interim
