"""Which calls for help there were: noted without their words, kept as an audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.conversation import Draft, OwnAnswer
from hub.database import Database, emergencies, turns


async def note(
    connection: AsyncConnection, conversation_id: str, draft: Draft, own: OwnAnswer
) -> None:
    """Notes that an emergency began, of which kind it is, where, or that it was none."""
    the_call = sa.and_(
        emergencies.c.conversation_id == conversation_id, emergencies.c.seq == own.call
    )
    if own.emergency:
        known = await connection.execute(
            emergencies.update().where(the_call).values(kind=own.emergency)
        )
        if not known.rowcount:
            await connection.execute(
                emergencies.insert().values(
                    conversation_id=conversation_id,
                    seq=own.call,
                    kind=own.emergency,
                    language=draft.language,
                    script=draft.script,
                    mistaken=False,
                    created_at=datetime.now(UTC),
                )
            )
    if own.place:
        placed = emergencies.update().where(the_call)
        await connection.execute(placed.values(place=own.place, placed_at=datetime.now(UTC)))
    if own.mistaken:
        first_time = await connection.execute(
            emergencies.update()
            .where(the_call)
            .where(emergencies.c.mistaken.is_(False))
            .values(mistaken=True)
        )
        if first_time.rowcount:
            await connection.execute(
                turns.update()
                .where(turns.c.conversation_id == conversation_id)
                .where(turns.c.seq == own.call)
                .values(answered=False)
            )


async def since(database: Database, moment: datetime) -> list[dict[str, Any]]:
    """Calls for help since a moment (UTC), the oldest first."""
    query = (
        sa.select(emergencies)
        .where(emergencies.c.created_at >= moment)
        .order_by(emergencies.c.created_at, emergencies.c.seq)
    )
    async with database.read() as connection:
        return [dict(row) for row in (await connection.execute(query)).mappings()]
