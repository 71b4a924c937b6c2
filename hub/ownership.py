"""Who may speak to a traveler: the rules, as pure functions over one small state.

Exactly one of assistant and officer speaks. A traveler who asked for an officer
waits in the queue, where the assistant goes on answering until a claim. A
claim is a lease: it runs out when the officer's page is gone, back to the queue.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Owner = Literal["assistant", "queue", "officer"]
Reason = Literal["emergency", "danger", "request", "asked", "not_understood"]

REASONS: tuple[Reason, ...] = ("emergency", "danger", "request", "asked", "not_understood")
"""Why a person is needed, the most urgent first."""

LEASE = timedelta(minutes=5)
"""How long a claim holds without a sign of the officer's page: longer than a phone's nap."""


class RefusedError(Exception):
    """A change that the rules don't allow now; ``code`` says why, for people and programs."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Ownership:
    """Who speaks. ``officer`` and ``lease_until`` are set with an officer, ``reason`` and
    ``since`` (when the traveler began to wait) from the queue on until the assistant has it back.

    ``wanted`` is the officer, or the language (``"zh"``), to whom it was passed on.
    """

    owner: Owner = "assistant"
    officer: int | None = None
    lease_until: datetime | None = None
    reason: Reason | None = None
    since: datetime | None = None
    wanted: str | None = None
    closed: bool = False


def ask(state: Ownership, reason: Reason, now: datetime) -> Ownership:
    """The traveler, or something that happened, needs a person.

    Once waiting, or with an officer, only the urgency can rise.
    """
    if state.owner == "assistant":
        return Ownership("queue", reason=reason, since=now)
    return replace(state, reason=_more_urgent(state.reason, reason), closed=False)


def call_off(state: Ownership) -> Ownership:
    """The traveler no longer waits.

    Raises:
        RefusedError: ``not_waiting``.
    """
    if state.owner != "queue":
        raise RefusedError("not_waiting")
    return Ownership()


def calm(state: Ownership, left: list[Reason]) -> Ownership:
    """It was no emergency: who waits goes on waiting for what is ``left``, or no longer waits."""
    if state.owner == "assistant":
        return state
    if left:
        return replace(state, reason=min(left, key=REASONS.index))
    return Ownership() if state.owner == "queue" else replace(state, reason="asked")


def claim(state: Ownership, officer: int, now: datetime) -> Ownership:
    """An officer takes the conversation: out of the queue, or from the assistant while it runs.

    Raises:
        RefusedError: ``taken``, another officer has it.
    """
    if state.owner == "officer" and state.officer != officer and not lease_is_over(state, now):
        raise RefusedError("taken")
    return replace(
        state,
        owner="officer",
        officer=officer,
        lease_until=now + LEASE,
        reason=state.reason or "asked",
        since=state.since or now,
        wanted=None,
        closed=False,
    )


def renew(state: Ownership, officer: int, now: datetime) -> Ownership:
    """A sign of the officer's page.

    Raises:
        RefusedError: ``not_yours``.
    """
    _must_hold(state, officer)
    return replace(state, lease_until=now + LEASE)


def pass_on(state: Ownership, officer: int, wanted: str | None) -> Ownership:
    """Back to the queue, for a colleague (``"officer:7"``), a language (``"zh"``) or anyone.

    Raises:
        RefusedError: ``not_yours``.
    """
    _must_hold(state, officer)
    return replace(state, owner="queue", officer=None, lease_until=None, wanted=wanted)


def give_back(state: Ownership, officer: int, closed: bool = False) -> Ownership:
    """To the assistant again; ``closed`` when there is nothing left to do.

    Raises:
        RefusedError: ``not_yours``.
    """
    _must_hold(state, officer)
    return Ownership(closed=closed)


def expire(state: Ownership, now: datetime) -> Ownership:
    """Back to the queue when the officer's lease is over; otherwise the same."""
    if not lease_is_over(state, now):
        return state
    return replace(state, owner="queue", officer=None, lease_until=None)


def lease_is_over(state: Ownership, now: datetime) -> bool:
    """Whether an officer holds it who has given no sign for too long."""
    return state.owner == "officer" and (state.lease_until is None or state.lease_until <= now)


def assistant_may_speak(state: Ownership) -> bool:
    """Also for a reply that was asked for before an officer's claim and comes after it."""
    return state.owner != "officer"


def officer_may_speak(state: Ownership, officer: int) -> bool:
    """Only who holds it. A lease that is over holds until it is given to somebody else."""
    return state.owner == "officer" and state.officer == officer


def _must_hold(state: Ownership, officer: int) -> None:
    if not officer_may_speak(state, officer):
        raise RefusedError("not_yours")


def _more_urgent(first: Reason | None, second: Reason) -> Reason:
    return min((each for each in (first, second) if each), key=REASONS.index)
