"""A turn's time, start and memory, beside Rasa's stock configuration: ``make bench``.

Both assistants are trained on the same data, run at the same time and are
asked in turns, so that a busy machine slows both. Each conversation goes
through ``TURNS`` messages of four languages; what turns 1, 20 and 60 took, and
all turns together, is reported over all conversations.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from deploy.start import MODEL, QUIET, ROOT

TURNS, REPORTED = 60, (1, 20, 60)
CONVERSATIONS = 30
WORK = ROOT / "var" / "bench"
STOCK = ROOT / "bench" / "stock"
RESULTS = ROOT / "bench" / "results"
ACTIONS_PORT, OURS_PORT, STOCK_PORT, HUB_PORT = 15055, 15005, 15006, 15080

AT_MOST_OF_STOCK, AT_MOST_GROWTH = 0.25, 1.3
"""What a turn of ours may take of stock's (p50), and turn 60 of turn 1."""


@dataclass
class Contestant:
    """One running assistant; times in seconds, memory in bytes."""

    name: str
    url: str
    process: subprocess.Popen[bytes]
    started: float
    start_time: float = 0.0
    memory: int = 0
    took: dict[int, list[float]] = field(default_factory=dict)

    def body(self, sender: str, number: int, text: str) -> dict[str, Any]:
        body = {"sender": sender, "message": text}
        return {**body, "message_id": f"{sender}:{number}"} if self.name == "ours" else body


def questions() -> list[str]:
    """The first example of every label in every language, languages alternating."""
    by_language = []
    for language in ("zh", "kk", "ru", "en"):
        texts = []
        for path in sorted((ROOT / "data" / "nlu" / language).rglob("*.yml")):
            block = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"][0]
            texts.append(block["examples"].splitlines()[0][2:])
        by_language.append(texts)
    return [text for texts in zip(*by_language) for text in texts]


def train_stock() -> Path:
    """Trains the stock model on our data, once for each state of the data."""
    model = WORK / "stock.tar.gz"
    if model.exists() and model.stat().st_mtime > MODEL.stat().st_mtime:
        return model
    data = WORK / "data"
    shutil.rmtree(data, ignore_errors=True)
    for folder in ("nlu", "rules", "responses"):
        shutil.copytree(ROOT / "data" / folder, data / folder)
    shutil.copy(STOCK / "stories.yml", data / "stories.yml")
    print("training the stock configuration (one epoch) …", flush=True)
    with (WORK / "training.log").open("w") as log:
        subprocess.run(
            [
                *(sys.executable, "-m", "rasa", "train", "--force"),
                *("--config", STOCK / "config.yml", "--domain", ROOT / "domain.yml"),
                *("--data", data, "--out", WORK, "--fixed-model-name", "stock"),
            ],
            env={**os.environ, **QUIET},
            cwd=WORK,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=True,
        )
    return model


def start(name: str, module: list[str], port: int) -> Contestant:
    """Starts an assistant; its output goes to a file in ``WORK``."""
    with (WORK / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *module],
            env={**os.environ, **QUIET, "HUB_INTERNAL_URL": f"http://127.0.0.1:{HUB_PORT}"},
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    path = "hub/webhook" if name == "ours" else "rest/webhook"
    return Contestant(
        name, f"http://127.0.0.1:{port}/webhooks/{path}", process, time.perf_counter()
    )


def start_both() -> tuple[list[Contestant], list[subprocess.Popen[bytes]]]:
    """Starts the action server, then ours and stock one after the other, each alone."""
    (WORK / "ours.db").unlink(missing_ok=True)
    configured = {"action_endpoint": {"url": f"http://127.0.0.1:{ACTIONS_PORT}/webhook"}}
    ours = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8")) | configured
    ours["tracker_store"]["url"] = f"sqlite:///{WORK / 'ours.db'}"
    stock = yaml.safe_load((STOCK / "endpoints.yml").read_text(encoding="utf-8")) | configured
    for name, content in (
        ("ours.endpoints.yml", ours),
        ("stock.endpoints.yml", stock),
        ("ours.credentials.yml", {"channels.assistant.HubInput": {}}),
        ("stock.credentials.yml", {"rest": {}}),
    ):
        (WORK / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    actions = start(
        "actions", ["rasa_sdk", "--actions", "actions", "--port", str(ACTIONS_PORT)], ACTIONS_PORT
    )
    contestants = []
    for name, model, port in (("ours", MODEL, OURS_PORT), ("stock", train_stock(), STOCK_PORT)):
        arguments = ["rasa", "run", "--model", str(model), "--interface", "127.0.0.1"]
        arguments += ["--port", str(port), "--endpoints", str(WORK / f"{name}.endpoints.yml")]
        arguments += ["--credentials", str(WORK / f"{name}.credentials.yml")]
        contestant = start(name, arguments, port)
        asyncio.run(_until_up(contestant))
        contestants.append(contestant)
    return contestants, [actions.process, *(each.process for each in contestants)]


async def _until_up(contestant: Contestant) -> None:
    """Waits for the first answer, which needs the loaded model."""
    async with aiohttp.ClientSession() as session:
        while contestant.process.poll() is None:
            try:
                async with session.post(
                    contestant.url, json=contestant.body("first", 0, "hello")
                ) as response:
                    if response.status == 200 and await response.json():
                        contestant.start_time = time.perf_counter() - contestant.started
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"{contestant.name} ended: see {WORK / contestant.name}.log")


