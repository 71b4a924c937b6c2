"""A traveler's request in tests: what the assistant's actions tell the hub, what officers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.test_utils import TestClient

from bot.clocks import ZONES
from hub.keys import SETTINGS
from tests.talk import Traveler


def details(ahead: timedelta = timedelta(days=1), **other: Any) -> dict[str, Any]:
    """Of a wheelchair for three, some time ahead, by the port's clock."""
    due = datetime.now(UTC).astimezone(ZONES["beijing"]) + ahead
    return {
        "help": ["wheelchair"],
        "people": 3,
        "direction": "leaving_china",
        "date": f"{due:%Y-%m-%d}",
        "time": f"{due:%H:%M}",
        "zone": "beijing",
        "vehicle": "bus",
        **other,
    }


async def internal(hub: TestClient, path: str, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {hub.app[SETTINGS].service_token}"}
    response = await hub.post(f"/internal/requests{path}", json=body, headers=headers)
    assert response.status == 200, await response.text()
    return await response.json()


async def make_request(
    hub: TestClient, traveler: Traveler, key: str = "1", **told: Any
) -> dict[str, Any]:
    """``{"number", "state"}`` of a special lane request, as the form asks for it."""
    return await make_of_kind(hub, traveler, "special_lane", details(**told), key)


async def make_of_kind(
    hub: TestClient, traveler: Traveler, kind: str, told: dict[str, Any], key: str = "1"
) -> dict[str, Any]:
    """The same of any kind, with its details."""
    conversation = traveler.conversation["id"]
    made: dict[str, Any] = await internal(
        hub,
        "",
        conversation_id=conversation,
        kind=kind,
        key=f"{conversation}:{key}",
        details=told,
    )
    return made


def of_every_kind() -> dict[str, dict[str, Any]]:
    """Details of one request of each kind, in a day where they have a day."""
    due = {name: details()[name] for name in ("date", "time", "zone")}
    return {
        "special_lane": details(),
        "lost_item": {"what": "a green bag", "where": "hall", "contact": "+77011234567"},
        "complaint": {"tone": "complaint", "text": "They shouted at us", "anonymous": False},
        "interpreter": {"languages": ["kk"], "place": "window 3", **due},
        "appointment": {
            "cargo": "apples",
            "vehicle": "truck",
            "count": 2,
            "direction": "entering_china",
            **due,
        },
    }


ANONYMOUS = {"tone": "complaint", "text": "The toilets are filthy", "anonymous": True}


async def change_request(
    hub: TestClient, request: dict[str, Any], what: str, csrf: dict[str, str], **body: Any
) -> Any:
    path = f"/desk/api/requests/{request['number']}/{what}"
    response = await hub.post(path, json=body, headers=csrf)
    assert response.status == 200, await response.text()
    return await response.json()
