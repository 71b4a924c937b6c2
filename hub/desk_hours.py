"""When the desk is open by its settings: now, until when, and whether today is a day off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from opening_hours import OpeningHours, State

from bot.clocks import PORT_TIME

_COUNTRY = "CN"
"""Whose public holidays ``PH`` means."""

_MOST_CHANGES = 1000
"""Changes looked at for one of the state: hours that only change their comment never end."""


@dataclass(frozen=True)
class Opening:
    """The desk at one moment. ``changes_at`` (UTC) is when it closes or opens next, if ever;
    ``holiday``: it does not open at all on this day of the port.

    Without ``known`` nothing is said: no hours are set, or they leave the moment open.
    """

    known: bool = False
    open: bool = False
    changes_at: datetime | None = None
    holiday: bool = False

    def as_json(self) -> dict[str, Any]:
        at = self.changes_at.isoformat() if self.changes_at else None
        return {
            "known": self.known,
            "open": self.open,
            "changes_at": at,
            "holiday": self.holiday,
        }


class DeskHours:
    """The setting ``DESK_HOURS``, in OpenStreetMap's syntax, read by the port's clock."""

    def __init__(self, setting: str) -> None:
        self._hours = OpeningHours(setting, country=_COUNTRY) if setting else None

    def at(self, now: datetime) -> Opening:
        """The desk at a moment that knows its zone."""
        # without zones the library keeps to the clock of the times it is given
        local = now.astimezone(PORT_TIME).replace(tzinfo=None)
        if self._hours is None or self._hours.is_unknown(local):
            return Opening()
        changes = _next_change(self._hours, local)
        return Opening(
            known=True,
            open=self._hours.is_open(local),
            changes_at=changes and changes.replace(tzinfo=PORT_TIME).astimezone(UTC),
            holiday=not _opens_on(self._hours, local),
        )


def _next_change(hours: OpeningHours, local: datetime) -> datetime | None:
    is_open, at = hours.is_open(local), hours.next_change(local)
    for _ in range(_MOST_CHANGES):
        if at is None or hours.is_open(at) != is_open:
            return at
        at = hours.next_change(at)
    return None


def _opens_on(hours: OpeningHours, local: datetime) -> bool:
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = hours.intervals(midnight, midnight + timedelta(days=1))
    return any(state == State.OPEN for _, _, state, _ in day)
