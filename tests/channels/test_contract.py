"""What every messaging network must do, whatever its protocol: the same suite over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient

from channels import networks
from channels.base import Address, Channel, Outgoing, Route, split, utf16
from hub.app import make_app
from hub.carrier import Arrival
from hub.clock import SystemClock
from hub.conversation import Message
from hub.database import conversations, routes
from hub.keys import DATABASE, NETWORKS
from hub.outbox import delivery_of
from hub.settings import Settings
from tests.channels.entries import ENTRIES, Entry
from tests.clock import PATIENCE, MovedClock
from tests.stand_in import StandIn


@pytest.fixture(params=networks.NAMES)
async def network(
    request: pytest.FixtureRequest,
    clock: MovedClock,
    aiohttp_server: Callable[..., Awaitable[object]],
) -> Entry:
    entry = ENTRIES[request.param](clock)
    await entry.serve(aiohttp_server)
    return entry


@pytest.fixture
async def hub_on(
    network: Entry,
    settings: Settings,
    clock: MovedClock,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> TestClient:
    """A hub with this network, and no other, on."""
    client = await aiohttp_client(make_app(network.turned_on(settings), clock))
    network.hub = str(client.make_url("/"))
    return client


async def received(network: Entry, who: str, count: int) -> list[str]:
    await network.clock.run_until(lambda: len(network.received(who)) >= count)
    return network.received(who)


def test_every_network_has_its_entry_here_and_its_section_in_the_readme() -> None:
    assert set(ENTRIES) == set(networks.NAMES)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8").lower()
    for name in networks.NAMES:
        assert f"### {name}" in readme


def test_a_network_is_off_until_its_settings_are_there(settings: Settings) -> None:
    assert networks.make(settings, SystemClock()) == []
    assert set(networks.missing(settings)) == set(networks.NAMES)


async def test_it_is_on_with_its_settings_and_no_other_is(
    network: Entry, hub_on: TestClient
) -> None:
    assert [channel.name for channel in hub_on.app[NETWORKS]] == [network.name]


async def test_a_question_comes_in_once_and_its_answer_goes_out_once(
    network: Entry, hub_on: TestClient, assistant: StandIn
) -> None:
    await network.say("Aigul", "may I bring a dog")
    assert await received(network, "Aigul", 1) == ["echo may I bring a dog"]
    (channel,) = hub_on.app[NETWORKS]
    await network.again(channel)
    await network.say("Aigul", "and a cat")
    assert await received(network, "Aigul", 2) == ["echo may I bring a dog", "echo and a cat"]
    assert [asked["metadata"]["channel"] for asked in assistant.asked] == [network.name] * 2


async def test_two_travelers_are_two_conversations_of_that_channel(
    network: Entry, hub_on: TestClient
) -> None:
    await network.say("Aigul", "first")
    await network.say("Ivan", "second")
    assert await received(network, "Aigul", 1) == ["echo first"]
    assert await received(network, "Ivan", 1) == ["echo second"]
    async with hub_on.app[DATABASE].read() as connection:
        found = [row.channel for row in await connection.execute(conversations.select())]
    assert found == [network.name] * 2


@pytest.mark.parametrize(("how", "seconds"), [("later", 30), ("trouble", 0)])
async def test_what_the_network_takes_later_is_sent_again_in_order(
    network: Entry, hub_on: TestClient, how: str, seconds: float
) -> None:
    network.refuse(how)
    began = network.clock.seconds()
    await network.say("Aigul", "first")
    await network.say("Aigul", "second")
    assert await received(network, "Aigul", 2) == ["echo first", "echo second"]
    assert network.clock.seconds() - began >= seconds


@pytest.mark.parametrize(("how", "why"), [("never", "refused"), ("blocked", "blocked")])
async def test_what_the_network_never_takes_is_marked_for_the_desk(
    network: Entry, hub_on: TestClient, how: str, why: str
) -> None:
    network.refuse(how)
    await network.say("Aigul", "first")
    database = hub_on.app[DATABASE]
    async with asyncio.timeout(PATIENCE):
        while True:
            network.clock.step()
            async with database.read() as connection:
                rows = list(await connection.execute(routes.select()))
                found = await delivery_of(connection, rows[0].conversation_id) if rows else {}
            if failed := [each for each in found.values() if each["state"] == "failed"]:
                break
    assert failed == [{"state": "failed", "why": why}]
    await network.say("Aigul", "second")
    assert await received(network, "Aigul", 1) == ["echo second"]


async def test_a_call_for_help_is_answered_while_the_assistant_is_down(
    network: Entry, hub_on: TestClient, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    await network.say("Aigul", "help! he collapsed and is not breathing")
    assert "112" in (await received(network, "Aigul", 1))[0]


async def test_a_long_answer_is_cut_to_what_the_network_carries(
    network: Entry, settings: Settings
) -> None:
    (channel,) = networks.make(network.turned_on(settings), SystemClock())
    sentence = "Ask the duty officer 🙂 at the port. "
    message = Message("assistant", sentence * 400, "en", "Latn", seq=2)
    outgoing = Outgoing(message, None, None, [], None)
    plan = channel.plan(outgoing, _route(channel))
    assert plan == channel.plan(outgoing, _route(channel))
    texts = split(sentence * 400, channel.carries.text, channel.carries.units)
    assert len(plan.parts) == len(texts) > 1
    assert all(channel.carries.units(text) <= channel.carries.text for text in texts)
    assert all(text.endswith(".") for text in texts)
    await channel.close()


def test_parts_lose_nothing_and_end_where_sentences_do() -> None:
    assert split("short", 10) == ["short"]
    assert split("", 10) == []
    assert split("One two. Three four. Five.", 20) == ["One two. Three four.", "Five."]
    assert split("甲乙丙丁。戊己庚辛。壬癸。", 6) == ["甲乙丙丁。", "戊己庚辛。", "壬癸。"]
    assert split("It is 3.5 km from here to there", 8) == [
        "It is",
        "3.5 km",
        "from",
        "here to",
        "there",
    ]
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert split("🙂" * 7, 4, utf16) == ["🙂🙂", "🙂🙂", "🙂🙂", "🙂"]


def test_a_pages_own_id_is_no_networks() -> None:
    arrival = Arrival("telegram", "9.7", "-100", "3")
    assert Arrival.of(arrival.client_id) == arrival
    assert (
        len(Arrival("telegram", "9" * 10 + "." + "9" * 10, "-" + "9" * 14, "9" * 10).client_id)
        <= 64
    )
    for other in (None, "", "c1", "3f2504e0-4f89-11d3-9a0c-0305e82c3301"):
        assert Arrival.of(other) is None


def _route(channel: Channel) -> Route:
    return Route("c", Address(channel.name, "5", "5"))
