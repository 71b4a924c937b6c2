"""The API of groups' briefings: who has which key sees and changes what, and clear errors else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import segno
from aiohttp.test_utils import TestClient

from bot import briefing
from bot.language import SCRIPTS
from hub.app import make_app
from hub.briefing_rules import keys
from hub.keys import SETTINGS
from hub.rate_limits import ADDRESS_BRIEFINGS, MEMBER_TICKS
from hub.settings import Settings
from tests.clock import MovedClock
from tests.desk.officer_page import traveler_of

ALL = list(keys(briefing.load()))
LANGUAGES = [(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


class Phone:
    """A member's phone: one token, its version counted."""

    def __init__(self, hub: TestClient, code: str, name: str = "phone-1") -> None:
        self.hub, self.code, self.token, self.version = hub, code, name.ljust(32, "0"), 0

    async def put(self, **entry: Any) -> tuple[int, Any]:
        self.version += 1
        body = {
            "called": "Aigul",
            "language": "kk",
            "script": "Arab",
            "done": [],
            "version": self.version,
            **entry,
        }
        path = f"/api/briefings/{self.code}/member"
        return await answer(self.hub, "PUT", path, self.token, json=body)


async def answer(
    hub: TestClient, method: str, path: str, token: str = "", **options: Any
) -> tuple[int, Any]:
    headers = {"Accept-Language": "ru", **({"Authorization": f"Bearer {token}"} if token else {})}
    response = await hub.request(method, path, headers=headers, **options)
    return response.status, await response.json() if response.status != 204 else None


async def make(hub: TestClient, key: str = "page-key-0000000001", **more: Any) -> dict[str, Any]:
    body = {"key": key, "people": 3, "language": "zh", **more}
    status, made = await answer(hub, "POST", "/api/briefings", json=body)
    assert status == 201, made
    return dict(made)


def secret_of(made: dict[str, Any]) -> str:
    return urlsplit(made["leader_link"]).fragment


def refused(code: str, got: tuple[int, Any]) -> int:
    status, body = got
    assert body["error"]["code"] == code
    assert any("а" <= letter <= "я" for letter in body["error"]["message"].lower())
    return status


async def test_a_leader_makes_one_without_a_chat_and_the_same_try_is_the_same(
    hub: TestClient,
) -> None:
    made = await make(hub)
    assert await make(hub) == made
    link = f"{hub.app[SETTINGS].public_url}briefing/{made['code']}"
    assert made["link"] == link
    assert made["leader_link"].startswith(f"{link}/leader#")
    status, shown = await answer(hub, "GET", f"/api/briefings/{made['code']}")
    assert (status, shown) == (200, {"code": made["code"], "day": made["day"]})


async def test_the_assistant_makes_one_for_a_conversation(hub: TestClient) -> None:
    traveler = await traveler_of(hub, "kk", "Arab")
    body = {"conversation_id": traveler.conversation["id"], "key": "c:1", "people": 23}
    token = hub.app[SETTINGS].service_token
    status, made = await answer(hub, "POST", "/internal/briefings", token, json=body)
    assert (status, made["people"]) == (200, 23)
    assert (await answer(hub, "POST", "/internal/briefings", token, json=body))[1] == made
    assert (await hub.post("/internal/briefings", json=body)).status == 403
    wrong = {**body, "key": "c:2", "people": 0}
    got = await answer(hub, "POST", "/internal/briefings", token, json=wrong)
    assert refused("briefing_people", got) == 400


async def test_a_pages_key_opens_nothing_that_the_assistant_made(hub: TestClient) -> None:
    traveler = await traveler_of(hub)
    key = "conversation-1234:17".replace(":", "-")
    body = {"conversation_id": traveler.conversation["id"], "key": key, "people": 2}
    token = hub.app[SETTINGS].service_token
    _, made = await answer(hub, "POST", "/internal/briefings", token, json=body)
    assert (await make(hub, key))["code"] != made["code"]


async def test_members_tick_and_the_leader_sees_it(hub: TestClient) -> None:
    made = await make(hub)
    one, other = Phone(hub, made["code"]), Phone(hub, made["code"], "phone-2")
    assert (await one.put(done=ALL[:2])) == (
        200,
        {"called": "Aigul", "done": ALL[:2], "ready": False},
    )
    assert (await one.put(done=ALL))[1]["ready"]
    assert (await other.put())[1]["called"] == "Aigul (2)"
    path = f"/api/briefings/{made['code']}"
    status, seen = await answer(hub, "GET", f"{path}/leader", secret_of(made))
    assert (status, seen["ready"], seen["not_opened"], seen["link"]) == (200, 1, 1, made["link"])
    gone = f"{path}/members/{seen['members'][1]['id']}"
    status, seen = await answer(hub, "DELETE", gone, secret_of(made))
    assert [m["called"] for m in seen["members"]] == ["Aigul"]
    assert refused("briefing_removed", await other.put()) == 409
    status, seen = await answer(hub, "PATCH", f"{path}/leader", secret_of(made), json={"people": 9})
    assert (seen["people"], seen["not_opened"]) == (9, 8)
    assert (await answer(hub, "DELETE", f"{path}/leader", secret_of(made)))[0] == 204
    assert refused("briefing_unknown", await answer(hub, "GET", path)) == 404


