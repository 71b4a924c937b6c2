"""A traveler who talks to a hub over its API, for tests."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

LONG = 120.0
"""Seconds after which something that was waited for has not happened."""


class Traveler:
    """One conversation: ``say`` sends, ``answers`` waits for what came back."""

    def __init__(self, session: aiohttp.ClientSession, url: str, conversation: dict[str, str]):
        self._session = session
        self._url = f"{url}/api/conversations/{conversation['id']}"
        self.conversation = conversation
        self.headers = {"Authorization": f"Bearer {conversation['token']}"}
        self._ids = itertools.count(1)

    @classmethod
    async def arrive(cls, session: aiohttp.ClientSession, url: str, **language: str) -> Traveler:
        async with session.post(f"{url}/api/conversations", json=language) as response:
            assert response.status == 201, await response.text()
            return cls(session, url, await response.json())

    async def say(self, text: str, client_id: str | None = None) -> int:
        """Sends until the hub has taken it, however often it dies meanwhile; returns the number."""
        body = {"client_id": client_id or f"c{next(self._ids)}", "text": text}
        while True:
            try:
                async with self._session.post(
                    f"{self._url}/messages", json=body, headers=self.headers
                ) as response:
                    assert response.status == 202, await response.text()
                    return int((await response.json())["seq"])
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)

    async def press(self, payload: str) -> aiohttp.ClientResponse:
        body = {"client_id": f"c{next(self._ids)}", "payload": payload}
        return await self._session.post(f"{self._url}/messages", json=body, headers=self.headers)

    async def typing(self) -> None:
        await self._post("typing", {})

    async def received(self, seq: int) -> None:
        await self._post("received", {"seq": seq})

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        async with self._session.post(
            f"{self._url}/{what}", json=body, headers=self.headers
        ) as response:
            assert response.status == 204, await response.text()

    async def messages(self, after: int = 0) -> list[dict[str, Any]]:
        async with self._session.get(
            f"{self._url}/messages?after={after}", headers=self.headers
        ) as response:
            assert response.status == 200, await response.text()
            return list((await response.json())["messages"])

    async def events(self, after: int = 0) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """Events of the stream, which is opened anew from the last number when it breaks."""
        while True:
            headers = {**self.headers, "Last-Event-ID": str(after)}
            try:
                async with self._session.get(
                    f"{self._url}/events", headers=headers, timeout=aiohttp.ClientTimeout(None)
                ) as response:
                    assert response.status == 200, await response.text()
                    async for name, data in events_of(response):
                        if name == "message":
                            after = data["seq"]
                        yield name, data
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

    async def until_working(self) -> None:
        """Waits until the hub has begun to ask the assistant."""
        async with asyncio.timeout(LONG):
            async for name, data in self.events():
                if name == "working" and data["working"]:
                    return

    async def log_until(self, answers: int = 0, messages: int = 0) -> list[dict[str, Any]]:
        """All messages, as the stream shows them until there are so many, or so many answers."""
        shown = []
        async with asyncio.timeout(LONG):
            async for name, data in self.events():
                if name == "message":
                    shown.append(data)
                answered = sum(message["author"] != "traveler" for message in shown)
                if answered >= answers and len(shown) >= messages:
                    return shown
        return shown

    async def ask(self, text: str) -> dict[str, Any]:
        """Sends a message and waits for the first answer to it."""
        seq = await self.say(text)
        async with asyncio.timeout(LONG):
            async for name, data in self.events(after=seq):
                if name == "message" and data["author"] != "traveler":
                    return data
        raise AssertionError("the stream ended")


async def events_of(
    response: aiohttp.ClientResponse,
) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """The name and the data of each event that a stream brings."""
    name, data = "message", ""
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data += line[6:]
        elif not line and data:
            yield name, json.loads(data)
            name, data = "message", ""
