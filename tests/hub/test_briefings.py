"""Briefings of groups in the database: one however often it is asked for, ended by their day."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from bot import briefing
from bot.language import Language
from hub import briefing_rules as rules
from hub.briefings import REMEMBERED, Briefings, delete_ended
from hub.database import Database, briefing_members, briefings
from hub.keys import BRIEFINGS, DATABASE, LOG
from hub.log import UnknownConversationError
from hub.ownership import RefusedError
from hub.retention import delete_leftovers
from tests.desk.officer_page import traveler_of

NOW = datetime(2046, 11, 24, 4, 0, tzinfo=UTC)
"""Far ahead: the hub's own job deletes by the machine's clock what has ended."""

DAY = timedelta(days=1)
ENGLISH, KAZAKH = Language("en", "Latn"), Language("kk", "Arab")
ALL = list(rules.keys(briefing.load()))
TOKEN = "t" * 40


@pytest.fixture
def groups(hub: TestClient) -> Briefings:
    return hub.app[BRIEFINGS]


def secret_of(made: dict[str, Any]) -> str:
    return urlsplit(made["leader_link"]).fragment


async def make(groups: Briefings, key: str = "k1", people: Any = 23, **more: Any) -> dict[str, Any]:
    return await groups.make(key, people, more.pop("day", None), NOW, language=ENGLISH, **more)


async def tick(
    groups: Briefings,
    made: dict[str, Any],
    called: str = "Aigul",
    token: str = TOKEN,
    done: Any = (),
    version: int = 1,
    now: datetime = NOW,
) -> dict[str, Any]:
    return await groups.tick(made["code"], token, called, KAZAKH, list(done), version, now)


async def lead(groups: Briefings, made: dict[str, Any], now: datetime = NOW) -> dict[str, Any]:
    return await groups.lead(made["code"], secret_of(made), now)


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)))


async def test_the_same_key_is_the_same_briefing_with_the_same_links(groups: Briefings) -> None:
    made = await asyncio.gather(*(make(groups) for _ in range(5)))
    assert all(each == made[0] for each in made)
    assert made[0]["day"] == "2046-11-24"
    assert await make(groups, people=500) == made[0]
    assert (await make(groups, "k2"))["code"] != made[0]["code"]


async def test_of_the_leaders_key_only_a_hash_is_stored(hub: TestClient, groups: Briefings) -> None:
    made = await make(groups)
    async with hub.app[DATABASE].read() as connection:
        row = (await connection.execute(sa.select(briefings))).mappings().one()
    assert secret_of(made) not in str(dict(row))
    for wrong in ("", "x", secret_of(await make(groups, "k2"))):
        with pytest.raises(RefusedError, match="briefing_leader"):
            await groups.lead(made["code"], wrong, NOW)


async def test_a_conversation_gives_its_language(hub: TestClient, groups: Briefings) -> None:
    traveler = await traveler_of(hub, "kk", "Arab")
    conversation = traveler.conversation["id"]
    made = await groups.make("k", 5, None, NOW, conversation_id=conversation)
    seen = await lead(groups, made)
    assert (seen["language"], seen["script"]) == ("kk", "Arab")
    with pytest.raises(UnknownConversationError):
        await groups.make("k9", 5, None, NOW, conversation_id="never-was")


@pytest.mark.parametrize("people", [0, -1, 201, 500, True, 2.5, "23", None], ids=str)
async def test_a_number_of_people_that_can_not_be_is_refused(
    groups: Briefings, people: Any
) -> None:
    with pytest.raises(RefusedError, match="briefing_people"):
        await make(groups, people=people)


@pytest.mark.parametrize(
    "day", ["2046-11-23", "2046-12-25", "2047-02-31", "tomorrow", "", 5], ids=str
)
async def test_a_day_that_can_not_be_is_refused(groups: Briefings, day: Any) -> None:
    with pytest.raises(RefusedError, match="briefing_day"):
        await make(groups, day=day)


async def test_leader_sees_who_is_ready_who_is_not_and_how_many_did_not_open_it(
    groups: Briefings,
) -> None:
    made = await make(groups, people=4)
    assert await tick(groups, made, "Aigul", "a" * 40, ALL) == {
        "called": "Aigul",
        "done": ALL,
        "ready": True,
    }
    await tick(groups, made, "14A", "b" * 40, [*ALL[:3], "no.such.step"])
    seen = await lead(groups, made)
    assert (seen["people"], seen["ready"], seen["not_opened"]) == (4, 1, 2)
    shown = [(m["called"], m["done"], m["of"], m["ready"]) for m in seen["members"]]
    assert shown == [("Aigul", len(ALL), len(ALL), True), ("14A", 3, len(ALL), False)]
    # what is taken back is not ready any more
    await tick(groups, made, "Aigul", "a" * 40, ALL[1:], 2)
    assert (await lead(groups, made))["ready"] == 0


async def test_what_arrives_late_or_twice_changes_nothing(groups: Briefings) -> None:
    made = await make(groups)
    await tick(groups, made, done=ALL, version=7)
    for version in (7, 3):
        assert (await tick(groups, made, "Other", done=[], version=version))["done"] == ALL
    assert [m["called"] for m in (await lead(groups, made))["members"]] == ["Aigul"]


async def test_the_same_name_twice_is_told_apart_and_a_double_can_be_taken_off(
    groups: Briefings,
) -> None:
    made = await make(groups, people=2)
    await tick(groups, made, "Aigul", "a" * 40)
    assert (await tick(groups, made, "aigul", "b" * 40))["called"] == "aigul (2)"
    one, other = (await lead(groups, made))["members"]
    assert [one["called"], other["called"]] == ["Aigul", "aigul (2)"]
    await groups.remove(made["code"], secret_of(made), other["id"], NOW)
    seen = await lead(groups, made)
    assert [m["called"] for m in seen["members"]] == ["Aigul"]
    assert seen["not_opened"] == 1
    # the phone that was taken off does not come back unseen; who taps again is somebody new
    with pytest.raises(RefusedError, match="briefing_removed"):
        await tick(groups, made, "aigul", "b" * 40, ALL, 2)
    assert (await tick(groups, made, "aigul", "c" * 40))["called"] == "aigul (2)"


async def test_a_leader_takes_nobody_off_another_groups_list(groups: Briefings) -> None:
    mine, other = await make(groups, "k1"), await make(groups, "k2")
    await tick(groups, other)
    (member,) = (await lead(groups, other))["members"]
    await groups.remove(mine["code"], secret_of(mine), member["id"], NOW)
    assert len((await lead(groups, other))["members"]) == 1


async def test_one_phone_with_the_same_token_is_in_two_groups(groups: Briefings) -> None:
    for key in ("k1", "k2"):
        made = await make(groups, key)
        await tick(groups, made)
        assert len((await lead(groups, made))["members"]) == 1


async def test_a_list_takes_no_more_than_its_room_and_more_when_the_leader_says_so(
    groups: Briefings,
) -> None:
    made = await make(groups, people=1)
    for number in range(rules.room(1)):
        await tick(groups, made, "x", f"{number:040}")
    with pytest.raises(RefusedError, match="briefing_full"):
        await tick(groups, made, "x", "z" * 40)
    # who is in may go on
    await tick(groups, made, "x", f"{0:040}", ALL, 2)
    await groups.change(made["code"], secret_of(made), 30, NOW)
    await tick(groups, made, "x", "z" * 40)
    assert (await lead(groups, made))["people"] == 30


async def test_it_ends_by_itself_after_its_day_at_the_port(groups: Briefings) -> None:
    made = await make(groups)
    midnight = datetime(2046, 11, 24, 16, 0, tzinfo=UTC)
    await tick(groups, made, now=midnight - timedelta(seconds=1))
    for asked in (
        groups.open(made["code"], midnight),
        tick(groups, made, version=2, now=midnight),
        lead(groups, made, midnight),
        groups.end(made["code"], secret_of(made), midnight),
    ):
        with pytest.raises(RefusedError, match="briefing_ended"):
            await asked


async def test_after_its_day_names_go_at_once_and_the_rest_a_month_later(
    hub: TestClient, groups: Briefings
) -> None:
    made, later = await make(groups), await make(groups, "k2", day="2046-11-30")
    await tick(groups, made)
    await tick(groups, later)
    database = hub.app[DATABASE]
    for now, left in ((NOW, (2, 2)), (NOW + DAY, (2, 1)), (NOW + REMEMBERED + 2 * DAY, (1, 0))):
        async with database.write() as connection:
            await delete_ended(connection, now)
        assert (await count(database, briefings), await count(database, briefing_members)) == left


async def test_a_deleted_conversation_takes_its_briefing_with_it(
    hub: TestClient, groups: Briefings
) -> None:
    traveler = await traveler_of(hub)
    made = await groups.make("k", 5, None, NOW, conversation_id=traveler.conversation["id"])
    other = await make(groups, "k2")
    for group in (made, other):
        await tick(groups, group)
    await hub.app[LOG].delete(traveler.conversation["id"])
    with pytest.raises(RefusedError, match="briefing_unknown"):
        await groups.open(made["code"], NOW)
    assert await count(hub.app[DATABASE], briefing_members) == 1
    assert (await lead(groups, other))["members"]


async def test_one_without_a_conversation_is_nobodys_leftover(
    hub: TestClient, groups: Briefings
) -> None:
    made = await make(groups)
    async with hub.app[DATABASE].write() as connection:
        await delete_leftovers(connection)
    assert await groups.open(made["code"], NOW)


async def test_a_leader_ends_it_and_nothing_is_left(hub: TestClient, groups: Briefings) -> None:
    made = await make(groups)
    await tick(groups, made)
    await groups.end(made["code"], secret_of(made), NOW)
    for table in (briefings, briefing_members):
        assert await count(hub.app[DATABASE], table) == 0


async def test_a_code_is_read_whatever_its_case(groups: Briefings) -> None:
    made = await make(groups)
    assert (await groups.open(made["code"].lower(), NOW))["code"] == made["code"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Айгүл \n", "Айгүл"),
        ("14A", "14A"),
        ("x" * 40, "x" * 40),
        ("x" * 41, None),
        ("", None),
        (" \u200b\u202e ", None),
        ("A\u202eB", "A B"),
        (5, None),
        (None, None),
    ],
    ids=repr,
)
def test_a_name_is_kept_as_it_can_be_read(written: Any, kept: str | None) -> None:
    assert rules.called(written) == kept


@given(st.lists(st.sampled_from(["a", "A", "a (2)", "b", "a (3)", "ａ"]), max_size=8))
def test_no_two_shown_names_are_the_same(names: list[str]) -> None:
    shown = rules.distinguished(names)
    assert len({name.casefold().replace("ａ", "a") for name in shown}) == len(names)
    assert all(name.startswith(given) for name, given in zip(shown, names))


def test_the_last_second_of_a_day_belongs_to_it() -> None:
    day = date(2046, 11, 24)
    assert not rules.ended(day, datetime(2046, 11, 24, 15, 59, 59, tzinfo=UTC))
    assert rules.ended(day, datetime(2046, 11, 24, 16, 0, tzinfo=UTC))