async def test_without_the_leaders_key_nothing_of_the_group_is_seen_or_changed(
    hub: TestClient,
) -> None:
    made = await make(hub)
    phone = Phone(hub, made["code"])
    await phone.put(called="Secretname")
    path = f"/api/briefings/{made['code']}"
    for method, end in (
        ("GET", "/leader"),
        ("PATCH", "/leader"),
        ("DELETE", "/leader"),
        ("DELETE", "/members/1"),
    ):
        for token, code in (("", "no_token"), (phone.token, "briefing_leader")):
            got = await answer(hub, method, path + end, token, json={"people": 5})
            assert refused(code, got) in (401, 403)
            assert "Secretname" not in str(got)
    _, seen = await answer(hub, "GET", f"{path}/leader", secret_of(made))
    assert (seen["people"], len(seen["members"])) == (3, 1)


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"called": "  "}, "briefing_name"),
        ({"called": "x" * 41}, "briefing_name"),
        ({"done": "all"}, "bad_request"),
        ({"done": ["x"] * 501}, "bad_request"),
        ({"version": -1}, "bad_request"),
        ({"version": "1"}, "bad_request"),
        ({"language": "de"}, "unsupported_language"),
        ({"script": 5}, "unsupported_language"),
        ({"script": {}}, "unsupported_language"),
    ],
    ids=str,
)
async def test_an_entry_that_can_not_be_used_is_refused(
    hub: TestClient, entry: dict[str, Any], code: str
) -> None:
    made = await make(hub)
    assert refused(code, await Phone(hub, made["code"]).put(**entry)) == 400
    _, seen = await answer(hub, "GET", f"/api/briefings/{made['code']}/leader", secret_of(made))
    assert seen["members"] == []


async def test_ticks_that_are_none_are_dropped(hub: TestClient) -> None:
    phone = Phone(hub, (await make(hub))["code"])
    odd = [ALL[0], ALL[0], 5, None, {"a": 1}, [], "no.such", "\ud83d"]
    assert (await phone.put(done=odd))[1]["done"] == ALL[:1]


async def test_a_weak_token_or_key_is_refused(hub: TestClient) -> None:
    made = await make(hub)
    got = await answer(hub, "PUT", f"/api/briefings/{made['code']}/member", "short", json={})
    assert refused("bad_request", got) == 400
    body = {"key": "short", "people": 3, "language": "zh"}
    assert refused("bad_request", await answer(hub, "POST", "/api/briefings", json=body)) == 400


async def test_there_is_a_limit_to_making_and_to_ticking(hub: TestClient) -> None:
    for number in range(int(ADDRESS_BRIEFINGS.burst)):
        made = await make(hub, f"page-key-{number:010}")
    body = {"key": "page-key-of-one-more", "people": 3, "language": "zh"}
    got = await answer(hub, "POST", "/api/briefings", json=body)
    assert refused("rate_limited", got) == 429
    phone = Phone(hub, made["code"])
    for _ in range(int(MEMBER_TICKS.burst)):
        assert (await phone.put())[0] == 200
    assert refused("rate_limited", await phone.put()) == 429
    # a neighbour may go on
    assert (await Phone(hub, made["code"], "phone-2").put())[0] == 200


async def test_after_its_day_everything_says_so(
    settings: Settings, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> None:
    clock = MovedClock()
    hub = await aiohttp_client(make_app(settings, clock))
    made = await make(hub)
    phone = Phone(hub, made["code"])
    await phone.put()
    await clock.run_for(timedelta(days=1).total_seconds())
    path = f"/api/briefings/{made['code']}"
    for got in (
        await answer(hub, "GET", path),
        await phone.put(),
        await answer(hub, "GET", f"{path}/leader", secret_of(made)),
    ):
        assert refused("briefing_ended", got) == 410


@pytest.mark.parametrize(("code", "script"), LANGUAGES)
async def test_the_steps_come_in_language_and_script(
    hub: TestClient, code: str, script: str
) -> None:
    response = await hub.get(f"/briefing/words/{code}.json?script={script}")
    told = await response.json()
    assert [step["key"] for step in told["steps"]] == [step.key for step in briefing.load()]
    ticks = [key for step in told["steps"] for key in _ticks(step)]
    assert ticks == ALL
    assert all(step["title"] and step["text"] for step in told["steps"])
    assert any(step["sources"] for step in told["steps"])
    if script == "Arab":
        assert not any("а" <= letter <= "я" for letter in str(told["steps"]))
    assert len(told["page"]["months"]) == 12


def _ticks(step: dict[str, Any]) -> list[str]:
    return [step["key"], *(item["key"] for item in step["items"])]


async def test_the_code_is_the_link(hub: TestClient) -> None:
    made = await make(hub)
    response = await hub.get(f"/briefing/{made['code'].lower()}/qr.svg")
    assert response.headers["Content-Type"] == "image/svg+xml"
    picture = ET.fromstring(await response.text())  # noqa: S314 - our own
    side = segno.make(made["link"], error="q", micro=False).symbol_size(border=4)[0]
    assert picture.get("viewBox") == f"0 0 {side} {side}"


@pytest.mark.parametrize("path", ["new", "ABCD2345", "ABCD2345/leader"])
async def test_pages_stand_in_nobodys_frame_and_run_own_files_only(
    hub: TestClient, path: str
) -> None:
    response = await hub.get(f"/briefing/{path}")
    assert response.status == 200
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in await response.text()
