"""The database under many hands at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import sqlalchemy as sa

from hub.database import Database

MANY = 60


async def test_writers_that_come_at_once_are_served_in_their_order(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    await database.migrate()
    served = []

    async def write(number: int) -> None:
        async with database.write() as connection:
            await connection.execute(sa.text("SELECT 1"))
            served.append(number)

    await asyncio.gather(*(write(number) for number in range(MANY)))
    await database.close()
    assert served == list(range(MANY))
