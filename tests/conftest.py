"""Fixtures that tests of more than one room use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """The whole system, started once for all tests that need it."""
    started = System(tmp_path_factory.mktemp("var"))
    started.start()
    yield started
    started.stop()
