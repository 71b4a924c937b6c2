"""A call for help that nobody acknowledges goes to the supervisors, and every step is noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp import web
from aiohttp.test_utils import TestClient

from desk import accounts
from desk.alarms import Alarms
from desk.sessions import CLOCK
from desk.tables import audit_log
from hub.app import make_app
from hub.database import emergencies
from hub.emergency_guide import SOS
from hub.keys import DATABASE, SETTINGS, WAKEUPS
from hub.settings import SettingsError, read
from tests.desk.officers import PASSWORD
from tests.talk import LONG, Traveler

MINUTE = timedelta(seconds=60)


class Clock:
    """The hub's time, some way ahead of the computer's."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock(application: web.Application) -> Clock:
    clock = Clock()
    application[CLOCK] = clock
    return clock


@pytest.fixture
async def hub(
    application: web.Application,
    clock: Clock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    return await aiohttp_client(application)


@pytest.fixture
def alarms(hub: TestClient) -> Alarms:
    """Looks only when told to: the hub's own sees the time that ``clock`` shows."""
    return Alarms(hub.app[DATABASE], hub.app[WAKEUPS], MINUTE)


async def sign_in(hub: TestClient, role: str = "officer") -> dict[str, str]:
    """Makes an officer and signs them in; the header that their changes need."""
    database = hub.app[DATABASE]
    token = await accounts.add(database, "anna", role, "03")
    await accounts.accept(database, token, PASSWORD, datetime.now(UTC))
    signed_in = await hub.post("/desk/api/sign-in", json={"login": "anna", "password": PASSWORD})
    return {"X-CSRF-Token": (await signed_in.json())["csrf"]}


async def call_for_help(hub: TestClient) -> Traveler:
    url = str(hub.make_url("")).rstrip("/")
    traveler = await Traveler.arrive(hub.session, url, language="en")
    assert (await traveler.press(SOS)).status == 202
    return traveler


async def steps(hub: TestClient) -> list[tuple[str, int | None]]:
    """What the audit log has about calls, in order, with who did it."""
    query = (
        sa.select(audit_log.c.what, audit_log.c.officer_id, audit_log.c.detail)
        .where(audit_log.c.conversation_id.is_not(None))
        .order_by(audit_log.c.at, audit_log.c.id)
    )
    async with hub.app[DATABASE].read() as connection:
        rows = list(await connection.execute(query))
    assert all(detail["seq"] == 1 for *_, detail in rows)
    return [(what, officer) for what, officer, _ in rows]


async def escalated_at(hub: TestClient) -> datetime | None:
    async with hub.app[DATABASE].read() as connection:
        found: datetime | None = await connection.scalar(sa.select(emergencies.c.escalated_at))
        return found


async def queues(hub: TestClient) -> AsyncIterator[dict[str, Any]]:
    """What an open desk page is told of the queue."""
    async with asyncio.timeout(LONG), hub.get("/desk/api/events") as stream:
        assert stream.status == 200
        async for line in stream.content:
            if line.startswith(b"event: "):
                name = line[7:].strip()
            if line.startswith(b"data: ") and name == b"queue":
                yield json.loads(line[6:])


async def test_it_goes_to_the_supervisors_once_when_the_time_is_over(
    hub: TestClient, alarms: Alarms
) -> None:
    before = datetime.now(UTC)
    await call_for_help(hub)
    assert await alarms.look(before + timedelta(seconds=59)) == 0
    late = datetime.now(UTC) + timedelta(seconds=61)
    assert [await alarms.look(late) for _ in range(3)] == [1, 0, 0]
    assert await escalated_at(hub) == late.replace(tzinfo=None)
    # another hub on the same database, or this one after a restart
    after = Alarms(hub.app[DATABASE], hub.app[WAKEUPS], MINUTE)
    assert await after.look(late + MINUTE) == 0
    assert await escalated_at(hub) == late.replace(tzinfo=None)
    assert await steps(hub) == [("alarm_raised", None), ("escalated", None)]


async def test_two_hubs_at_once_send_it_higher_once(hub: TestClient, alarms: Alarms) -> None:
    await call_for_help(hub)
    other = Alarms(hub.app[DATABASE], hub.app[WAKEUPS], MINUTE)
    late = datetime.now(UTC) + 2 * MINUTE
    assert sum(await asyncio.gather(alarms.look(late), other.look(late))) == 1
    assert await steps(hub) == [("alarm_raised", None), ("escalated", None)]


async def test_an_acknowledged_one_stays_with_who_took_it(hub: TestClient, alarms: Alarms) -> None:
    csrf = await sign_in(hub)
    traveler = await call_for_help(hub)
    path = f"/desk/api/alarms/{traveler.conversation['id']}/1/acknowledge"
    assert (await hub.post(path, headers=csrf)).status == 204
    assert await alarms.look(datetime.now(UTC) + 2 * MINUTE) == 0
    assert await escalated_at(hub) is None
    assert await steps(hub) == [("alarm_raised", None), ("acknowledged", 2)]


async def test_one_called_false_goes_nowhere(hub: TestClient, alarms: Alarms) -> None:
    url = str(hub.make_url("")).rstrip("/")
    traveler = await Traveler.arrive(hub.session, url, language="en")
    await traveler.say("he is not breathing")
    buttons = [b["payload"] for m in await traveler.messages() for b in m["buttons"] or []]
    (back,) = (payload for payload in buttons if "not_emergency" in payload)
    assert (await traveler.press(back)).status == 202
    assert await alarms.look(datetime.now(UTC) + 2 * MINUTE) == 0
    await alarms.look(datetime.now(UTC) + 2 * MINUTE)
    assert await steps(hub) == [("alarm_raised", None), ("alarm_false", None)]


async def test_an_open_page_is_told_and_rings_on_until_somebody_acknowledges(
    hub: TestClient, clock: Clock
) -> None:
    csrf = await sign_in(hub, "supervisor")
    traveler = await call_for_help(hub)
    told = queues(hub)
    assert [alarm["escalated"] for alarm in (await anext(told))["alarms"]] == [False]
    clock.ahead = 2 * MINUTE
    async for queue in told:
        (alarm,) = queue["alarms"]
        if alarm["escalated"]:
            break
    path = f"/desk/api/alarms/{traveler.conversation['id']}/1/acknowledge"
    assert (await hub.post(path, headers=csrf)).status == 204
    assert (await anext(told))["alarms"] == []
    await told.aclose()


async def test_a_hub_that_was_down_meanwhile_sends_it_higher_when_it_starts(
    application: web.Application, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> None:
    first = await aiohttp_client(application)
    await sign_in(first, "supervisor")
    await call_for_help(first)
    settings = application[SETTINGS]
    await first.close()
    again = make_app(settings)
    again[CLOCK] = lambda: datetime.now(UTC) + 2 * MINUTE
    second = await aiohttp_client(again)
    await second.post("/desk/api/sign-in", json={"login": "anna", "password": PASSWORD})
    async for queue in queues(second):
        (alarm,) = queue["alarms"]
        if alarm["escalated"]:
            break
    assert await steps(second) == [("alarm_raised", None), ("escalated", None)]


def test_the_gateway_has_to_be_an_address(tmp_path: Any) -> None:
    assert read({"VAR_DIR": str(tmp_path)}).alarm_webhook == ""
    with pytest.raises(SettingsError, match="ALARM_WEBHOOK must begin with http"):
        read({"VAR_DIR": str(tmp_path), "ALARM_WEBHOOK": "sms.example"})
