"""Messages that officers do not see: the turns in which somebody tells something anonymously."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.database import message_words, messages, translations


async def hide(connection: AsyncConnection, conversation_id: str, first: int, last: int) -> None:
    """Hides the traveler's messages from ``first`` to ``last`` and what answers them.

    They stay in the traveler's log; an answer that is still to come is hidden by ``hides``. No
    search finds them, and what a machine made of them is gone.
    """
    hidden = sa.and_(
        messages.c.conversation_id == conversation_id,
        sa.or_(messages.c.seq.between(first, last), messages.c.answers.between(first, last)),
        # what an officer said, and which notices came meanwhile, is no secret to them
        messages.c.author.in_(("traveler", "assistant")),
    )
    await connection.execute(messages.update().where(hidden).values(hidden=True))
    seqs = sa.select(messages.c.seq).where(hidden)
    for table in (message_words, translations):
        theirs = sa.and_(table.c.conversation_id == conversation_id, table.c.seq.in_(seqs))
        await connection.execute(table.delete().where(theirs))


async def hides(connection: AsyncConnection, conversation_id: str, seq: int | None) -> bool:
    """Whether what answers message number ``seq`` is hidden as that is."""
    if seq is None:
        return False
    query = (
        sa.select(messages.c.hidden)
        .where(messages.c.conversation_id == conversation_id)
        .where(messages.c.seq == seq)
    )
    return bool(await connection.scalar(query))
