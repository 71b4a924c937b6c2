"""How quick an officer's words reach the traveler while the port is full: ``make bench-desk``.

The hub is really started, on a database of its own, with a stand-in for the assistant. ``HELD``
conversations are with ``OFFICERS`` officers, each of whom has the queue and all of theirs open;
travelers who only read fill up to ``STREAMS`` event streams. Officers then write in turns,
``RATE`` messages a second, and each message's way to its traveler's stream is timed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.language import Language, LanguageState
from deploy.start import ROOT
from desk.credentials import token_hash
from desk.sessions import COOKIE
from desk.tables import desk_sessions, officers
from hub.database import Database, conversations

OFFICERS, HELD, STREAMS = 50, 200, 2000
MESSAGES, RATE = 600, 10.0
"""A second: an answer in each conversation every twenty seconds."""
PORT, BEHIND = 18081, 18082
URL = f"http://127.0.0.1:{PORT}"
RESULTS = ROOT / "bench" / "results"

AT_MOST_P95 = 100.0
"""Milliseconds from an officer's send to the traveler's stream."""


@dataclass
class Port:
    """Who is at the port, and what has been measured; times in seconds."""

    conversations: list[tuple[str, str]]
    officers: list[tuple[int, str, str]]
    sent: dict[str, float] = field(default_factory=dict)
    took: list[float] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    begun: int = 0

    def holder(self, index: int) -> tuple[int, str, str]:
        """The officer who has conversation number ``index``."""
        return self.officers[index % len(self.officers)]

    def saw(self, text: str) -> None:
        """A traveler's stream has brought a text."""
        if (began := self.sent.pop(text, None)) is not None:
            self.took.append(time.perf_counter() - began)
            self.arrived.set()


async def arrivals(url: str) -> Port:
    """Conversations as ``(id, token)`` and officers as ``(id, cookie, csrf)``, made in the
    database: the hub would rightly hold back so many of one address."""
    database = Database(url)
    await database.migrate()
    now = datetime.now(UTC)
    people = [
        (secrets.token_urlsafe(16), secrets.token_urlsafe(24))
        for _ in range(STREAMS - OFFICERS - HELD)
    ]
    signed_in = []
    async with database.write() as connection:
        await connection.execute(
            conversations.insert(),
            [
                {
                    "id": conversation_id,
                    "token_hash": hashlib.sha256(token.encode()).hexdigest(),
                    "channel": "web",
                    "owner": "assistant",
                    "language_state": asdict(LanguageState(current=Language("kk", "Cyrl"))),
                    "last_seq": 0,
                    "created_at": now,
                    "updated_at": now,
                }
                for conversation_id, token in people
            ],
        )
        for number in range(1, OFFICERS + 1):
            cookie, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            await connection.execute(
                officers.insert().values(
                    id=number,
                    login=f"officer{number}",
                    role="officer",
                    number=str(number),
                    name="",
                    name_shown=False,
                    languages=["zh"],
                    presence="on_duty",
                    disabled=False,
                    created_at=now,
                )
            )
            await connection.execute(
                desk_sessions.insert().values(
                    token_hash=token_hash(cookie),
                    officer_id=number,
                    csrf=csrf,
                    created_at=now,
                    seen_at=now,
                )
            )
            signed_in.append((number, cookie, csrf))
    await database.close()
    return Port(people, signed_in)


