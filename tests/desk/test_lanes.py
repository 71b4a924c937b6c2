"""Officers enter how many wait at each lane; colleagues see who did, when, and the log keeps it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from hub.keys import DATABASE
from tests.desk.officer_page import Arrive, Officer
from tests.desk.officers import audited
from tests.talk import LONG


async def seen(officer: Officer) -> dict[str, Any]:
    return {each["lane"]: each for each in (await officer.see("lanes"))["lanes"]}


async def test_a_figure_is_seen_by_all_with_who_entered_it_and_is_audited(
    hub: TestClient, officers: Arrive
) -> None:
    anna, boris = await officers("anna", "03"), await officers("boris", "04")
    status, answer = await anna.change(
        "POST",
        "lanes",
        figures=[
            {"lane": "passengers_out", "waiting": 40, "minutes": 15},
            {"lane": "trucks_in", "waiting": 7},
        ],
    )
    assert status == 200
    assert answer["stale_after"] == 1800
    found = await seen(boris)
    assert list(found) == [each["lane"] for each in answer["lanes"]]
    out = found["passengers_out"]
    assert (out["waiting"], out["minutes"], out["known"], out["counts"]) == (40, 15, True, "people")
    assert out["officer"]["number"] == "03"
    assert (found["trucks_in"]["waiting"], found["trucks_in"]["counts"]) == (7, "vehicles")
    assert found["trucks_out"]["at"] is None
    noted = [
        detail for what, _, detail in await audited(hub.app[DATABASE]) if what == "lane_figure"
    ]
    assert noted == [
        {"lane": "passengers_out", "waiting": 40, "minutes": 15},
        {"lane": "trucks_in", "waiting": 7, "minutes": None},
    ]
    await boris.change("POST", "lanes", figures=[{"lane": "trucks_in", "waiting": None}])
    assert not (await seen(anna))["trucks_in"]["known"]


@pytest.mark.parametrize(
    "figures",
    [
        None,
        [],
        ["trucks_in"],
        [{"waiting": 3}],
        [{"lane": "trucks_in", "waiting": 3}, {"lane": "nowhere", "waiting": 3}],
        [{"lane": "trucks_in", "waiting": 2.5}],
    ],
)
async def test_what_is_no_figure_changes_nothing(
    hub: TestClient, officers: Arrive, figures: Any
) -> None:
    anna = await officers("anna", "03")
    status, answer = await anna.change("POST", "lanes", figures=figures)
    assert (status, answer["error"]["code"]) == (400, "bad_request")
    assert not any(lane["known"] for lane in (await seen(anna)).values())


async def test_only_a_signed_in_officer_with_the_sessions_token_enters_figures(
    hub: TestClient, officers: Arrive
) -> None:
    assert (await hub.get("/desk/api/lanes")).status == 401
    anna = await officers("anna", "03")
    anna.csrf = {"X-CSRF-Token": "another"}
    figures = [{"lane": "trucks_in", "waiting": 3}]
    assert (await anna.change("POST", "lanes", figures=figures))[0] == 403


async def test_open_pages_are_told_that_a_figure_changed(hub: TestClient, officers: Arrive) -> None:
    anna = await officers("anna", "03")
    stream = anna.events()
    async with asyncio.timeout(LONG):
        assert (await anext(stream))[0] == "queue"
        await anna.change("POST", "lanes", figures=[{"lane": "trucks_in", "waiting": 3}])
        async for name, _ in stream:
            if name == "lanes":
                break
    await stream.aclose()
