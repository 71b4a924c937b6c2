"""The desk's old entries are deleted for good, the younger ones stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from desk.accounts import audit
from desk.retention import delete_old
from hub.database import Database
from tests.desk.officers import audited


async def test_the_audit_log_is_kept_for_its_days(database: Database) -> None:
    async with database.write() as connection:
        await audit(connection, None, "claimed", "c1")
    now = datetime.now(UTC)
    assert await delete_old(database, 180, now + timedelta(days=179)) == 0
    assert [what for what, *_ in await audited(database)] == ["claimed"]
    assert await delete_old(database, 180, now + timedelta(days=181)) == 1
    assert await audited(database) == []
