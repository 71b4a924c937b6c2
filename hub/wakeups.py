"""Tells streams and workers in this process that something of theirs changed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Wakeups:
    """One event a listener: a wake says "look", and the log says what there is to see."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.watchers: list[Callable[[str], None]] = []
        """Called with whatever is woken, for who has to look at all conversations."""

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change of a conversation; the listener clears it."""
        event = asyncio.Event()
        self._listeners[conversation_id].add(event)
        try:
            yield event
        finally:
            self._listeners[conversation_id].discard(event)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    def wake(self, conversation_id: str) -> None:
        for event in self._listeners.get(conversation_id, ()):
            event.set()
        for watcher in self.watchers:
            watcher(conversation_id)

    def wake_all(self) -> None:
        for events in self._listeners.values():
            for event in events:
                event.set()