@contextlib.asynccontextmanager
async def hub(folder: Path) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A hub of its own, until it answers and until the end."""
    behind = f"http://127.0.0.1:{BEHIND}"
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "HUB_PORT": str(PORT),
        "ASSISTANT_URL": behind,
        "ACTIONS_URL": behind,
    }
    assistant = await stand_in_for_the_assistant()
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 — nothing else runs yet
            [sys.executable, "-m", "hub"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        async with aiohttp.ClientSession() as session:
            while process.poll() is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{URL}/health"):
                        break
                await asyncio.sleep(0.1)
        yield process
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, 10)
        except subprocess.TimeoutExpired:
            process.kill()
        await assistant.cleanup()


async def stand_in_for_the_assistant() -> web.AppRunner:
    """Is up and learns who speaks; the officers' words are nothing to answer."""

    async def well(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    app = web.Application()
    app.router.add_get("/health", well)
    app.router.add_get("/webhooks/hub/", well)
    app.router.add_post("/webhooks/hub/events", well)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", BEHIND).start()
    return runner


async def read(session: aiohttp.ClientSession, path: str, headers: Any, port: Port) -> None:
    """Reads an event stream until cancelled."""
    async with session.get(URL + path, headers=headers) as response:
        response.raise_for_status()
        begun = False
        async for line in response.content:
            if not begun and line.startswith(b"data: "):
                begun = True
                port.begun += 1
            if line.startswith(b"data: ") and b'"seq"' in line:
                data = json.loads(line[6:])
                if "client_id" in data and path.startswith("/api"):
                    port.saw(data["text"])


def cookies(officer: tuple[int, str, str]) -> dict[str, str]:
    return {"Cookie": f"{COOKIE}={officer[1]}", "X-CSRF-Token": officer[2]}


async def write(session: aiohttp.ClientSession, port: Port) -> None:
    """Officers write in turns, at an even pace whatever the answers take."""
    async with asyncio.TaskGroup() as sending:
        began = time.perf_counter()
        for number in range(MESSAGES):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            sending.create_task(say(session, port, number))
    while port.sent:
        port.arrived.clear()
        await asyncio.wait_for(port.arrived.wait(), 30)


async def say(session: aiohttp.ClientSession, port: Port, number: int) -> None:
    index = number % HELD
    text = f"Күте тұрыңыз {number}"
    port.sent[text] = time.perf_counter()
    async with session.post(
        f"{URL}/desk/api/conversations/{port.conversations[index][0]}/messages",
        json={"client_id": f"n{number}", "text": text},
        headers=cookies(port.holder(index)),
    ) as response:
        assert response.status == 202, await response.text()


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


async def measure(folder: Path) -> dict[str, float]:
    port = await arrivals(f"sqlite+aiosqlite:///{folder}/hub.db")
    unlimited = aiohttp.TCPConnector(limit=0)
    jar = aiohttp.DummyCookieJar()
    never = aiohttp.ClientTimeout(total=None)
    async with (
        hub(folder) as process,
        aiohttp.ClientSession(connector=unlimited, cookie_jar=jar, timeout=never) as session,
    ):
        for index, (conversation, _) in enumerate(port.conversations[:HELD]):
            async with session.post(
                f"{URL}/desk/api/conversations/{conversation}/claim",
                json={},
                headers=cookies(port.holder(index)),
            ) as response:
                assert response.status == 200, await response.text()
        before = resident(process.pid)
        paths: list[tuple[str, dict[str, str]]] = [
            (f"/api/conversations/{conversation}/events", {"Authorization": f"Bearer {token}"})
            for conversation, token in port.conversations
        ]
        paths += [("/desk/api/events", cookies(officer)) for officer in port.officers]
        paths += [
            (f"/desk/api/conversations/{conversation}/events", cookies(port.holder(index)))
            for index, (conversation, _) in enumerate(port.conversations[:HELD])
        ]
        streams = [asyncio.create_task(read(session, *path, port)) for path in paths]
        # a stream counts once it has told its first state
        while port.begun < len(streams):
            failed = [task for task in streams if task.done()]
            assert not failed, failed[0].exception()
            await asyncio.sleep(0.1)
        memory = (resident(process.pid) - before) / len(streams)
        used = time.process_time()
        await write(session, port)
        used = time.process_time() - used
        for task in streams:
            task.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
    assert len(port.took) == MESSAGES, "a message was lost"
    return {
        "streams": len(streams),
        "p50_ms": statistics.median(port.took) * 1000,
        "p95_ms": statistics.quantiles(port.took, n=20)[-1] * 1000,
        "max_ms": max(port.took) * 1000,
        "kb_a_stream": memory / 1024,
        "own_cpu_s": used,
    }


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    try:
        found = asyncio.run(measure(folder))
    finally:
        shutil.rmtree(folder)
    print(f"{HELD} conversations with {OFFICERS} officers, {found['streams']:.0f} open streams")
    print(f"{MESSAGES} messages of officers, {RATE:.0f} a second: from the send to the traveler")
    for name in ("p50_ms", "p95_ms", "max_ms", "kb_a_stream", "own_cpu_s"):
        print(f"  {name:12} {found[name]:8.1f}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "desk.json").write_text(json.dumps(found))
    print(f"bound: p95 under {AT_MOST_P95:.0f} ms")
    return 0 if found["p95_ms"] < AT_MOST_P95 else 1


if __name__ == "__main__":
    sys.exit(main())
