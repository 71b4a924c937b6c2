"""Fixtures of the desk's tests: a database, an officer, an application with sign-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from desk import accounts
from hub.database import Database
from tests.desk.officer_page import Officer
from tests.desk.officers import PASSWORD
from tests.desk.small_desk import Desk, make


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    await database.migrate()
    yield database
    await database.close()


@pytest.fixture
async def aigul(database: Database) -> str:
    """The login of an officer who has set a password."""
    token = await accounts.add(database, "aigul", "officer", "07", "Айгүл", ["kk", "ru"])
    await accounts.accept(database, token, PASSWORD, datetime.now(UTC))
    return "aigul"


@pytest.fixture
async def desk(
    tmp_path: Path, aiohttp_client: Callable[..., Awaitable[TestClient]]
) -> AsyncIterator[Desk]:
    desk = await make(tmp_path, aiohttp_client, "http://localhost/")
    yield desk
    await desk.database.close()


@pytest.fixture
async def officers(
    hub: TestClient,
) -> Any:
    arrived: list[Officer] = []

    async def arrive(login: str, number: str, **account: Any) -> Officer:
        arrived.append(await Officer.arrive(hub, login, number, **account))
        return arrived[-1]

    yield arrive
    for officer in arrived:
        await officer.leave()
