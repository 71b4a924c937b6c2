"""What stays of travelers' requests: without words when the conversation goes, and not for ever."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.database import request_history, requests
from hub.request_details import FREE_WORDS, OF_A_PERSON
from hub.request_rules import OPEN

DELETED = {"deleted_by_traveler": True}
"""Details of a request under way whose traveler deleted the conversation."""


async def deleted_by_traveler(connection: AsyncConnection, conversation_id: str) -> Counter[str]:
    """All requests of a conversation go, but for what an officer has under way."""
    theirs = requests.c.conversation_id == conversation_id
    await connection.execute(
        requests.update()
        .where(theirs)
        .where(requests.c.state == "under_way")
        .values(details=DELETED, version=requests.c.version + 1)
    )
    return await _delete(connection, sa.and_(theirs, requests.c.state != "under_way"))


async def no_longer_kept(connection: AsyncConnection, conversation_id: str) -> None:
    """The conversation was kept long enough; its requests stay without what tells of a person.

    What is still to be done keeps the words that say what.
    """
    theirs = requests.c.conversation_id == conversation_id
    columns = (requests.c.id, requests.c.details, requests.c.state)
    found = await connection.execute(sa.select(*columns).where(theirs))
    for request_id, details, state in found.all():
        gone = OF_A_PERSON if state in OPEN else FREE_WORDS
        kept = {name: value for name, value in details.items() if name not in gone}
        await connection.execute(
            requests.update().where(requests.c.id == request_id).values(details=kept)
        )


async def delete_old(connection: AsyncConnection, before: datetime) -> Counter[str]:
    """Deletes requests without a change since a moment (UTC)."""
    return await _delete(connection, requests.c.updated_at < before)


async def _delete(connection: AsyncConnection, which: Any) -> Counter[str]:
    parts = request_history.c.request_id.in_(sa.select(requests.c.id).where(which))
    removed: Counter[str] = Counter()
    for table, gone in ((request_history, parts), (requests, which)):
        removed[table.name] += (await connection.execute(table.delete().where(gone))).rowcount
    return removed
