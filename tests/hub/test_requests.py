"""Requests in the database: one however often it is asked for, and the traveler is told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from bot.language import SCRIPTS
from hub import forget_requests
from hub.database import conversations, request_history, requests
from hub.keys import DATABASE, LOG, REQUESTS, SETTINGS
from hub.ownership import RefusedError
from hub.request_rules import accept, cancel, finish, refuse, start
from hub.request_words import told
from hub.requests import request_of, watch
from hub.words import supported
from tests.desk.officer_page import texts, traveler_of
from tests.desk.travelers_requests import details, internal, make_request

HOUR = timedelta(hours=1)


async def rows(hub: TestClient) -> list[Any]:
    async with hub.app[DATABASE].read() as connection:
        return list((await connection.execute(sa.select(requests))).mappings())


async def owner(hub: TestClient) -> tuple[str, str | None]:
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(conversations.c.owner, conversations.c.reason)
        return tuple((await connection.execute(query)).one())


async def test_a_new_request_has_a_number_and_stands_in_the_queue(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    made = await make_request(hub, traveler)
    assert made["state"] == "requested"
    assert made["number"][0] == "R"
    assert made["number"][1:].isdecimal()
    assert await owner(hub) == ("queue", "request")
    # the assistant's answer tells of it; nobody asked for a person in the conversation
    assert await traveler.messages() == []


async def test_the_same_key_again_is_the_same_request_as_after_a_kill(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    made = [await make_request(hub, traveler) for _ in range(3)]
    assert made[0] == made[1] == made[2]
    assert len(await rows(hub)) == 1


async def test_two_tries_at_once_make_one_request(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    made = await asyncio.gather(*(make_request(hub, traveler) for _ in range(5)))
    assert len({each["number"] for each in made}) == 1
    assert len(await rows(hub)) == 1


async def test_two_travelers_at_once_have_two(hub: TestClient) -> None:
    one, other = await traveler_of(hub), await traveler_of(hub, "zh")
    made = await asyncio.gather(make_request(hub, one), make_request(hub, other))
    assert len({each["number"] for each in made}) == 2


async def test_another_for_the_same_day_is_the_one_that_is_open(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    first = await make_request(hub, traveler, "1")
    again = await make_request(hub, traveler, "2", people=5)
    assert again == {**first, "same": True}
    another_day = await make_request(hub, traveler, "3", ahead=timedelta(days=3))
    assert another_day["number"] != first["number"]
    await internal(
        hub,
        "/cancel",
        conversation_id=traveler.conversation["id"],
        number=first["number"],
        key="x:4",
    )
    assert "same" not in await make_request(hub, traveler, "5")


@pytest.mark.parametrize(
    "wrong", [{"people": 0}, {"people": 500}, {"date": "2026-02-31"}, {"help": []}], ids=str
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(
    hub: TestClient, wrong: dict[str, Any]
) -> None:
    traveler = await traveler_of(hub)
    headers = {"Authorization": f"Bearer {hub.app[SETTINGS].service_token}"}
    body = {
        "conversation_id": traveler.conversation["id"],
        "kind": "special_lane",
        "key": "k",
        "details": details(**wrong),
    }
    response = await hub.post("/internal/requests", json=body, headers=headers)
    assert response.status == 400
    assert await rows(hub) == []
    response = await hub.post("/internal/requests", json=body)
    assert response.status == 403


async def test_a_conversation_finds_its_own_and_of_others_only_the_state(hub: TestClient) -> None:
    mine, other = await traveler_of(hub), await traveler_of(hub)
    number = (await make_request(hub, mine))["number"]

    async def find(traveler: Any, number: str | None) -> Any:
        found = await internal(
            hub, "/find", conversation_id=traveler.conversation["id"], number=number
        )
        return found["requests"]

    (own,) = await find(mine, None)
    assert (own["number"], own["people"]) == (number, 3)
    assert await find(other, None) == []
    assert await find(other, number[1:]) == [{"number": number, "state": "requested"}]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert await find(mine, wrong) == []


async def test_a_cancelled_request_leaves_the_queue_and_says_so_once(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    made = await make_request(hub, traveler)
    conversation = traveler.conversation["id"]
    asked = {"conversation_id": conversation, "number": made["number"]}
    for _ in range(2):
        # the second try is that of a message whose answer was lost
        cancelled = await internal(hub, "/cancel", **asked, key=f"{conversation}:2")
        assert cancelled == {"number": made["number"], "state": "cancelled", "changed": True}
    assert await internal(hub, "/cancel", **asked, key=f"{conversation}:3") == {
        **cancelled,
        "changed": False,
    }
    assert await owner(hub) == ("assistant", None)
    # the assistant's own answer tells of it
    assert await traveler.messages() == []
    unknown = await internal(
        hub, "/cancel", conversation_id=conversation, number="R000001", key="k"
    )
    assert unknown["number"] is None


async def test_cancelled_from_another_conversation_the_one_that_asked_is_told(
    hub: TestClient,
) -> None:
    mine, other = await traveler_of(hub, "en"), await traveler_of(hub)
    number = (await make_request(hub, mine))["number"]
    key = f"{other.conversation['id']}:1"
    await internal(hub, "/cancel", conversation_id=other.conversation["id"], number=number, key=key)
    (said,) = texts(await mine.messages(), "system")
    assert said.startswith(f"Request {number} has been cancelled")


async def test_of_an_acceptance_and_a_cancelling_at_once_the_second_sees_the_first(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    number = (await make_request(hub, traveler))["number"]
    now = datetime.now(UTC)
    await hub.app[REQUESTS].change(number, cancel, "traveler")
    with pytest.raises(RefusedError, match="request_over"):
        await hub.app[REQUESTS].change(
            number, lambda r: accept(r, 1, "special_lane", None, now), "officer"
        )
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(request_history.c.state).order_by(request_history.c.id)
        states = [state for (state,) in await connection.execute(query)]
    assert states == ["requested", "cancelled"]


async def test_what_nobody_takes_up_expires_and_the_traveler_is_told(hub: TestClient) -> None:
    traveler = await traveler_of(hub, "kk")
    made = await make_request(hub, traveler, ahead=timedelta())
    expire = hub.app[REQUESTS].expire
    assert await expire(datetime.now(UTC) + HOUR) == []
    assert await expire(datetime.now(UTC) + 2 * HOUR) == [made["number"]]
    assert await expire(datetime.now(UTC) + 3 * HOUR) == []
    (said,) = texts(await traveler.messages(), "system")
    assert said.startswith(f"{made['number']} өтінімінің уақыты өтіп кетті")
    assert await owner(hub) == ("assistant", None)


async def test_the_watcher_ends_them_by_itself(hub: TestClient) -> None:
    traveler = await traveler_of(hub, "en")
    await make_request(hub, traveler, ahead=timedelta())
    late = datetime.now(UTC) + 3 * HOUR
    task = asyncio.create_task(watch(hub.app[REQUESTS], lambda: late))
    async with asyncio.timeout(30):
        (said,) = await traveler.log_until(answers=1)
    task.cancel()
    assert said["author"] == "system"


async def test_a_deleted_conversation_takes_its_requests_with_it(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    await make_request(hub, traveler)
    path = f"/api/conversations/{traveler.conversation['id']}"
    assert (await hub.delete(path, headers=traveler.headers)).status == 204
    assert await rows(hub) == []


async def test_one_under_way_stays_without_words_until_it_is_done(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    number = (await make_request(hub, traveler, contact="+77011234567"))["number"]
    now = datetime.now(UTC)
    change = hub.app[REQUESTS].change
    await change(number, lambda r: accept(r, 1, "special_lane", None, now), "officer")
    await change(number, lambda r: start(r, 1), "officer")
    await hub.app[LOG].delete(traveler.conversation["id"])
    (row,) = await rows(hub)
    assert (row["state"], row["details"]) == ("under_way", forget_requests.DELETED)
    await change(number, lambda r: finish(r, 1), "officer")
    assert (await rows(hub))[0]["state"] == "done"


async def test_when_the_conversation_is_no_longer_kept_no_phone_number_is(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    await make_request(hub, traveler, contact="+77011234567", note="?")
    later = datetime.now(UTC) + HOUR
    await hub.app[LOG].delete(traveler.conversation["id"], unused_since=later)
    (row,) = await rows(hub)
    assert row["details"].keys() == details().keys()
    async with hub.app[DATABASE].write() as connection:
        removed = await forget_requests.delete_old(connection, later)
    assert removed == {"requests": 1, "request_history": 1}


@pytest.mark.parametrize(
    ("language", "script"),
    [(code, script) for code, scripts in SCRIPTS.items() for script in scripts],
)
async def test_every_change_is_told_in_language_and_script(
    hub: TestClient, language: str, script: str
) -> None:
    traveler = await traveler_of(hub, language, script)
    number = (await make_request(hub, traveler))["number"]
    now = datetime.now(UTC)
    change = hub.app[REQUESTS].change
    await change(number, lambda r: accept(r, 1, "special_lane", None, now), "officer")
    await change(number, lambda r: refuse(r, 1, "42"), "officer")
    accepted, refused = texts(await traveler.messages(), "system")
    assert number in accepted
    assert number in refused
    assert "42" in refused
    spoken = supported(language, script)
    assert spoken
    assert "{" not in accepted + refused
    (row,) = await rows(hub)
    assert row["language"] == language
    assert told(number, request_of(row), spoken) == refused
