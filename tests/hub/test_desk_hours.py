"""The desk's hours: read by the port's clock, whatever zone the question or the machine is in."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.clocks import PORT_TIME
from hub.app import make_app
from hub.desk_hours import DeskHours, Opening
from hub.settings import Settings, SettingsError, read
from tests.desk.officer_page import Officer, ask, texts, traveler_of

DAILY = "Mo-Su 10:00-19:00; 2027 Jan 01 off"


def port(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00").replace(tzinfo=PORT_TIME)


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Almaty"])
def zone_of_the_machine(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("zone_of_the_machine")
@pytest.mark.parametrize(
    ("hours", "now", "is_open", "changes_at", "holiday"),
    [
        (DAILY, port("2026-12-30", "09:59"), False, port("2026-12-30", "10:00"), False),
        (DAILY, port("2026-12-30", "10:00"), True, port("2026-12-30", "19:00"), False),
        (DAILY, port("2026-12-30", "19:00"), False, port("2026-12-31", "10:00"), False),
        (DAILY, port("2026-12-31", "20:00"), False, port("2027-01-02", "10:00"), False),
        (DAILY, port("2027-01-01", "12:00"), False, port("2027-01-02", "10:00"), True),
        ("Mo-Fr 10:00-19:00", port("2026-12-26", "12:00"), False,
         port("2026-12-28", "10:00"), True),
        ("22:00-06:00", port("2026-12-30", "23:00"), True, port("2026-12-31", "06:00"), False),
        ("Mo-Su 10:00-19:00; PH off", port("2026-10-01", "12:00"), False,
         port("2026-10-02", "10:00"), True),
        # a comment that changes is no change of the desk
        ('10:00-12:00 "hall 1", 12:00-14:00 "hall 2"', port("2026-12-30", "11:00"), True,
         port("2026-12-30", "14:00"), False),
        ("24/7", port("2026-12-30", "03:00"), True, None, False),
        ("off", port("2026-12-30", "12:00"), False, None, True),
        ("2020 Jan 01 10:00-12:00", port("2026-12-30", "11:00"), False, None, True),
    ],
)  # fmt: skip
def test_the_desk_is_open_and_changes_when_its_hours_say(
    hours: str, now: datetime, is_open: bool, changes_at: datetime | None, holiday: bool
) -> None:
    expected = Opening(True, is_open, changes_at, holiday)
    desk = DeskHours(hours)
    for zone in (UTC, PORT_TIME, timezone(timedelta(hours=-5))):
        assert desk.at(now.astimezone(zone)) == expected


@pytest.mark.parametrize("hours", ["", "Mo-Su 10:00-19:00 unknown"])
def test_hours_that_nobody_set_or_that_leave_it_open_are_not_known(hours: str) -> None:
    opening = DeskHours(hours).at(port("2026-12-30", "12:00"))
    assert opening.as_json() == {
        "known": False,
        "open": False,
        "changes_at": None,
        "holiday": False,
    }


def test_a_moment_is_told_in_utc() -> None:
    told = DeskHours(DAILY).at(port("2026-12-30", "12:00")).as_json()
    assert told == {
        "known": True,
        "open": True,
        "changes_at": "2026-12-30T11:00:00+00:00",
        "holiday": False,
    }


def test_hours_that_cannot_be_read_are_refused_at_the_start(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="DESK_HOURS"):
        read({"VAR_DIR": str(tmp_path), "DESK_HOURS": "from ten to seven"})


Client = Callable[..., Awaitable[TestClient]]

OPEN = {"known": True, "open": True, "changes_at": None, "holiday": False}
CLOSED = {"known": True, "open": False, "changes_at": None, "holiday": True}


@pytest.mark.parametrize(("hours", "expected"), [("24/7", OPEN), ("off", CLOSED)])
async def test_the_desk_and_who_asks_for_an_officer_are_told_the_hours(
    hours: str, expected: dict[str, Any], settings: Settings, aiohttp_client: Client
) -> None:
    hub = await aiohttp_client(make_app(replace(settings, desk_hours=hours)))
    traveler = await traveler_of(hub, "en")
    waiting = await ask(hub, traveler)
    assert (waiting["hours"], waiting["on_duty"], waiting["place"]) == (expected, 0, 1)
    officer = await Officer.arrive(hub, "li", "07")
    assert (await officer.see("queue"))["hours"] == expected
    await officer.leave()


@pytest.mark.parametrize("hours", ["", "24/7", "off"])
async def test_it_is_who_is_on_duty_that_counts_and_not_the_hours(
    hours: str, settings: Settings, aiohttp_client: Client
) -> None:
    hub = await aiohttp_client(make_app(replace(settings, desk_hours=hours)))
    alone = await traveler_of(hub, "en")
    await ask(hub, alone)
    (told,) = texts(await alone.messages(), "system")
    assert "Nobody is at the desk" in told
    officer = await Officer.arrive(hub, "li", "07")
    served = await traveler_of(hub, "en")
    assert (await ask(hub, served))["on_duty"] == 1
    (told,) = texts(await served.messages(), "system")
    assert "None has come yet" in told
    await officer.leave()
