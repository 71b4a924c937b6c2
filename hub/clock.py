"""The time, and waiting for it: one thing that a test can hold in its hand."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What delivery knows of time."""

    def now(self) -> datetime:
        """The moment, in UTC."""

    def seconds(self) -> float:
        """Seconds that only go forward, from anywhere."""

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Waits for the event, at most so many seconds; whether it came."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def seconds(self) -> float:
        return time.monotonic()

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def pause(clock: Clock, seconds: float) -> None:
    """Waits so many seconds whatever happens."""
    await clock.wait(asyncio.Event(), seconds)
