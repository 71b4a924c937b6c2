"""How the hub talks to the assistant and the action server, and knows whether they are up."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any, Literal

import aiohttp

from hub.conversation import OwnerChange, Turn, spoken

log = logging.getLogger(__name__)

Health = Literal["ok", "starting", "down"]

TURN_TIMEOUT = 30.0
"""Seconds after which a turn that brings no answer is asked for again."""

STARTING_FOR = 120.0
"""Seconds that a process may be unreachable and still count as starting."""

CHECK_EVERY = 0.5
"""Seconds between two looks at a process that is not up; ten times that when it is."""


class AssistantUnavailableError(ConnectionError):
    """The turn could not be taken now; the same turn may be asked for again."""


class TurnFailedError(AssistantUnavailableError):
    """The assistant is up, but something in this turn failed."""


class Assistant:
    """The connector of ``channels/assistant.py``, seen from the hub."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self._session = session
        self._url = f"{url}/webhooks/hub"
        self._headers = {"Authorization": f"Bearer {token}"}

    async def take(self, turn: Turn) -> dict[str, Any]:
        """Asks for the replies to a message and what was understood.

        Raises:
            AssistantUnavailableError: it is down or starting.
            TurnFailedError: a part of the turn failed.
        """
        body = {
            "sender": turn.conversation.id,
            "message": spoken(turn.message),
            "message_id": turn.message_id,
            "metadata": {
                "channel": turn.conversation.channel,
                "language": turn.message.language,
                "script": turn.message.script,
                "chosen": turn.conversation.language_state.chosen is not None,
            },
        }
        result: dict[str, Any] = await self._call("POST", "/webhook", json=body)
        return result

    async def tell(self, change: OwnerChange) -> None:
        """Tells that an officer's stretch began or ended; the same change twice is one.

        Raises:
            AssistantUnavailableError: not done yet.
        """
        body = {
            "sender": change.conversation_id,
            "event_id": f"{change.conversation_id}:owner:{change.id}",
            "owner": change.owner,
        }
        await self._call("POST", "/events", json=body)

    async def forget(self, conversation_id: str) -> None:
        """Removes the assistant's memory of a conversation.

        Raises:
            AssistantUnavailableError: not done yet.
        """
        await self._call("DELETE", f"/conversations/{conversation_id}")

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        timeout = aiohttp.ClientTimeout(total=TURN_TIMEOUT)
        try:
            async with self._session.request(
                method, self._url + path, headers=self._headers, timeout=timeout, **options
            ) as response:
                if response.status >= 400:
                    problem = f"{response.status} {await response.text()}"
                    if response.status == 401 or "not_ready" in problem:
                        raise AssistantUnavailableError(problem)
                    raise TurnFailedError(problem)
                return await response.json() if response.content_type.endswith("json") else None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise AssistantUnavailableError(repr(error)) from error


class HealthMonitor:
    """Watches both processes; ``changed`` is called when one comes up or goes down."""

    def __init__(
        self, session: aiohttp.ClientSession, assistant_url: str, actions_url: str, token: str
    ) -> None:
        self._session = session
        self._checks = {
            "assistant": (f"{assistant_url}/webhooks/hub/", {"Authorization": f"Bearer {token}"}),
            "actions": (f"{actions_url}/health", {}),
        }
        self._lost_at = dict.fromkeys(self._checks, time.monotonic())
        self.state: dict[str, Health] = dict.fromkeys(self._checks, "starting")
        self._look = asyncio.Event()
        self.changed: list[Callable[[], None]] = []

    async def run(self) -> None:
        """Looks until cancelled."""
        await asyncio.gather(*(self._watch(name) for name in self._checks))

    @property
    def all_up(self) -> bool:
        return all(state == "ok" for state in self.state.values())

    def look_soon(self) -> None:
        """A call has just failed: look now instead of at the next regular time."""
        self._look.set()

    async def _watch(self, name: str) -> None:
        while True:
            if await self._is_up(name):
                self._set(name, "ok")
            elif self.state[name] == "ok":
                self._set(name, "starting")
            elif time.monotonic() - self._lost_at[name] > STARTING_FOR:
                self._set(name, "down")
            await self._pause(CHECK_EVERY * (10 if self.state[name] == "ok" else 1))

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._look.wait(), seconds)
        self._look.clear()

    async def _is_up(self, name: str) -> bool:
        url, headers = self._checks[name]
        try:
            async with self._session.get(
                url, headers=headers, timeout=aiohttp.ClientTimeout(total=5)
            ) as response:
                return response.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _set(self, name: str, state: Health) -> None:
        if self.state[name] == state:
            return
        if self.state[name] == "ok":
            self._lost_at[name] = time.monotonic()
        log.info("%s is %s", name, state)
        self.state = {**self.state, name: state}
        for callback in self.changed:
            callback()
