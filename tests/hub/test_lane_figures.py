"""Figures of lanes: told with their time, and no longer once they are old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import SCRIPTS
from hub.keys import LANES, SETTINGS
from hub.lane_figures import STALE_AFTER, BadFigureError, lanes

NOW = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)


async def nothing(_connection: AsyncConnection) -> None:
    pass


async def enter(hub: TestClient, now: datetime = NOW, **figures: Any) -> None:
    await hub.app[LANES].enter(figures, 1, now, nothing)


async def latest(hub: TestClient, now: datetime = NOW) -> dict[str, Any]:
    return {figure.lane: figure for figure in await hub.app[LANES].latest(now)}


async def test_a_lane_without_a_figure_is_not_known(hub: TestClient) -> None:
    found = await latest(hub)
    assert list(found) == list(lanes())
    assert not any(figure.known or figure.at for figure in found.values())


async def test_a_figure_is_known_for_half_an_hour(hub: TestClient) -> None:
    await enter(hub, passengers_out=(40, 15), trucks_out=(0, None))
    found = await latest(hub, NOW + STALE_AFTER)
    out = found["passengers_out"]
    assert (out.waiting, out.minutes, out.at, out.known) == (40, 15, NOW, True)
    assert (found["trucks_out"].waiting, found["trucks_out"].known) == (0, True)
    assert not found["passengers_in"].known
    late = (await latest(hub, NOW + STALE_AFTER + timedelta(seconds=1)))["passengers_out"]
    assert (late.waiting, late.at, late.known) == (40, NOW, False)


async def test_the_last_figure_counts_and_can_be_taken_back(hub: TestClient) -> None:
    await enter(hub, passengers_out=(40, 15))
    await enter(hub, NOW + timedelta(minutes=1), passengers_out=(25, None))
    out = (await latest(hub))["passengers_out"]
    assert (out.waiting, out.minutes) == (25, None)
    await enter(hub, NOW + timedelta(minutes=2), passengers_out=(None, None))
    out = (await latest(hub))["passengers_out"]
    assert (out.waiting, out.at, out.known) == (None, None, False)


@pytest.mark.parametrize(
    "figure",
    [
        {"no_such_lane": (1, None)},
        {"trucks_in": (-1, None)},
        {"trucks_in": (10_000, None)},
        {"trucks_in": (True, None)},
        {"trucks_in": ("5", None)},
        {"trucks_in": (5, 1441)},
        {"trucks_in": (None, 5)},
    ],
)
async def test_a_figure_that_cannot_be_is_refused_with_all_that_came_with_it(
    hub: TestClient, figure: dict[str, Any]
) -> None:
    with pytest.raises(BadFigureError):
        await enter(hub, **{"passengers_out": (3, None), **figure})
    assert not (await latest(hub))["passengers_out"].known


async def test_the_assistant_gets_all_lanes_over_the_service_token(hub: TestClient) -> None:
    await enter(hub, datetime.now(UTC), passengers_out=(40, None))
    assert (await hub.post("/internal/queue", json={})).status == 403
    headers = {"Authorization": f"Bearer {hub.app[SETTINGS].service_token}"}
    answer = await (await hub.post("/internal/queue", json={}, headers=headers)).json()
    told = {each.pop("lane"): each for each in answer["lanes"]}
    assert list(told) == list(lanes())
    assert told["passengers_out"].pop("at") > "2026"
    assert told["passengers_out"] == {"waiting": 40, "minutes": None, "known": True}
    assert told["trucks_in"] == {"waiting": None, "minutes": None, "at": None, "known": False}


def test_every_lane_has_its_names_and_what_is_counted() -> None:
    for key, lane in lanes().items():
        assert len(key) <= 32
        assert lane["counts"] in ("people", "vehicles")
        assert set(lane["name"]) == set(SCRIPTS)
        assert lane["asked"]
