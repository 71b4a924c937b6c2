"""A clock that tests move: whoever waits for a time is woken when the test gets there."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

PATIENCE = 60.0
"""Real seconds after which what a test waits for has not happened."""


class MovedClock:
    """Begins at the machine's time and moves only when told to."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._order = itertools.count()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._passed)

    def seconds(self) -> float:
        return self._passed

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        over = asyncio.Event()
        heapq.heappush(self._sleepers, (self._passed + seconds, next(self._order), over))
        waits = [asyncio.ensure_future(each.wait()) for each in (event, over)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.set()
            for each in waits:
                each.cancel()
        return event.is_set()

    def step(self) -> bool:
        """Goes on to the next moment that somebody waits for; ``False`` when nobody does."""
        while self._sleepers:
            at, _, over = heapq.heappop(self._sleepers)
            if over.is_set():
                continue
            self._passed = max(self._passed, at)
            over.set()
            return True
        return False

    async def run_until(self, reached: Callable[[], bool]) -> None:
        """Lets time pass, from one awaited moment to the next, until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not reached():
                self.step()
                # the others' input and output gets a turn in any case
                await asyncio.sleep(0)

    async def run_for(self, seconds: float) -> None:
        """Lets so many seconds pass, with all that is awaited within them."""
        until = self._passed + seconds
        heapq.heappush(self._sleepers, (until, next(self._order), asyncio.Event()))
        await self.run_until(lambda: self._passed >= until)
