"""Calls for help on the board: place, each step with its time and officer, and their end."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.clocks import PORT_TIME
from hub.emergency_guide import SOS
from hub.keys import DATABASE, LOG
from tests.desk.officer_page import Arrive, Officer, traveler_of
from tests.desk.officers import audited
from tests.talk import LONG, Traveler


async def calls(officer: Officer, day: str = "") -> list[dict[str, Any]]:
    query = f"?day={day}" if day else ""
    found: list[dict[str, Any]] = (await officer.see(f"emergencies{query}"))["emergencies"]
    return found


async def press(traveler: Traveler, *wanted: str) -> None:
    """Presses the newest button whose payload has all of these in it."""
    buttons = [b["payload"] for m in await traveler.messages() for b in m["buttons"] or []]
    fitting = [payload for payload in buttons if all(part in payload for part in wanted)]
    assert (await traveler.press(fitting[-1])).status == 202


def steps(call: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(s["what"], s["officer"] and s["officer"]["number"]) for s in call["steps"]]


async def test_a_call_stands_on_the_board_from_its_first_answer_on(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "kk", "Cyrl")
    assert (await traveler.press(SOS)).status == 202
    (call,) = await calls(anna)
    assert call["state"] == "raised"
    assert (call["kind"], call["language"], call["place"]) == ("help", "kk", None)
    assert call["conversation_id"] == traveler.conversation["id"]
    assert not call["deleted"]
    assert steps(call) == [("alarm_raised", None)]


async def test_every_step_is_there_with_its_time_and_who_did_it(
    hub: TestClient, officers: Arrive
) -> None:
    anna, boris = await officers("anna", "03"), await officers("boris", "04")
    traveler = await traveler_of(hub, "ru")
    conversation = traveler.conversation["id"]
    await traveler.press(SOS)
    await press(traveler, '"place"', "hall")
    alarm = f"alarms/{conversation}/1"
    assert (await anna.change("POST", f"{alarm}/acknowledge"))[0] == 204
    assert (await boris.do(conversation, "claim"))[0] == 200
    assert (await boris.do(conversation, "close"))[0] == 200
    assert (await boris.change("POST", f"{alarm}/close"))[0] == 204
    # once more changes nothing
    assert (await anna.change("POST", f"{alarm}/close"))[0] == 204
    (call,) = await calls(anna)
    assert call["state"] == "closed"
    assert (call["officer"]["number"], call["closed_by"]["number"]) == ("03", "04")
    assert steps(call) == [
        ("alarm_raised", None),
        ("alarm_placed", None),
        ("acknowledged", "03"),
        ("claimed", "04"),
        ("closed", "04"),
        ("alarm_closed", "04"),
    ]
    assert call["place"] == call["steps"][1]["place"]
    assert "hall" in call["place"]
    moments = [datetime.fromisoformat(step["at"]) for step in call["steps"]]
    assert moments == sorted(moments)
    # what is done for the traveler later is no step of this call
    assert (await boris.do(conversation, "reopen"))[0] == 200
    (after,) = await calls(anna)
    assert after["steps"] == call["steps"]


async def test_who_closes_one_that_rings_has_acknowledged_it(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.press(SOS)
    await anna.change("POST", f"alarms/{traveler.conversation['id']}/1/close")
    (call,) = await calls(anna)
    assert (call["state"], call["officer"]["number"]) == ("closed", "03")
    assert (await anna.see("queue"))["alarms"] == []
    noted = [what for what, *_ in await audited(hub.app[DATABASE])]
    assert noted.count("acknowledged") == noted.count("alarm_closed") == 1


async def test_one_called_false_says_so(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.say("he is not breathing")
    await press(traveler, "not_emergency")
    (call,) = await calls(anna)
    assert call["state"] == "false"
    await anna.change("POST", f"alarms/{traveler.conversation['id']}/1/close")
    assert (await calls(anna))[0]["state"] == "false"


async def test_a_deleted_conversation_leaves_the_call_without_a_link(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.press(SOS)
    await hub.app[LOG].delete(traveler.conversation["id"])
    (call,) = await calls(anna)
    assert call["deleted"]
    assert steps(call) == [("alarm_raised", None)]


async def test_a_day_is_the_ports(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    await (await traveler_of(hub, "en")).press(SOS)
    today = datetime.now(UTC).astimezone(PORT_TIME).date()
    assert len(await calls(anna, today.isoformat())) == 1
    assert await calls(anna, (today - timedelta(days=1)).isoformat()) == []
    assert (await anna.change("GET", "emergencies?day=31-02"))[0] == 400


async def test_only_officers_see_and_close_calls(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.press(SOS)
    assert (await hub.get("/desk/api/emergencies")).status == 401
    anna.csrf = {"X-CSRF-Token": "another"}
    path = f"alarms/{traveler.conversation['id']}/1/close"
    assert (await anna.change("POST", path))[0] == 403
    assert (await calls(anna))[0]["state"] == "raised"


@pytest.mark.parametrize("what", ["place", "close"])
async def test_open_boards_are_told_of_each_step(
    hub: TestClient, officers: Arrive, what: str
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    await traveler.press(SOS)
    alarm = f"alarms/{traveler.conversation['id']}/1"
    await anna.change("POST", f"{alarm}/acknowledge")
    stream = anna.events()
    async with asyncio.timeout(LONG):
        assert (await anext(stream))[0] == "queue"
        if what == "place":
            await press(traveler, '"place"')
        else:
            await anna.change("POST", f"{alarm}/close")
        async for name, _ in stream:
            if name == "emergencies":
                break
    await stream.aclose()
