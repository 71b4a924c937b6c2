"""Handing off in the really started system: asked in words, taken at the desk, given back."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import aiohttp
import pytest

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


@pytest.mark.parametrize("victim", [None, "hub", "assistant", "actions"])
async def test_a_traveler_asks_for_an_officer_who_answers_and_gives_back(
    system: System, victim: str | None
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        headers = await officer_at(system, session, f"li-{victim or 'none'}".lower())
        traveler = await Traveler.arrive(session, system.url, language="kk", script="Arab")
        conversation = traveler.conversation["id"]
        one = f"{system.url}/desk/api/conversations/{conversation}"

        async def officer(what: str, **body: object) -> None:
            """Tries until it is taken, as the page does while the hub is away."""
            while True:
                try:
                    async with session.post(f"{one}/{what}", json=body, headers=headers) as answer:
                        assert answer.status in (200, 202), await answer.text()
                        return
                except aiohttp.ClientConnectionError:
                    continue

        if victim:
            system.signal("actions", signal.SIGSTOP)
            stopped = system.pid("actions")
            await traveler.say("وفيتسەرمەن سويلەسكىم كەلەدى", "first")
            await traveler.until_working()
            system.signal(victim, signal.SIGKILL)
            if system.pid("actions") == stopped:
                system.signal("actions", signal.SIGCONT)
        else:
            await traveler.say("وفيتسەرمەن سويلەسكىم كەلەدى", "first")
        shown = await traveler.log_until(answers=2)
        queued, told = (message for message in shown if message["author"] != "traveler")
        assert (queued["author"], told["author"]) == ("system", "assistant")
        assert (told["language"], told["script"]) == ("kk", "Arab")

        await officer("claim")
        await officer("messages", client_id="p1", phrase="wait_minutes", values={"minutes": 5})
        await traveler.say("راقمەت", "second")
        await officer("release")
        await traveler.say("ۆيزا كەرەك پە", "third")
        shown = await traveler.log_until(answers=6)
        assert [message["seq"] for message in shown] == list(range(1, 10))
        assert [message["author"] for message in shown] == [
            "traveler",
            "system",
            "assistant",
            "system",
            "officer",
            "traveler",
            "system",
            "traveler",
            "assistant",
        ]
        assert "5 مينۋت" in shown[4]["text"]
        assert shown == await traveler.messages()
    system.wait_until_up()
