"""Handing off in the really started system: asked in words, taken at the desk, given back."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Coroutine
from typing import Any

import aiohttp
import pytest

from tests.proxy import Proxy
from tests.system import ROOT, System
from tests.talk import Traveler

PASSWORD = "құпиясөз-2026"


def invite(system: System, login: str, number: str) -> str:
    """The token of the one-time link that the shell prints."""
    printed = subprocess.run(
        [sys.executable, "-m", "desk", "add", login, "--role", "officer", "--number", number],
        cwd=ROOT,
        env={"PATH": "", "VAR_DIR": str(system.var), "HUB_PORT": str(system.port)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (token,) = re.findall(r"/desk/invitation#(\S+)", printed)
    return str(token)


async def officer_at(system: System, session: aiohttp.ClientSession, login: str) -> dict[str, str]:
    """Signs an officer in and on duty; returns the header that changes need."""
    api = f"{system.url}/desk/api"
    body = {"token": invite(system, login, "07"), "password": PASSWORD}
    async with session.post(f"{api}/invitations/accept", json=body) as response:
        assert response.status == 204
    async with session.post(
        f"{api}/sign-in", json={"login": login, "password": PASSWORD}
    ) as response:
        assert response.status == 200
        headers = {"X-CSRF-Token": (await response.json())["csrf"]}
    async with session.patch(f"{api}/me", json={"presence": "on_duty"}, headers=headers) as answer:
        assert answer.status == 200
    return headers


AUTHORS = [
    *("traveler", "system", "assistant"),
    *("system", "officer", "traveler", "system"),
    *("traveler", "assistant"),
]


@pytest.mark.parametrize("victim", [None, "hub", "assistant", "actions", "connections"])
async def test_the_story_of_a_handoff_is_whole_whatever_breaks_at_every_step(
    system: System, victim: str | None
) -> None:
    """Asks, is taken, gets a phrase, thanks, is given back, asks again: each is struck once."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        aiohttp.ClientSession(cookie_jar=jar) as session,
        Proxy(system.port).running() as way,
    ):
        headers = await officer_at(system, session, f"li-{victim or 'none'}".lower())
        traveler = await Traveler.arrive(session, way.url, language="kk", script="Arab")
        one = f"{way.url}/desk/api/conversations/{traveler.conversation['id']}"

        async def officer(what: str, **body: object) -> None:
            """Tries until it is taken, as the page does while there is no connection."""
            tried = 0
            while True:
                tried += 1
                try:
                    async with session.post(f"{one}/{what}", json=body, headers=headers) as answer:
                        # given back already, when only the answer was lost
                        done = tried > 1 and what == "release" and answer.status == 409
                        assert done or answer.status in (200, 202), await answer.text()
                        return
                except aiohttp.ClientConnectionError:
                    continue

        async def strike() -> None:
            if victim == "connections":
                way.cut()
            elif victim:
                # looking for a process takes a while, in which the step goes on
                await asyncio.to_thread(system.signal, victim, signal.SIGKILL)

        async def step(work: Coroutine[object, object, object], messages: int) -> None:
            """One step while something breaks; ends when the traveler's page shows it."""
            await asyncio.gather(work, strike())
            shown = await traveler.log_until(messages=messages)
            assert [message["seq"] for message in shown] == list(range(1, messages + 1))

        await step(traveler.say("وفيتسەرمەن سويلەسكىم كەلەدى", "first"), 3)
        await step(officer("claim"), 4)
        phrase = {"client_id": "p1", "phrase": "wait_minutes", "values": {"minutes": 5}}
        await step(officer("messages", **phrase), 5)
        await step(traveler.say("راقمەت", "second"), 6)
        await step(officer("release"), 7)
        await step(traveler.say("ۆيزا كەرەك پە", "third"), 9)

        shown = await traveler.messages()
        assert [message["author"] for message in shown] == AUTHORS
        assert "5 مينۋت" in shown[4]["text"]
        assert (shown[2]["language"], shown[2]["script"]) == ("kk", "Arab")
        whole = await _json(session.get(one))
        assert [each["owner"] for each in whole["history"]] == ["queue", "officer", "assistant"]
        assert [message["seq"] for message in whole["messages"]] == list(range(1, 10))
    system.wait_until_up()


async def _json(request: Any) -> Any:
    async with request as response:
        assert response.status == 200, await response.text()
        return await response.json()
