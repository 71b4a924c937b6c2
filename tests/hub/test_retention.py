"""Conversations are deleted for good when unused for the days of the setting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp.test_utils import TestClient

from hub.keys import LOG
from hub.retention import delete_unused
from tests.talk import Traveler


async def test_only_what_is_older_than_the_days_is_deleted(hub: TestClient) -> None:
    traveler = await Traveler.arrive(hub.session, str(hub.make_url("")).rstrip("/"))
    await traveler.ask("hello")
    log = hub.app[LOG]
    now = datetime.now(UTC)
    assert await delete_unused(log, 30, now + timedelta(days=29, hours=23)) == 0
    assert len(await traveler.messages()) == 2
    assert await delete_unused(log, 30, now + timedelta(days=30, minutes=1)) == 1
    path = f"/api/conversations/{traveler.conversation['id']}/messages"
    assert (await hub.get(path, headers=traveler.headers)).status == 404
    assert traveler.conversation["id"] in await log.to_forget()
