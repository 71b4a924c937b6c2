"""The really started system: hub, assistant and actions under supervisor, as by ``make run``."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).parent.parent
SERVICE_TOKEN = "a-token-of-the-tests"

_COMMANDS = {"hub": "-m hub", "assistant": "-m rasa run", "actions": "-m rasa_sdk"}
_T = TypeVar("_T")

_BETWEEN_LOOKS = 0.05
"""Seconds between two looks at another process, which can't tell us that it is ready."""


class System:
    """One running system with ports and a ``var`` folder of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.port, self.assistant_port, self.actions_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self.port}"
        self.assistant_url = f"http://127.0.0.1:{self.assistant_port}"

    def start(self) -> None:
        """Starts all and waits until assistant and actions are up."""
        self.launch()
        self.wait_until_up()

    def launch(self) -> None:
        """Starts all, and waits for nothing."""
        self.starter = subprocess.Popen(
            [sys.executable, "-m", "deploy.start"],
            cwd=ROOT,
            env={
                **os.environ,
                "VAR_DIR": str(self.var),
                "HUB_PORT": str(self.port),
                "ASSISTANT_PORT": str(self.assistant_port),
                "ACTIONS_PORT": str(self.actions_port),
                "SERVICE_TOKEN": SERVICE_TOKEN,
                "PYTHONUNBUFFERED": "1",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def stop(self) -> str:
        """Ctrl-C, as at a terminal; returns what the starter printed."""
        if self.starter.poll() is None:
            self.starter.send_signal(signal.SIGINT)
        printed, _ = self.starter.communicate(timeout=30)
        return printed

    def health(self) -> dict[str, str]:
        """What ``/health`` says; empty while the hub does not answer."""
        return get_json(f"{self.url}/health") or {}

    def wait_until_up(self) -> None:
        actions = f"http://127.0.0.1:{self.actions_port}/health"

        def all_up() -> bool:
            if self.starter.poll() is not None:
                raise RuntimeError(f"the system ended: {self.starter.communicate()[0]}")
            # the hub looks only now and then; after a kill ask the action server itself
            return bool(get_json(actions)) and set(self.health().values()) == {"ok"}

        wait_for(all_up, "hub, assistant and actions to be up", 180)

    def pid(self, name: str) -> int:
        """The process of ``hub``, ``assistant`` or ``actions``; waits until there is one."""
        return wait_for(lambda: self._pid(name), f"a process of {name}", 30)

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def _pid(self, name: str) -> int | None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            ours = f"HUB_PORT={self.port}\0".encode() in environment
            if ours and _COMMANDS[name] in command:
                return int(folder.name)
        return None


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nothing listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def get_json(url: str) -> Any:
    """The JSON at an address, ``None`` while it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (OSError, urllib.error.URLError, ValueError):
        return None


def wait_for(found: Callable[[], _T | None], what: str, seconds: float) -> _T:
    """Looks until ``found()`` is true and returns it.

    Raises:
        TimeoutError: it did not become true in time.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := found():
            return value
        time.sleep(_BETWEEN_LOOKS)
    raise TimeoutError(f"waited {seconds} s for {what}")
