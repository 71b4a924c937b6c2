"""Signs of life that nobody needs later: who is typing now. Kept in memory, told once."""

from __future__ import annotations

import time
from collections import defaultdict

from hub.wakeups import Wakeups

TRAVELER = 0
"""Who types: the traveler, or an officer by their id, which begins with 1."""

STANDS = 10.0
"""Seconds after which a sign tells nothing any more."""


class Signs:
    """When whom was last seen typing, by conversation."""

    def __init__(self, wakeups: Wakeups) -> None:
        self._wakeups = wakeups
        self._typed: dict[str, dict[int, float]] = defaultdict(dict)

    def typing(self, conversation_id: str, who: int) -> None:
        """Somebody is typing now."""
        now = time.monotonic()
        for old in [key for key, each in self._typed.items() if _over(each, now)]:
            del self._typed[old]
        self._typed[conversation_id][who] = now
        self._wakeups.wake(conversation_id)

    def typed_since(self, conversation_id: str, moment: float) -> list[int]:
        """Who typed after a moment of ``time.monotonic()``."""
        typed = self._typed.get(conversation_id, {})
        return [who for who, at in typed.items() if at > moment]


def _over(typed: dict[int, float], now: float) -> bool:
    return all(at < now - STANDS for at in typed.values())
