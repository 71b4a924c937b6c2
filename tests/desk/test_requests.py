"""Officers and a traveler's request: each step once, by one officer, and the traveler is told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.clocks import ZONES
from hub.database import requests
from hub.keys import DATABASE
from tests.desk.officer_page import Arrive, Officer, texts, traveler_of
from tests.desk.officers import audited
from tests.desk.travelers_requests import internal, make_request
from tests.talk import LONG


async def listed(officer: Officer, filters: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await officer.see(f"requests{filters}"))["requests"]
    return found


async def do(officer: Officer, number: str, what: str, **body: Any) -> tuple[int, Any]:
    return await officer.change("POST", f"requests/{number}/{what}", **body)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, body = answer
    assert body["error"]["message"]
    return status, body["error"]["code"]


async def test_a_request_goes_from_asked_to_done_and_every_step_is_told_and_noted(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    number = (await make_request(hub, traveler))["number"]
    (request,) = await listed(anna)
    assert (request["state"], request["people"], request["version"]) == ("requested", 3, 1)
    assert request["details"]["help"] == ["wheelchair"]
    assert request["conversation_id"] == traveler.conversation["id"]
    steps = (("accept", {"place": "hall_entrance"}), ("start", {}), ("finish", {}))
    for version, (what, body) in enumerate(steps, 1):
        status, shown = await do(anna, number, what, version=version, **body)
        assert status == 200, shown
    assert shown["state"] == "done"
    assert shown["officer"]["number"] == "03"
    assert [(e["state"], e["by"]) for e in shown["history"]] == [
        ("requested", "traveler"),
        ("accepted", "officer"),
        ("under_way", "officer"),
        ("done", "officer"),
    ]
    accepted, under_way, done = texts(await traveler.messages(), "system")
    assert "entrance of the passenger hall" in accepted
    assert "Officer No. 03" in accepted
    assert "Officer No. 03" in under_way
    assert number in done
    noted = [(what, detail) for what, _, detail in await audited(hub.app[DATABASE])]
    for what in ("request_accepted", "request_started", "request_finished"):
        assert (what, {"number": number}) in noted
    # nobody waits any more
    assert (await anna.see("queue"))["conversations"][0]["owner"] == "assistant"


async def test_the_time_is_told_on_both_clocks(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "ru")
    number = (await make_request(hub, traveler))["number"]
    at = (datetime.now(UTC) + timedelta(days=2)).replace(hour=2, minute=30)
    await do(anna, number, "accept", place="special_lane", at=at.isoformat(), version=1)
    (said,) = texts(await traveler.messages(), "system")
    assert "10:30 по пекинскому времени (в Казахстане 07:30)" in said
    assert (await listed(anna))[0]["due_at"] == at.isoformat()


async def test_of_two_officers_only_one_accepts(hub: TestClient, officers: Arrive) -> None:
    anna, boris = await officers("anna", "03"), await officers("boris", "04")
    number = (await make_request(hub, await traveler_of(hub)))["number"]
    answers = await asyncio.gather(
        *(do(each, number, "accept", place="special_lane", version=1) for each in (anna, boris))
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    (lost,) = (answer for answer in answers if answer[0] == 409)
    assert code(lost) == (409, "request_changed")


async def test_what_the_traveler_just_cancelled_no_officer_accepts(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    number = (await make_request(hub, traveler))["number"]
    await internal(
        hub, "/cancel", conversation_id=conversation, number=number, key=f"{conversation}:9"
    )
    answer = await do(anna, number, "accept", place="special_lane", version=1)
    assert code(answer) == (409, "request_over")
    assert texts(await traveler.messages(), "system") == []


@pytest.mark.parametrize("what", ["refuse", "cancel"])
async def test_a_no_needs_a_reason_which_the_traveler_reads(
    hub: TestClient, officers: Arrive, what: str
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "zh")
    number = (await make_request(hub, traveler))["number"]
    assert code(await do(anna, number, what, version=1)) == (400, "bad_request")
    assert code(await do(anna, number, what, version=1, reason=" ")) == (400, "text_empty")
    long = await do(anna, number, what, version=1, reason="x" * 301)
    assert code(long) == (400, "text_too_long")
    status, _ = await do(anna, number, what, version=1, reason="轮椅都在使用中")
    assert status == 200
    (said,) = texts(await traveler.messages(), "system")
    assert "轮椅都在使用中" in said
    assert number in said


async def test_what_the_rules_or_the_body_do_not_allow_changes_nothing(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    number = (await make_request(hub, await traveler_of(hub)))["number"]
    assert code(await do(anna, number, "start", version=1)) == (409, "request_not_now")
    assert code(await do(anna, number, "accept", version=1, place="moon")) == (400, "bad_request")
    assert code(await do(anna, number, "accept", place="special_lane")) == (400, "bad_request")
    for at in ("tomorrow", "2026-11-24T10:00", 5):
        answer = await do(anna, number, "accept", version=1, place="special_lane", at=at)
        assert code(answer) == (400, "bad_request")
    assert code(await do(anna, "R999999", "start", version=1)) == (404, "not_found")
    (request,) = await listed(anna)
    assert (request["state"], request["version"]) == ("requested", 1)
    path = f"/desk/api/requests/{number}/start"
    assert (await hub.post(path, json={"version": 1})).status == 401
    assert (await hub.get("/desk/api/requests")).status == 401


async def test_the_list_is_filtered_and_late_ones_stand_out(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    soon = await make_request(hub, await traveler_of(hub, "ru"), ahead=timedelta(minutes=-5))
    far = await make_request(hub, await traveler_of(hub, "kk"), ahead=timedelta(days=3))
    day = f"{datetime.now(UTC).astimezone(ZONES['beijing']) + timedelta(days=3):%Y-%m-%d}"

    async def numbers(filters: str = "") -> list[str]:
        return [each["number"] for each in await listed(anna, filters)]

    assert await numbers() == [soon["number"], far["number"]]
    assert [each["late"] for each in await listed(anna)] == [True, False]
    assert await numbers("?language=kk") == [far["number"]]
    assert await numbers(f"?day={day}&kind=special_lane") == [far["number"]]
    assert await numbers("?state=done") == []
    assert "special_lane" in (await anna.see("requests"))["places"]
    for wrong in ("?state=lost", "?day=31-02", "?kind=x", "?language=fr"):
        assert (await anna.change("GET", f"requests{wrong}"))[0] == 400


async def test_what_was_over_yesterday_is_found_by_its_day_only(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    number = (await make_request(hub, await traveler_of(hub)))["number"]
    await do(anna, number, "cancel", reason="?", version=1)
    assert len(await listed(anna)) == 1
    async with hub.app[DATABASE].write() as connection:
        before = datetime.now(UTC) - timedelta(days=2)
        await connection.execute(requests.update().values(updated_at=before))
    assert await listed(anna) == []
    assert len(await listed(anna, "?state=cancelled")) == 1


async def test_open_pages_are_told_of_every_change(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub)
    stream = anna.events()
    async with asyncio.timeout(LONG):
        assert (await anext(stream))[0] == "queue"
        number = (await make_request(hub, traveler))["number"]
        first = await _next_change(stream)
        await do(anna, number, "accept", place="special_lane", version=1)
        assert await _next_change(stream) > first
        path = f"/api/conversations/{traveler.conversation['id']}"
        assert (await hub.delete(path, headers=traveler.headers)).status == 204
        await _next_change(stream)
    assert await listed(anna) == []
    await stream.aclose()


async def _next_change(stream: Any) -> str:
    async for name, data in stream:
        if name == "requests":
            return str(data["changed"])
    raise AssertionError("the stream ended")


async def test_what_has_no_time_stands_on_the_day_it_was_asked_for(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    number = (await make_request(hub, await traveler_of(hub)))["number"]
    # just before and just after midnight at the port
    for at, day in ((15, "2026-03-05"), (16, "2026-03-06")):
        async with hub.app[DATABASE].write() as connection:
            asked = datetime(2026, 3, 5, at, tzinfo=UTC)
            await connection.execute(requests.update().values(due_at=None, created_at=asked))
        for each in ("2026-03-04", "2026-03-05", "2026-03-06", "2026-03-07"):
            found = [request["number"] for request in await listed(anna, f"?day={each}")]
            assert found == ([number] if each == day else []), (at, each)
