"""How many people or vehicles wait at each lane, as officers last entered it by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.database import Database, lane_figures
from hub.handoffs import DESK
from hub.log import utc
from hub.wakeups import Wakeups

LANES = Path(__file__).parent.parent / "data" / "lanes.yml"

STALE_AFTER = timedelta(minutes=30)
"""How long a figure tells how the queue is now."""

MOST_WAITING = 9999
LONGEST_WAIT = 24 * 60
"""Minutes."""

Also = Callable[[AsyncConnection], Awaitable[None]]


class BadFigureError(ValueError):
    """A figure that no lane can have; the message says which."""


@dataclass(frozen=True)
class Figure:
    """``waiting`` people or vehicles, perhaps for ``minutes``, at a moment in UTC.

    ``known``: it is young enough to be told. ``officer`` is the id of who entered it.
    """

    lane: str
    waiting: int | None = None
    minutes: int | None = None
    at: datetime | None = None
    officer: int | None = None
    known: bool = False

    def as_json(self) -> dict[str, Any]:
        at = self.at.isoformat() if self.at else None
        told = {"lane": self.lane, "waiting": self.waiting, "minutes": self.minutes}
        return {**told, "at": at, "known": self.known}


@lru_cache(maxsize=1)
def lanes() -> dict[str, dict[str, Any]]:
    """The port's lanes by key, in the order of the setting: ``counts``, ``name`` by language."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(LANES.read_text(encoding="utf-8"))["lanes"]
    return loaded


class LaneFigures:
    """Takes and gives the figures. ``changed_at`` is when one was last entered here."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database = database
        self._wakeups = wakeups
        self.changed_at: datetime | None = None

    async def latest(self, now: datetime) -> list[Figure]:
        """One figure a lane, in the order of the setting, as it is at ``now`` (UTC)."""
        async with self._database.read() as connection:
            rows = (await connection.execute(sa.select(lane_figures))).mappings()
            entered = {row["lane"]: row for row in rows}
        return [_figure(lane, entered.get(lane), now) for lane in lanes()]

    async def enter(
        self,
        figures: Mapping[str, tuple[int | None, int | None]],
        officer: int,
        now: datetime,
        also: Also,
    ) -> None:
        """Stores ``(waiting, minutes)`` by lane; no number of waiting takes the figure back.

        ``also`` is done in the same transaction.

        Raises:
            BadFigureError
        """
        for lane, (waiting, minutes) in figures.items():
            _check(lane, waiting, minutes)
        async with self._database.write() as connection:
            for lane, (waiting, minutes) in figures.items():
                values = {"waiting": waiting, "minutes": minutes, "at": now, "officer": officer}
                changed = await connection.execute(
                    lane_figures.update().where(lane_figures.c.lane == lane).values(**values)
                )
                if not changed.rowcount:
                    await connection.execute(lane_figures.insert().values(lane=lane, **values))
            await also(connection)
        self.changed_at = now
        self._wakeups.wake(DESK)


def _figure(lane: str, row: Any, now: datetime) -> Figure:
    if row is None or row["waiting"] is None:
        return Figure(lane)
    at = utc(row["at"])
    known = now - at <= STALE_AFTER
    return Figure(lane, row["waiting"], row["minutes"], at, row["officer"], known)


def _check(lane: str, waiting: int | None, minutes: int | None) -> None:
    if lane not in lanes():
        raise BadFigureError("lane")
    if waiting is None and minutes is not None:
        raise BadFigureError("minutes")
    for name, value, most in (
        ("waiting", waiting, MOST_WAITING),
        ("minutes", minutes, LONGEST_WAIT),
    ):
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise BadFigureError(name)
