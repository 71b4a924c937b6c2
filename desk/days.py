"""Which moments a day at the port is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.clocks import PORT_TIME


def day_at_port(day: str) -> tuple[datetime, datetime]:
    """The first moment of a day (``2026-11-24``) and of the next one, in UTC.

    Raises:
        ValueError, OverflowError: it is no day, or none that a computer counts.
    """
    parsed = date.fromisoformat(day)
    if day != parsed.isoformat():
        raise ValueError(day)
    begin = datetime.combine(parsed, time(), PORT_TIME).astimezone(UTC)
    return begin, begin + timedelta(days=1)
