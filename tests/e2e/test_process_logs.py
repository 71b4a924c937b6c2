"""What the really started processes log of a message that fails: no number of a person in it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from tests.stand_in import StandIn
from tests.system import ROOT, SERVICE_TOKEN, System, free_ports, get_json, wait_for
from tests.talk import Traveler

PASSPORT, COVERED = "E12345678", "●●●●●●●78"

# the answers are looked up by the language, so that an unknown one is named in the error
MESSAGE = {
    "sender": "someone",
    "message": '/policy{"topic": "pets"}',
    "message_id": "m1",
    "metadata": {"language": PASSPORT, "script": "Latn"},
}
ACTION = {
    "next_action": "action_answer_policy",
    "sender_id": "someone",
    "tracker": {
        "sender_id": "someone",
        "latest_message": {
            "entities": [{"entity": "topic", "value": "pets"}],
            "language": {"code": PASSPORT, "script": "Latn"},
        },
    },
    "domain": {},
}


@pytest.mark.parametrize(
    ("name", "path", "body", "status"),
    [("assistant", "/webhooks/hub/webhook", MESSAGE, 503), ("actions", "/webhook", ACTION, 500)],
)
async def test_assistant_and_actions_cover_it_also_in_tracebacks(
    system: System, name: str, path: str, body: dict[str, Any], status: int
) -> None:
    port = system.assistant_port if name == "assistant" else system.actions_port
    token = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}{path}", json=body, headers=token) as response,
    ):
        assert response.status == status
    log = system.var / "log" / f"{name}.log"
    wait_for(lambda: COVERED in log.read_text(), "the failure in the log", 10)
    assert PASSPORT not in log.read_text()


async def test_the_hub_covers_what_the_assistant_says_of_a_failure(
    tmp_path: Path,
    assistant: StandIn,
    aiohttp_server: Callable[..., Awaitable[TestServer]],
) -> None:
    assistant.fail_next = [(503, f"turn_failed: '我的护照{PASSPORT}丢了'")]
    server = await aiohttp_server(assistant.application())
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{server.port}"
    log = tmp_path / "hub.log"
    with log.open("w") as file:
        hub = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "hub",
            cwd=ROOT,
            env={
                **os.environ,
                "VAR_DIR": str(tmp_path / "var"),
                "HUB_PORT": str(port),
                "ASSISTANT_URL": url,
                "ACTIONS_URL": url,
            },
            stdout=file,
            stderr=asyncio.subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        await asyncio.to_thread(wait_for, lambda: get_json(f"{address}/health"), "the hub", 30)
        async with aiohttp.ClientSession() as session:
            traveler = await Traveler.arrive(session, address, language="zh")
            await traveler.ask(f"我的护照{PASSPORT}丢了")
    finally:
        hub.terminate()
        await hub.wait()
    written = log.read_text()
    assert f"我的护照{COVERED}丢了" in written
    assert PASSPORT not in written
