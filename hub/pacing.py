"""When the next message may go out: a network's limits on a chat and on all chats together.

Who calls for help goes first, and a part of each limit is kept for them.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.clock import Clock

_KEPT = 5_000
"""Chats from which on those long silent are forgotten."""


@dataclass(frozen=True)
class Rate:
    """At most ``count`` messages in any ``seconds``, of which ``kept`` are for what is urgent."""

    count: int
    seconds: float
    kept: int = 0


class Pace:
    """Gives turns: one message at a time in a chat, none faster than the rates."""

    def __init__(
        self, overall: Sequence[Rate], of_chat: Callable[[str], Sequence[Rate]], clock: Clock
    ) -> None:
        self._all = _Line(overall, clock)
        self._of_chat = of_chat
        self._clock = clock
        self._chats: dict[str, _Line] = {}

    @asynccontextmanager
    async def turn(self, chat: str, urgent: bool = False) -> AsyncIterator[None]:
        """Waits until a message may go to the chat, and holds the chat until it has gone."""
        line = self._chats.get(chat)
        if line is None:
            self._forget_silent()
            line = self._chats[chat] = _Line(self._of_chat(chat), self._clock)
        await line.enter(urgent)
        try:
            await self._all.enter(urgent)
            self._all.leave()
            yield
        finally:
            line.leave()

    def block(self, chat: str, seconds: float) -> None:
        """The network wants silence in a chat."""
        if line := self._chats.get(chat):
            line.blocked_until = max(line.blocked_until, self._clock.seconds() + seconds)

    def _forget_silent(self) -> None:
        if len(self._chats) > _KEPT:
            self._chats = {chat: line for chat, line in self._chats.items() if not line.is_silent()}


class _Line:
    """Those who wait for one limit, the urgent first, and when the last ones went."""

    def __init__(self, rates: Sequence[Rate], clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._gone: deque[float] = deque()
        self._waiting: list[tuple[bool, int, asyncio.Event]] = []
        self._order = itertools.count()
        self._busy = False
        self.blocked_until = 0.0

    async def enter(self, urgent: bool) -> None:
        look = asyncio.Event()
        place = (not urgent, next(self._order), look)
        heapq.heappush(self._waiting, place)
        try:
            while True:
                look.clear()
                if self._busy or self._waiting[0] is not place:
                    await look.wait()
                elif (delay := self._delay(urgent)) > 0:
                    await self._clock.wait(look, delay)
                else:
                    break
        except BaseException:
            self._waiting.remove(place)
            heapq.heapify(self._waiting)
            self._next()
            raise
        heapq.heappop(self._waiting)
        self._busy = True

    def leave(self) -> None:
        self._busy = False
        self._gone.append(self._clock.seconds())
        self._next()

    def is_silent(self) -> bool:
        longest = max((rate.seconds for rate in self._rates), default=0.0)
        now = self._clock.seconds()
        recent = bool(self._gone) and self._gone[-1] > now - longest
        return not (self._busy or self._waiting or recent or self.blocked_until > now)

    def _next(self) -> None:
        if self._waiting:
            self._waiting[0][-1].set()

    def _delay(self, urgent: bool) -> float:
        """Seconds until one more may go."""
        now = self._clock.seconds()
        longest = max((rate.seconds for rate in self._rates), default=0.0)
        while self._gone and self._gone[0] <= now - longest:
            self._gone.popleft()
        delay = self.blocked_until - now
        for rate in self._rates:
            allowed = rate.count - (0 if urgent else rate.kept)
            if len(self._gone) >= allowed:
                delay = max(delay, self._gone[-allowed] + rate.seconds - now)
        return delay
