"""Requests of every kind in the database: due or not, told in their own words, forgotten."""

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
from hub.request_rules import KINDS, MET, accept, finish, refuse, start
from tests.desk.officer_page import texts, traveler_of
from tests.desk.travelers_requests import ANONYMOUS, internal, make_of_kind, of_every_kind

LATER = datetime(2099, 1, 1, tzinfo=UTC)


async def rows(hub: TestClient) -> list[Any]:
    async with hub.app[DATABASE].read() as connection:
        return list((await connection.execute(sa.select(requests))).mappings())


async def owner(hub: TestClient) -> tuple[Any, ...]:
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(conversations.c.owner, conversations.c.reason)
        return tuple((await connection.execute(query)).one())


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_has_a_number_once_and_stands_in_the_queue(
    hub: TestClient, kind: str
) -> None:
    traveler = await traveler_of(hub)
    told = of_every_kind()[kind]
    made = await asyncio.gather(*(make_of_kind(hub, traveler, kind, told) for _ in range(3)))
    assert len({each["number"] for each in made}) == 1
    again = await make_of_kind(hub, traveler, kind, told, "2")
    assert again == {**made[0], "same": True}
    (row,) = await rows(hub)
    assert (row["kind"], row["details"]) == (kind, told)
    assert (row["due_at"] is None) == (kind in ("lost_item", "complaint"))
    assert await owner(hub) == ("queue", "request")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("language", "script"),
    [(code, script) for code, scripts in SCRIPTS.items() for script in scripts],
)
async def test_every_change_is_told_in_the_words_of_the_kind(
    hub: TestClient, kind: str, language: str, script: str
) -> None:
    traveler = await traveler_of(hub, language, script)
    made = await make_of_kind(hub, traveler, kind, of_every_kind()[kind])
    number, change = made["number"], hub.app[REQUESTS].change
    place = "hall_entrance" if kind in MET else None
    now = datetime.now(UTC)

    def named(_language: Any) -> str:
        return "No. 03"

    await change(number, lambda r: accept(r, 1, place, None, now), "officer", named=named)
    await change(number, lambda r: start(r, 1), "officer", named=named)
    await change(number, lambda r: finish(r, 1), "officer", named=named)
    said = texts(await traveler.messages(), "system")
    assert len(said) == 3
    for text in said:
        assert number in text
        assert "{" not in text
    accepted, under_way, done = said
    assert "03" in accepted
    assert "03" in under_way
    if kind == "lost_item" and language == "en":
        assert "place" not in accepted
        assert "journey" not in done
    # the words of a wheelchair's notice stand in no other kind's
    if language == "en":
        assert ("on the way with you" in under_way) == (kind in ("special_lane", "interpreter"))


@pytest.mark.parametrize("language", SCRIPTS)
async def test_a_refused_complaint_says_whom_else_to_call(hub: TestClient, language: str) -> None:
    traveler = await traveler_of(hub, language)
    told = of_every_kind()["complaint"]
    number = (await make_of_kind(hub, traveler, "complaint", told))["number"]
    await hub.app[REQUESTS].change(number, lambda r: refuse(r, 1, "other_side"), "officer")
    (said,) = texts(await traveler.messages(), "system")
    assert "12367" in said


async def test_an_interpreter_for_now_asks_for_a_person_at_once_and_expires_unmet(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub, "en")
    now = {"languages": ["en"], "now": True}
    made = [await make_of_kind(hub, traveler, "interpreter", now, key) for key in ("1", "1", "2")]
    assert len({each["number"] for each in made}) == 1
    assert all(each["waiting"]["owner"] == "queue" for each in made)
    assert await owner(hub) == ("queue", "asked")
    assert await hub.app[REQUESTS].expire(datetime.now(UTC) + timedelta(hours=1)) == []
    ended = await hub.app[REQUESTS].expire(datetime.now(UTC) + timedelta(hours=3))
    assert ended == [made[0]["number"]]
    assert await owner(hub) == ("assistant", None)


async def test_what_has_no_day_does_not_expire_and_is_deleted_when_nothing_changed_for_long(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    for kind in ("lost_item", "complaint"):
        await make_of_kind(hub, traveler, kind, of_every_kind()[kind], kind)
    await make_of_kind(hub, traveler, "complaint", ANONYMOUS, "3")
    assert await hub.app[REQUESTS].expire(LATER) == []
    async with hub.app[DATABASE].write() as connection:
        removed = await forget_requests.delete_old(connection, LATER)
    assert removed["requests"] == 3


async def test_an_anonymous_complaint_names_its_conversation_nowhere_and_asks_for_nobody(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    made = [await make_of_kind(hub, traveler, "complaint", ANONYMOUS) for _ in range(2)]
    assert made[0] == made[1]
    assert await owner(hub) == ("assistant", None)
    number = made[0]["number"]
    await hub.app[REQUESTS].change(number, lambda r: refuse(r, 1, "no"), "officer")
    async with hub.app[DATABASE].read() as connection:
        for table in (requests, request_history):
            stored = (await connection.execute(sa.select(table))).all()
            assert stored
            assert conversation not in str(stored)
    # nobody can be told, but who has the number is
    assert await traveler.messages() == []
    found = await internal(hub, "/find", conversation_id=conversation, number=None)
    assert found["requests"] == []
    found = await internal(hub, "/find", conversation_id=conversation, number=number)
    assert found["requests"] == [{"number": number, "state": "refused"}]


async def test_an_anonymous_complaint_stays_when_its_conversation_is_deleted(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    await make_of_kind(hub, traveler, "complaint", ANONYMOUS)
    await make_of_kind(hub, traveler, "complaint", of_every_kind()["complaint"], "2")
    await hub.app[LOG].delete(traveler.conversation["id"])
    (row,) = await rows(hub)
    assert row["details"] == ANONYMOUS


async def test_without_its_conversation_a_request_keeps_its_words_only_while_it_is_open(
    hub: TestClient,
) -> None:
    traveler = await traveler_of(hub)
    told = of_every_kind()
    numbers = [
        (await make_of_kind(hub, traveler, kind, told[kind], kind))["number"]
        for kind in ("lost_item", "complaint")
    ]
    await hub.app[REQUESTS].change(numbers[1], lambda r: refuse(r, 1, "no"), "officer")
    later = datetime.now(UTC) + timedelta(hours=1)
    await hub.app[LOG].delete(traveler.conversation["id"], unused_since=later)
    lost, complaint = [row["details"] for row in await rows(hub)]
    assert lost == {"what": "a green bag", "where": "hall"}
    assert complaint == {"tone": "complaint", "anonymous": False}


async def test_only_messages_of_the_conversation_itself_are_hidden(hub: TestClient) -> None:
    mine, other = await traveler_of(hub), await traveler_of(hub)
    headers = {"Authorization": f"Bearer {hub.app[SETTINGS].service_token}"}
    conversation = mine.conversation["id"]
    for begun, key in (
        (f"{other.conversation['id']}:1", f"{conversation}:2"),
        (f"{conversation}:1", "2"),
        (f"{conversation}:x", f"{conversation}:2"),
    ):
        body = {"conversation_id": conversation, "begun": begun, "key": key}
        response = await hub.post("/internal/requests/hide", json=body, headers=headers)
        assert response.status == 404