async def stand_in_for_the_hub() -> web.AppRunner:
    """Answers the action that asks for an officer, of both contestants alike."""

    async def queued(_request: web.Request) -> web.Response:
        return web.json_response({"owner": "queue", "place": 1, "on_duty": 1, "wait": None})

    hub = web.Application()
    hub.router.add_post("/internal/handoffs", queued)
    runner = web.AppRunner(hub)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", HUB_PORT).start()
    return runner


async def talk(contestants: list[Contestant]) -> None:
    """Leads all conversations, one message to each contestant after the other."""
    asked = questions()
    hub = await stand_in_for_the_hub()
    async with aiohttp.ClientSession() as session:
        for conversation in range(-1, CONVERSATIONS):  # the first warms up
            for number in range(1, TURNS + 1):
                text = asked[(conversation * 17 + number) % len(asked)]
                for each in contestants:
                    body = each.body(f"c{conversation}", number, text)
                    began = time.perf_counter()
                    async with session.post(each.url, json=body) as response:
                        response.raise_for_status()
                        await response.read()
                    took = time.perf_counter() - began
                    if conversation >= 0:
                        each.took.setdefault(number, []).append(took)
    await hub.cleanup()
    for each in contestants:
        each.memory = _resident(each.process.pid)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def report(contestants: list[Contestant]) -> bool:
    """Prints both side by side and writes them to ``RESULTS``; returns whether we are within."""
    ours, stock = contestants
    rows = [("start, s", *(f"{each.start_time:.1f}" for each in contestants))]
    rows.append(("memory, MB", *(f"{each.memory / 1e6:.0f}" for each in contestants)))
    p50 = {}
    for number in REPORTED:
        for each in contestants:
            p50[each.name, number] = statistics.median(each.took[number])
        p95 = [statistics.quantiles(each.took[number], n=20)[-1] for each in contestants]
        for name, values in (
            ("p50", [p50[each.name, number] for each in contestants]),
            ("p95", p95),
        ):
            rows.append((f"turn {number} {name}, ms", *(f"{v * 1000:.1f}" for v in values)))
    print(f"{'':18}{'ours':>10}{'stock':>10}   ({CONVERSATIONS} conversations)")
    for title, mine, theirs in rows:
        print(f"{title:18}{mine:>10}{theirs:>10}")
    ours_p50, stock_p50 = (
        statistics.median(took for turn in each.took.values() for took in turn)
        for each in contestants
    )
    print(f"{'all turns p50, ms':18}{ours_p50 * 1000:10.1f}{stock_p50 * 1000:10.1f}")
    share = max(p50["ours", n] / p50["stock", n] for n in REPORTED)
    growth = p50["ours", TURNS] / p50["ours", 1]
    within = share <= AT_MOST_OF_STOCK and growth <= AT_MOST_GROWTH
    print(f"all turns take {ours_p50 / stock_p50:.2f} of stock's")
    print(f"the worst of the reported turns takes {share:.2f} (bound {AT_MOST_OF_STOCK})")
    print(f"turn {TURNS} takes {growth:.2f} of turn 1 (bound {AT_MOST_GROWTH})")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "turns.json").write_text(
        json.dumps(
            {
                each.name: {"start": each.start_time, "memory": each.memory, "took": each.took}
                for each in (ours, stock)
            }
        )
    )
    return within


def main() -> int:
    WORK.mkdir(parents=True, exist_ok=True)
    contestants, processes = start_both()
    try:
        asyncio.run(talk(contestants))
        return 0 if report(contestants) else 1
    finally:
        for process in processes:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
