"""The translations that messages have, and how each side is shown them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language
from bot.scripts import to_script
from hub.database import messages, translations
from hub.protection import spare

LOOKED_BACK = 200
"""Newest messages of which a stream tells translations that came later."""


async def translations_of(
    connection: AsyncConnection, conversation_id: str, after: int = 0
) -> dict[int, dict[str, str]]:
    """Texts by language of the messages numbered above ``after``, by number."""
    query = (
        sa.select(translations)
        .where(translations.c.conversation_id == conversation_id)
        .where(translations.c.seq > after)
    )
    found: dict[int, dict[str, str]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["seq"], {})[row["language"]] = row["text"]
    return found


async def for_traveler(
    connection: AsyncConnection, conversation_id: str, language: Language | None, after: int = 0
) -> dict[int, dict[str, Any]]:
    """``{"language", "script", "text"}`` of officers' messages that are in another language."""
    if language is None:
        return {}
    query = (
        sa.select(translations.c.seq, translations.c.text)
        .join(
            messages,
            sa.and_(
                messages.c.conversation_id == translations.c.conversation_id,
                messages.c.seq == translations.c.seq,
            ),
        )
        .where(translations.c.conversation_id == conversation_id)
        .where(translations.c.seq > after)
        .where(translations.c.language == language.code)
        .where(messages.c.author == "officer")
    )
    return {
        row["seq"]: {
            "language": language.code,
            "script": language.script,
            "text": spare(
                row["text"], lambda words: to_script(words, language.code, language.script)
            ),
        }
        for row in (await connection.execute(query)).mappings()
    }
