"""Deleted conversations are gone from every table; the job reports what it removed."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from desk import accounts
from desk.accounts import audit
from desk.retention import Retention
from hub.database import Database, addresses, briefings, deliveries, notes, routes, translations
from hub.keys import DATABASE, DISPATCHER, LOG, SETTINGS, WAKEUPS
from tests.desk.officers import PASSWORD, audited
from tests.desk.travelers_requests import change_request, make_request
from tests.stand_in import StandIn
from tests.talk import LONG, Traveler

OUTLIVE = {"emergencies", "handoffs", "audit", "requests"}
"""Kept for days of their own; none holds a word of traveler or officer."""

UNTIL_TOLD = "forgotten"
"""What the assistant has to be told yet."""

DAY = timedelta(days=1)


@pytest.fixture
def retention(hub: TestClient) -> Retention:
    app = hub.app
    return Retention(app[DATABASE], app[LOG], app[DISPATCHER], app[WAKEUPS], app[SETTINGS])


@pytest.fixture
async def csrf(hub: TestClient) -> dict[str, str]:
    """An officer is signed in; the header that their changes need."""
    token = await accounts.add(hub.app[DATABASE], "anna", "officer", "03")
    await accounts.accept(hub.app[DATABASE], token, PASSWORD, datetime.now(UTC))
    signed_in = await hub.post("/desk/api/sign-in", json={"login": "anna", "password": PASSWORD})
    return {"X-CSRF-Token": (await signed_in.json())["csrf"]}


async def conversation_with_everything(hub: TestClient, csrf: dict[str, str]) -> Traveler:
    """An officer has it; something stands in every table that can name it."""
    url = str(hub.make_url("")).rstrip("/")
    traveler = await Traveler.arrive(hub.session, url, language="en")
    await traveler.ask("hello")
    await traveler.say("he is not breathing")
    path = f"/desk/api/conversations/{traveler.conversation['id']}"
    for what, body in (("claim", {}), ("notes", {"text": "called 120"}), ("read", {"seq": 2})):
        response = await hub.post(f"{path}/{what}", json=body, headers=csrf)
        assert response.status in (200, 204), await response.text()
    request = await make_request(hub, traveler)
    await change_request(hub, request, "accept", csrf, place="special_lane", version=1)
    await change_request(hub, request, "start", csrf, version=2)
    async with hub.app[DATABASE].write() as connection:
        await connection.execute(
            translations.insert().values(
                conversation_id=traveler.conversation["id"], seq=1, language="zh", text="你好"
            )
        )
        named = {"conversation_id": traveler.conversation["id"]}
        here = {**named, "channel": "telegram", "chat": "5", "sender": "5", "thread": ""}
        await connection.execute(addresses.insert().values(**here))
        await connection.execute(routes.insert().values(**here, blocked=False, position=2))
        await connection.execute(
            briefings.insert().values(
                **named,
                code="ABCD2345",
                key="k",
                leader_hash="",
                people=3,
                # it goes with its conversation, whatever its day
                day=datetime.now(UTC).date() + 60 * DAY,
                language="en",
                script="Latn",
                created_at=datetime.now(UTC),
            )
        )
        await connection.execute(
            deliveries.insert().values(
                **named, seq=2, state="delivered", sent=1, updated_at=datetime.now(UTC)
            )
        )
    return traveler


async def rows(database: Database, conversation_id: str) -> Counter[str]:
    """How many rows of each table of the database, known to the code or not, name it."""

    def count(connection: sa.engine.Connection) -> Counter[str]:
        found = Counter[str]()
        for table in sa.inspect(connection).get_table_names():
            columns = {column["name"] for column in sa.inspect(connection).get_columns(table)}
            column = "id" if table == "conversations" else "conversation_id"
            if column in columns:
                query = sa.select(sa.func.count()).select_from(sa.table(table))
                found[table] = connection.scalar(query.where(sa.column(column) == conversation_id))
        return found

    async with database.read() as connection:
        return await connection.run_sync(count)


async def told(hub: TestClient, path: str) -> AsyncIterator[tuple[str, Any]]:
    """Events of a desk page's open stream."""
    async with asyncio.timeout(LONG), hub.get(f"/desk/api/{path}") as stream:
        assert stream.status == 200
        name = ""
        async for line in stream.content:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            elif line.startswith(b"data: "):
                yield name, json.loads(line[6:])


