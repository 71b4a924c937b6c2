"""Starts hub, assistant and actions under supervisor, and tells where the page is: ``make run``.

Writes what the processes need (ports, secrets) into ``VAR_DIR``, waits until the
page answers, says so, and stops all three on Ctrl-C.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from channels import networks
from hub.settings import Settings, SettingsError, read

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "assistant.tar.gz"

QUIET = {
    "PYTHONPATH": str(ROOT),
    "PYTHONUNBUFFERED": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_HOST": "127.0.0.1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


def write_configuration(settings: Settings) -> Path:
    """Writes the assistant's and supervisor's files; returns supervisor's."""
    run, logs = settings.var / "run", settings.var / "log"
    run.mkdir(exist_ok=True)
    logs.mkdir(exist_ok=True)
    endpoints = yaml.safe_load((ROOT / "endpoints.yml").read_text(encoding="utf-8"))
    endpoints["action_endpoint"]["url"] = f"{settings.actions_url}/webhook"
    endpoints["tracker_store"]["url"] = settings.assistant_database_url
    credentials = {"channels.assistant.HubInput": {"token": settings.service_token}}
    for name, content in (("endpoints.yml", endpoints), ("credentials.yml", credentials)):
        _write_private(run / name, yaml.safe_dump(content))
    configuration = run / "supervisord.conf"
    _write_private(configuration, _supervisor(settings, run, logs))
    return configuration


def _supervisor(settings: Settings, run: Path, logs: Path) -> str:
    rasa = ["rasa", "run", "--model", MODEL, "--interface", "127.0.0.1"]
    rasa += ["--port", settings.assistant_port, "--endpoints", run / "endpoints.yml"]
    rasa += ["--credentials", run / "credentials.yml"]
    modules: dict[str, list[object]] = {
        "hub": ["hub"],
        "actions": ["rasa_sdk", "--actions", "actions", "--port", settings.actions_port],
        "assistant": rasa,
    }
    sections = [
        f"[supervisord]\nnodaemon=true\nsilent=true\nuser={_user()}\n"
        f"logfile={logs / 'supervisord.log'}\npidfile={run / 'supervisord.pid'}\n"
    ]
    for name, module in modules.items():
        command = shlex.join(str(part) for part in [sys.executable, "-m", *module])
        sections.append(
            f"[program:{name}]\ncommand={command}\ndirectory={ROOT}\n"
            "autorestart=true\nstartsecs=2\nstartretries=1000000\n"
            "stopasgroup=true\nkillasgroup=true\nstopwaitsecs=5\n"
            f"redirect_stderr=true\nstdout_logfile={logs / name}.log\n"
            "stdout_logfile_maxbytes=10MB\nstdout_logfile_backups=3\n"
        )
    return "\n".join(sections)


def channels_on(settings: Settings) -> str:
    """Which channels are on, and what the others need."""
    off = networks.missing(settings)
    told = [f"{name} is off (needs {off[name]})" for name in networks.NAMES if name in off]
    return ", ".join(["page", *(name for name in networks.NAMES if name not in off), *told])


def taken_port(settings: Settings) -> int | None:
    """The first of our ports on which something listens already."""
    for port in (settings.port, settings.assistant_port, settings.actions_port):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return port
    return None


def main() -> int:
    try:
        settings = read()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    if not MODEL.exists():
        print("There is no trained model: run `make train` first.", file=sys.stderr)
        return 2
    if port := taken_port(settings):
        print(
            f"Port {port} is taken: stop what listens there, or set HUB_PORT, ASSISTANT_PORT"
            " or ACTIONS_PORT.",
            file=sys.stderr,
        )
        return 2
    configuration = write_configuration(settings)
    environment = {
        **os.environ,
        **QUIET,
        "VAR_DIR": str(settings.var),
        "SERVICE_TOKEN": settings.service_token,
        "HUB_INTERNAL_URL": f"http://127.0.0.1:{settings.port}",
    }
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        env=environment,
        cwd=ROOT,
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _terminate(supervisor))
    _tell(settings, supervisor)
    supervisor.wait()
    print("Stopped.")
    return 0


def _tell(settings: Settings, supervisor: subprocess.Popen[bytes]) -> None:
    """Prints the page's address when it answers, and that the assistant is up when it is."""
    started = time.monotonic()
    told_page = False
    while supervisor.poll() is None:
        health = _health(settings)
        if health and not told_page:
            told_page = True
            print(f"The page is at {settings.public_url}  (logs in {settings.var / 'log'})")
            print(f"Channels: {channels_on(settings)}")
            print("The assistant is loading; messages wait until it is up. Ctrl-C stops all.")
        if health.get("assistant") == health.get("actions") == "ok":
            print(f"The assistant is up after {time.monotonic() - started:.0f} s.", flush=True)
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            supervisor.wait(0.2)


def _health(settings: Settings) -> dict[str, str]:
    try:
        address = f"http://127.0.0.1:{settings.port}/health"
        with urllib.request.urlopen(address, timeout=2) as answer:
            health: dict[str, str] = json.load(answer)
            return health
    except (OSError, urllib.error.URLError, ValueError):
        return {}


def _terminate(supervisor: subprocess.Popen[bytes]) -> None:
    if supervisor.poll() is None:
        supervisor.terminate()


def _user() -> str:
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
