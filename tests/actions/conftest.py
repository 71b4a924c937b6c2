"""Fixtures of the dialogues' tests."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import TestClient

from tests.actions.dialogue import Meet, meeting


@pytest.fixture
def travelers(hub: TestClient, monkeypatch: pytest.MonkeyPatch) -> Meet:
    """``await travelers("kk")`` is one who writes Kazakh to this test's hub."""
    return meeting(hub, monkeypatch)