@pytest.mark.parametrize("by", ["the traveler", "the job"])
async def test_nothing_is_left_of_a_deleted_conversation_but_what_is_meant_to(
    hub: TestClient,
    csrf: dict[str, str],
    retention: Retention,
    assistant: StandIn,
    by: str,
) -> None:
    traveler = await conversation_with_everything(hub, csrf)
    conversation = traveler.conversation["id"]
    database = hub.app[DATABASE]
    before = await rows(database, conversation)
    # a table that came new needs a row above
    assert [table for table, count in before.items() if not count] == [UNTIL_TOLD]
    page, queue = told(hub, f"conversations/{conversation}/events"), told(hub, "events")
    assert (await anext(page))[0] != "gone"
    assert (await anext(queue))[1]["conversations"] != []

    if by == "the traveler":
        path = f"/api/conversations/{conversation}"
        assert (await hub.delete(path, headers=traveler.headers)).status == 204
    else:
        removed = await retention.round(datetime.now(UTC) + 30 * DAY + timedelta(minutes=1))
        gone = {table: count for table, count in before.items() if count and table not in OUTLIVE}
        assert {table: removed[table] for table in gone} == gone

    # an open page is told, the list has it no more, and the assistant forgets
    assert [name async for name, _ in page][-1] == "gone"
    async for _, shown in queue:
        if not shown["conversations"]:
            break
    assert await assistant.forgotten.get() == conversation
    after = await rows(database, conversation)
    assert {table for table, count in after.items() if count} - {UNTIL_TOLD} == OUTLIVE


async def test_only_what_is_older_than_the_days_is_deleted(
    hub: TestClient, csrf: dict[str, str], retention: Retention
) -> None:
    traveler = await conversation_with_everything(hub, csrf)
    before = await rows(hub.app[DATABASE], traveler.conversation["id"])
    removed = await retention.round(datetime.now(UTC) + 30 * DAY - timedelta(minutes=1))
    # who signed in a month ago is signed out
    assert removed == Counter(desk_sessions=1, invitations=1)
    assert await rows(hub.app[DATABASE], traveler.conversation["id"]) == before


async def test_a_conversation_that_goes_on_meanwhile_is_kept(hub: TestClient) -> None:
    traveler = await Traveler.arrive(hub.session, str(hub.make_url("")).rstrip("/"))
    long_ago = datetime.now(UTC)
    await traveler.ask("I am back")
    log = hub.app[LOG]
    assert await log.delete(traveler.conversation["id"], unused_since=long_ago) == Counter()
    assert len(await traveler.messages()) == 2


async def test_what_was_written_beside_a_conversation_while_it_went_is_swept_up(
    hub: TestClient, retention: Retention
) -> None:
    async with hub.app[DATABASE].write() as connection:
        await connection.execute(
            notes.insert().values(
                conversation_id="gone", officer=1, text="late", created_at=datetime.now(UTC)
            )
        )
    # the hub's own first round may have been quicker, so what is left counts, not who removed it
    await retention.round(datetime.now(UTC))
    async with hub.app[DATABASE].read() as connection:
        assert (await connection.execute(sa.select(notes))).all() == []


async def test_a_round_reports_what_it_removed(
    hub: TestClient,
    csrf: dict[str, str],
    retention: Retention,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "desk.retention")
    await conversation_with_everything(hub, csrf)
    entries = len(await audited(hub.app[DATABASE]))
    removed = await retention.round(datetime.now(UTC) + 181 * DAY)
    assert removed["conversations"] == removed["emergencies"] == removed["requests"] == 1
    assert removed["handoffs"] == 2
    assert removed["audit"] == entries
    ((what, officer, detail),) = await audited(hub.app[DATABASE])
    assert (what, officer, detail) == ("removed", None, {"rows": dict(removed)})
    (line,) = (r.getMessage() for r in caplog.records if r.name == "desk.retention")
    assert line.startswith("removed for good: addresses 1, audit ")
    assert "conversations 1" in line
    # a round without anything to do says so, and makes no entry
    assert await retention.round(datetime.now(UTC)) == Counter()
    assert caplog.records[-1].getMessage() == "removed for good: nothing"
    assert len(await audited(hub.app[DATABASE])) == 1


async def test_the_audit_log_is_kept_for_its_days(hub: TestClient, retention: Retention) -> None:
    database = hub.app[DATABASE]
    async with database.write() as connection:
        await audit(connection, None, "claimed", "c1")
    now = datetime.now(UTC)
    await retention.round(now + 179 * DAY)
    assert "claimed" in [what for what, *_ in await audited(database)]
    await retention.round(now + 181 * DAY)
    assert "claimed" not in [what for what, *_ in await audited(database)]
