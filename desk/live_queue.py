"""The list of conversations for all open desk pages: looked up once, however many pages wait."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime

from aiohttp import web

from desk.emergencies import calls_now
from desk.queue import Picture, picture
from hub.database import Database
from hub.desk_hours import DeskHours

BETWEEN = 1.0
"""Seconds between two looks at least: a full hall changes something all the time."""


class LiveQueue:
    """Gives every page that woke the same picture, taken after it woke.

    ``calls`` is the text of the calls for help at that moment: it differs when one has changed.
    """

    def __init__(self, database: Database, hours: DeskHours) -> None:
        self._database = database
        self._hours = hours
        self._looking = asyncio.Lock()
        self._picture: Picture | None = None
        self._taken = 0.0
        self.calls = ""

    async def since(self, moment: float) -> Picture:
        """A picture taken after a moment of ``time.monotonic()``."""
        async with self._looking:
            if self._picture is None or self._taken < moment:
                # the first change is shown at once, what follows quickly a little later
                await asyncio.sleep(self._taken + BETWEEN - time.monotonic())
                began = time.monotonic()
                now = datetime.now(UTC)
                async with self._database.read() as connection:
                    self._picture = await picture(connection, now, self._hours)
                    self.calls = json.dumps(await calls_now(connection, now))
                # only now: after a failed look the old picture must not count as new
                self._taken = began
            return self._picture


LIVE_QUEUE = web.AppKey("live_queue", LiveQueue)
