"""An alarm that went to the supervisors is sent to the gateway until it is taken, without words."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from desk.alarms import Alarms
from desk.pager import LONGEST_PAUSE, Pager
from hub.app import make_app
from hub.database import Database, emergencies
from hub.keys import DATABASE, WAKEUPS
from hub.settings import Settings
from tests.desk.officers import audited
from tests.talk import Traveler

SECOND = timedelta(seconds=1)


class Gateway:
    """Takes what is posted to it, or answers with the statuses it is told to, in turn."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.came: list[dict[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.came.append(await request.json())
        headers = {"Location": "/elsewhere"}
        return web.Response(status=self.statuses.pop(0) if self.statuses else 202, headers=headers)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
async def settings(
    settings: Settings, gateway: Gateway, aiohttp_server: Callable[..., Awaitable[TestServer]]
) -> Settings:
    app = web.Application()
    app.router.add_post("/send", gateway.take)
    server = await aiohttp_server(app)
    return replace(settings, alarm_webhook=f"http://127.0.0.1:{server.port}/send?key=secret")


@pytest.fixture
async def escalated(
    settings: Settings, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> dict[str, Any]:
    """The ``id`` of a conversation whose call nobody acknowledged, and its ``database``."""
    # this one sends nothing by itself
    hub = await aiohttp_client(make_app(replace(settings, alarm_webhook="")))
    url = str(hub.make_url("")).rstrip("/")
    traveler = await Traveler.arrive(hub.session, url, language="en")
    await traveler.say("help, he is not breathing")
    alarms = Alarms(hub.app[DATABASE], hub.app[WAKEUPS], 60 * SECOND)
    assert await alarms.look(datetime.now(UTC) + 61 * SECOND) == 1
    return {"id": traveler.conversation["id"], "database": hub.app[DATABASE]}


async def pushed(database: Database) -> int:
    return sum(what == "alarm_pushed" for what, *_ in await audited(database))


async def test_it_is_sent_once_and_says_where_and_what_but_no_words(
    escalated: dict[str, Any], settings: Settings, gateway: Gateway
) -> None:
    async with aiohttp.ClientSession() as session:
        now = datetime.now(UTC) + 62 * SECOND
        await Pager(escalated["database"], session, settings).push(now)
        # also after a restart
        await Pager(escalated["database"], session, settings).push(now)
    (body,) = gateway.came
    assert datetime.fromisoformat(body.pop("created_at")).utcoffset() == timedelta()
    assert body == {
        "kind": "collapse",
        "place": None,
        "language": "en",
        "conversation_id": escalated["id"],
        "desk_url": f"{settings.public_url}desk#{escalated['id']}",
    }
    assert await pushed(escalated["database"]) == 1


async def test_what_is_not_taken_is_sent_again_after_longer_and_longer_pauses(
    escalated: dict[str, Any],
    settings: Settings,
    gateway: Gateway,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gateway.statuses = [500, 404, 302, *[503] * 7]
    now, tries = datetime.now(UTC) + 62 * SECOND, []
    async with aiohttp.ClientSession() as session:
        pager = Pager(escalated["database"], session, settings)
        for second in range(400):
            await pager.push(now + second * SECOND)
            if len(gateway.came) > len(tries):
                tries.append(second)
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert pauses == [1, 2, 4, 8, 16, 32, *[LONGEST_PAUSE.seconds] * 4]
    assert await pushed(escalated["database"]) == 1
    failures = [record.getMessage() for record in caplog.records if "not sent" in record.msg]
    assert len(failures) == 10
    assert "status 500" in failures[0]
    assert not any("secret" in each for each in failures)


async def test_a_gateway_that_is_down_hinders_nothing(
    escalated: dict[str, Any], settings: Settings, gateway: Gateway
) -> None:
    now = datetime.now(UTC) + 62 * SECOND
    async with aiohttp.ClientSession() as session:
        nobody = replace(settings, alarm_webhook="http://127.0.0.1:1/")
        await Pager(escalated["database"], session, nobody).push(now)
        assert await pushed(escalated["database"]) == 0
        await Pager(escalated["database"], session, settings).push(now)
    assert len(gateway.came) == 1


@pytest.mark.parametrize("column", ["acknowledged_at", "mistaken"])
async def test_what_a_person_has_heard_meanwhile_is_not_sent(
    escalated: dict[str, Any], settings: Settings, gateway: Gateway, column: str
) -> None:
    now = datetime.now(UTC)
    async with escalated["database"].write() as connection:
        value = now if column == "acknowledged_at" else True
        await connection.execute(emergencies.update().values({column: value}))
    async with aiohttp.ClientSession() as session:
        await Pager(escalated["database"], session, settings).push(now + 62 * SECOND)
    assert gateway.came == []
