"""An officer's page and a traveler's, as they talk to a hub over its API, for tests."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient

from desk import accounts
from hub.keys import DATABASE, SETTINGS
from tests.desk.officers import PASSWORD
from tests.talk import Traveler, events_of


class Officer:
    """One signed-in page of an officer."""

    def __init__(self, session: aiohttp.ClientSession, url: str, csrf: str) -> None:
        self._session, self._url = session, url
        self.csrf = {"X-CSRF-Token": csrf}
        self._ids = itertools.count(1)

    @classmethod
    async def arrive(cls, hub: TestClient, login: str, number: str, **account: Any) -> Officer:
        database = hub.app[DATABASE]
        token = await accounts.add(database, login, "officer", number, **account)
        await accounts.accept(database, token, PASSWORD, datetime.now(UTC))
        url = str(hub.make_url("/desk/api")).rstrip("/")
        session = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        async with session.post(
            f"{url}/sign-in", json={"login": login, "password": PASSWORD}
        ) as response:
            assert response.status == 200
            officer = cls(session, url, (await response.json())["csrf"])
        await officer.change("PATCH", "me", presence="on_duty")
        return officer

    async def see(self, path: str) -> Any:
        async with self._session.get(f"{self._url}/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def download(self, conversation: str, kind: str) -> str:
        """A conversation's transcript, ``text`` or ``json``."""
        path = f"{self._url}/conversations/{conversation}/transcript?format={kind}"
        async with self._session.get(path) as response:
            assert response.status == 200, await response.text()
            return await response.text()

    async def change(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        async with self._session.request(
            method, f"{self._url}/{path}", json=body, headers=self.csrf
        ) as response:
            text = await response.text()
            return response.status, (await response.json()) if text else None

    async def do(self, conversation: str, what: str, **body: Any) -> tuple[int, Any]:
        return await self.change("POST", f"conversations/{conversation}/{what}", **body)

    async def say(self, conversation: str, **said: Any) -> int:
        status, answer = await self.do(
            conversation, "messages", client_id=f"c{next(self._ids)}", **said
        )
        assert status == 202, answer
        return int(answer["seq"])

    async def leave(self) -> None:
        await self._session.close()

    async def events(
        self, conversation: str | None = None, after: int = 0
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Events of the queue's stream or of a conversation's, from message ``after`` on."""
        path = f"conversations/{conversation}/events" if conversation else "events"
        headers = {"Last-Event-ID": str(after)}
        async with self._session.get(f"{self._url}/{path}", headers=headers) as response:
            assert response.status == 200, await response.text()
            async for event in events_of(response):
                yield event


Arrive = Callable[..., Awaitable[Officer]]


async def traveler_of(hub: TestClient, language: str = "ru", script: str = "") -> Traveler:
    url = str(hub.make_url("")).rstrip("/")
    chosen = {"language": language, **({"script": script} if script else {})}
    return await Traveler.arrive(hub.session, url, **chosen)


async def ask(hub: TestClient, traveler: Traveler, key: str = "k1", reason: str = "asked") -> Any:
    """What the assistant's action tells the hub."""
    token = hub.app[SETTINGS].service_token
    response = await hub.post(
        "/internal/handoffs",
        json={
            "conversation_id": traveler.conversation["id"],
            "reason": reason,
            "key": f"{traveler.conversation['id']}:{key}",
        },
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status == 200, await response.text()
    return await response.json()


def texts(messages: list[dict[str, Any]], *authors: str) -> list[str]:
    return [m["text"] for m in messages if m["author"] in authors]
