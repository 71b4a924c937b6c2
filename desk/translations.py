"""Machine translations at the desk: for whom they are made, and which an open stream has told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.tables import officers

Known = dict[int, dict[str, str]]
"""Texts by language, by message number."""


async def interface_language(connection: AsyncConnection, officer_id: int) -> str:
    """The code of the language in which an officer reads."""
    query = sa.select(officers.c.languages).where(officers.c.id == officer_id)
    languages = await connection.scalar(query)
    return str(languages[0]) if languages else "en"


class Told:
    """The translations that a stream has told; after a reconnect all come again."""

    def __init__(self) -> None:
        self._told: set[tuple[int, str]] = set()

    def beside(self, seq: int, known: Known) -> dict[str, str]:
        """Those that go with a message that is being told."""
        self._told |= {(seq, language) for language in known.get(seq, {})}
        return known.get(seq, {})

    def later(self, known: Known, seen: int) -> list[dict[str, Any]]:
        """Those that have come since of messages up to number ``seen``."""
        new = [
            (seq, language)
            for seq, texts in sorted(known.items())
            for language in texts
            if seq <= seen and (seq, language) not in self._told
        ]
        self._told.update(new)
        return [
            {"seq": seq, "language": language, "text": known[seq][language]}
            for seq, language in new
        ]
