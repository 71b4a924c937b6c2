"""``make run`` as an operator sees it: how it starts, what it refuses, how it stops."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.system import ROOT, System, wait_for


def test_ctrl_c_stops_all_three_processes(tmp_path: Path) -> None:
    system = System(tmp_path)
    system.start()
    pids = [system.pid(name) for name in ("hub", "assistant", "actions")]
    printed = system.stop()
    assert f"http://localhost:{system.port}/" in printed
    assert printed.rstrip().endswith("Stopped.")
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def test_from_a_folder_with_a_space_the_page_is_there_and_says_that_the_assistant_is_starting(
    tmp_path: Path,
) -> None:
    system = System(tmp_path / "with a space")
    system.launch()
    health = wait_for(system.health, "the hub", 15)
    assert health["hub"] == "ok"
    assert health["assistant"] == "starting"
    system.stop()


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = _start(tmp_path, HUB_PORT=str(port))
    assert ended.returncode == 2
    assert f"Port {port} is taken" in ended.stderr


def test_a_setting_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    ended = _start(tmp_path, HUB_PORT="eighty")
    assert ended.returncode == 2
    assert "HUB_PORT must be a port from 1 to 65535, not 'eighty'" in ended.stderr


def test_secrets_are_readable_by_their_owner_alone(system: System) -> None:
    for name in ("endpoints.yml", "credentials.yml", "supervisord.conf"):
        assert (system.var / "run" / name).stat().st_mode & 0o077 == 0


def test_a_process_that_dies_is_started_again(system: System) -> None:
    before = system.pid("actions")
    system.signal("actions", signal.SIGKILL)
    after = wait_for(
        lambda: (pid := system.pid("actions")) != before and pid, "a new action server", 30
    )
    assert after != before
    system.wait_until_up()


def _start(var: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.start"],
        cwd=ROOT,
        env={**os.environ, "VAR_DIR": str(var), **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )
