"""What a messaging network adds to a message's way, beside the page: ``make bench-channels``.

The hub is really started on a database of its own, with a stand-in for the assistant that answers
at once and the strict local Telegram of the tests. ``CHATS`` chats write ``RATE`` messages a
second, first over the page's API and then over Telegram, in turns. Timed is from a message's
sending until traveler or network have the answer. What the channel adds is the difference to the
page in the same run.
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
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.language import Language, LanguageState
from deploy.start import ROOT
from hub.clock import SystemClock
from hub.database import Database, conversations
from tests.fakes.telegram import TOKEN, FakeTelegram, Person

CHATS, RATE, SECONDS, ROUNDS = 500, 50.0, 20, 3
PORT, BEHIND, NETWORK = 18083, 18084, 18085
URL = f"http://127.0.0.1:{PORT}"
RESULTS = ROOT / "bench" / "results"

AT_MOST_ADDED_P95 = 20.0
"""Milliseconds that the channel adds to a message and its answer."""


@dataclass
class Way:
    """Times of messages by their text, in seconds of one clock."""

    sent: dict[str, float] = field(default_factory=dict)
    arrived: dict[str, float] = field(default_factory=dict)
    repeated: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def arrive(self, answer: str) -> None:
        kind, _, text = answer.partition(" ")
        if kind != "echo" or text not in self.sent:
            return
        self.repeated += text in self.arrived
        self.arrived.setdefault(text, time.perf_counter())
        self.changed.set()


class Unlimited(FakeTelegram):
    """Telegram for a bot that pays: all its rules but the number of messages a second."""

    def __init__(self, way: Way) -> None:
        super().__init__(SystemClock())
        self.way = way

    def _count(self, chat_id: int) -> None:
        pass

    async def _sendMessage(  # noqa: N802 — the method's own name
        self, chat_id: int, text: str, **more: Any
    ) -> dict[str, Any] | str:
        self.way.arrive(text)
        return await super()._sendMessage(chat_id, text, **more)


class Assistant:
    """Answers every message at once."""

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health", self._well)
        app.router.add_get("/webhooks/hub/", self._well)
        app.router.add_post("/webhooks/hub/webhook", self._answer)
        app.router.add_post("/webhooks/hub/events", self._well)
        return app

    async def _well(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _answer(self, request: web.Request) -> web.Response:
        text = (await request.json())["message"]
        reply = {"text": f"echo {text}", "language": "ru", "script": "Cyrl"}
        return web.json_response(
            {"replies": [reply], "understood": {"intent": "policy", "topic": "pets"}}
        )


async def served(app: web.Application, port: int) -> web.AppRunner:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner


@contextlib.asynccontextmanager
async def hub(folder: Path) -> AsyncIterator[None]:
    """A hub of its own, until it answers and until the end."""
    behind = f"http://127.0.0.1:{BEHIND}"
    environment = {
        **os.environ,
        "VAR_DIR": str(folder),
        "HUB_PORT": str(PORT),
        "ASSISTANT_URL": behind,
        "ACTIONS_URL": behind,
        "TRUSTED_PROXIES": "127.0.0.1",
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": f"http://127.0.0.1:{NETWORK}",
    }
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: ASYNC220 — nothing else runs yet
            [sys.executable, "-m", "bench.unpaced_hub"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        async with aiohttp.ClientSession() as session:
            while process.poll() is None:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"{URL}/health"):
                        break
                await asyncio.sleep(0.1)
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 15)


async def arrivals(url: str) -> list[tuple[str, str]]:
    """Conversations of the page as ``(id, token)``, made in the database: the hub would rightly
    hold back so many of one address."""
    database = Database(url)
    await database.migrate()
    now = datetime.now(UTC)
    people = [(secrets.token_urlsafe(16), secrets.token_urlsafe(24)) for _ in range(CHATS)]
    rows = [
        {
            "id": conversation_id,
            "token_hash": hashlib.sha256(token.encode()).hexdigest(),
            "channel": "web",
            "owner": "assistant",
            "language_state": asdict(LanguageState(current=Language("ru", "Cyrl"))),
            "last_seq": 0,
            "created_at": now,
            "updated_at": now,
        }
        for conversation_id, token in people
    ]
    async with database.write() as connection:
        await connection.execute(conversations.insert(), rows)
    await database.close()
    return people


async def listen(session: aiohttp.ClientSession, who: tuple[str, str], way: Way) -> None:
    """Reads an event stream of the page until cancelled."""
    headers = {"Authorization": f"Bearer {who[1]}"}
    async with session.get(f"{URL}/api/conversations/{who[0]}/events", headers=headers) as response:
        response.raise_for_status()
        async for line in response.content:
            if line.startswith(b"data: ") and b'"seq"' in line:
                way.arrive(json.loads(line[6:]).get("text", ""))


async def write(say: Callable[[int, str], Any], way: Way, began: int) -> list[str]:
    """Travelers write in turns, at an even pace whatever the answers take; returns the texts once
    all are answered."""
    count = int(RATE * SECONDS)
    texts = [f"можно ли с собакой {began + number}" for number in range(count)]
    start = time.perf_counter()
    async with asyncio.TaskGroup() as sending:
        for number, text in enumerate(texts):
            await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            way.sent[text] = time.perf_counter()
            sending.create_task(say(number % CHATS, text))
    while not way.arrived.keys() >= set(texts):
        way.changed.clear()
        await asyncio.wait_for(way.changed.wait(), 30)
    return texts


async def measure(folder: Path) -> dict[str, float]:
    pages, way = await arrivals(f"sqlite+aiosqlite:///{folder}/hub.db"), Way()
    telegram = Unlimited(way)
    network = web.Application()
    network.router.add_route("*", "/bot{token}/{method}", telegram._called)
    runners = [
        await served(network, NETWORK),
        await served(Assistant().application(), BEHIND),
    ]
    people: list[Person] = [telegram.person(f"Traveler {n}", "ru") for n in range(CHATS)]
    never = aiohttp.ClientTimeout(total=None)
    found: dict[str, list[float]] = {"page": [], "telegram": []}
    async with (
        hub(folder),
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=never) as session,
    ):
        streams = [asyncio.create_task(listen(session, who, way)) for who in pages]

        async def by_page(index: int, text: str) -> None:
            conversation, token = pages[index]
            async with session.post(
                f"{URL}/api/conversations/{conversation}/messages",
                json={"client_id": secrets.token_urlsafe(8), "text": text},
                headers={
                    "Authorization": f"Bearer {token}",
                    # each has an address of their own, as on the road; one's is held to 20 a second
                    "X-Forwarded-For": f"10.0.{index // 250}.{index % 250 + 1}",
                },
            ) as response:
                assert response.status == 202, await response.text()

        async def by_telegram(index: int, text: str) -> None:
            people[index].say(text)

        began = 0
        try:
            for _ in range(ROUNDS):
                for name, say in (("page", by_page), ("telegram", by_telegram)):
                    texts = await write(say, way, began)
                    began += len(texts)
                    found[name] += [(way.arrived[text] - way.sent[text]) * 1000 for text in texts]
        finally:
            for task in streams:
                task.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
    for runner in runners:
        await runner.cleanup()
    sent = int(RATE * SECONDS) * ROUNDS
    assert [len(times) for times in found.values()] == [sent, sent], "a message was lost"
    refused = [each for each in telegram.refused if each["method"] == "sendMessage"]
    return {
        **{f"{name}_p50_ms": statistics.median(times) for name, times in found.items()},
        **{
            f"{name}_p95_ms": statistics.quantiles(times, n=20)[-1] for name, times in found.items()
        },
        "repeated": way.repeated,
        "refused": len(refused),
    }


def main() -> int:
    folder = Path(tempfile.mkdtemp())
    try:
        found = asyncio.run(measure(folder))
    finally:
        shutil.rmtree(folder)
    added = found["telegram_p95_ms"] - found["page_p95_ms"]
    print(f"{CHATS} chats, {RATE:.0f} messages a second, {ROUNDS} × {SECONDS} s on each side")
    for name, value in found.items():
        print(f"  {name:18} {value:8.1f}")
    print(f"added by the channel at the 95th percentile: {added:.1f} ms")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "channels.json").write_text(json.dumps({**found, "added_p95_ms": added}))
    print(f"bound: under {AT_MOST_ADDED_P95:.0f} ms, nothing lost")
    return 0 if added < AT_MOST_ADDED_P95 else 1


if __name__ == "__main__":
    sys.exit(main())
