"""Each messaging network as the contract suite sees it: one entry, whatever its protocol is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from channels.base import Channel
from hub.settings import Settings
from tests.clock import MovedClock
from tests.fakes import wechat, whatsapp
from tests.fakes.telegram import TOKEN, FakeTelegram, Person, RefusedError


class Entry(ABC):
    """A network with its local server."""

    name: str
    hub = ""
    """Where a network that calls us finds the hub."""

    def __init__(self, clock: MovedClock) -> None:
        self.clock = clock

    @abstractmethod
    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        """Starts the network's server."""

    @abstractmethod
    def turned_on(self, settings: Settings) -> Settings:
        """Settings with which the channel is on, and reaches the server."""

    @abstractmethod
    async def say(self, who: str, text: str) -> None:
        """A traveler of that name writes."""

    @abstractmethod
    async def again(self, channel: Channel) -> None:
        """The network brings the last message a second time."""

    @abstractmethod
    def received(self, who: str) -> list[str]:
        """The texts that a traveler was sent, in order."""

    @abstractmethod
    def refuse(self, how: str) -> None:
        """What the network says to the next message: ``later`` (in 30 seconds), ``never``,
        ``blocked``, ``trouble`` (without a time)."""


class TelegramEntry(Entry):
    name = "telegram"

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self._server = FakeTelegram(clock)
        self._people: dict[str, Person] = {}
        self._last: dict[str, Any] = {}

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        await self._server.serve(serve)

    def turned_on(self, settings: Settings) -> Settings:
        return replace(settings, telegram_token=TOKEN, telegram_api_url=self._server.url)

    async def say(self, who: str, text: str) -> None:
        if who not in self._people:
            self._people[who] = self._server.person(who)
        message = self._people[who].message(text=text)
        self._last = self._server.push(message=message)

    async def again(self, channel: Channel) -> None:
        self._server.push(**self._last)

    def received(self, who: str) -> list[str]:
        return [sent["text"] for sent in self._server.to(self._people[who])]

    def refuse(self, how: str) -> None:
        errors = {
            "later": RefusedError(429, "Too Many Requests: retry after 30", retry_after=30),
            "never": RefusedError(400, "Bad Request: message can't be sent"),
            "blocked": RefusedError(403, "Forbidden: bot was blocked by the user"),
            "trouble": RefusedError(500, "Internal Server Error"),
        }
        self._server.go_wrong.append(errors[how])


class WeChatEntry(Entry):
    name = "wechat"

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self._server = wechat.FakeWeChat(clock)
        self._people: dict[str, wechat.Person] = {}
        self._last: dict[str, Any] = {}

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        await self._server.serve(serve)

    def turned_on(self, settings: Settings) -> Settings:
        return replace(
            settings,
            wechat_app_id=wechat.APP_ID,
            wechat_secret=wechat.SECRET,
            wechat_token=wechat.TOKEN,
            wechat_api_url=self._server.url,
        )

    async def say(self, who: str, text: str) -> None:
        self._server.hub = self.hub
        if who not in self._people:
            self._people[who] = self._server.person(who)
        self._last = self._people[who].message("text", Content=text)
        assert await self._server.deliver(self._last) == 200

    async def again(self, channel: Channel) -> None:
        assert await self._server.deliver(self._last) == 200

    def received(self, who: str) -> list[str]:
        return [sent["text"] for sent in self._server.to(self._people[who])]

    def refuse(self, how: str) -> None:
        codes = {"later": 45011, "never": 45002, "blocked": 43004, "trouble": -1}
        self._server.go_wrong.append(codes[how])


class WhatsAppEntry(Entry):
    """Who writes for the first time is welcomed there: here, everybody has been already."""

    name = "whatsapp"

    def __init__(self, clock: MovedClock) -> None:
        super().__init__(clock)
        self._server = whatsapp.FakeWhatsApp(clock)
        self._people: dict[str, whatsapp.Person] = {}
        self._refusals: list[whatsapp.RefusedError | str] = []
        self._last: dict[str, Any] = {}

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        await self._server.serve(serve)

    def turned_on(self, settings: Settings) -> Settings:
        return whatsapp.turned_on(settings, self._server)

    async def say(self, who: str, text: str) -> None:
        self._server.hook = f"{self.hub}whatsapp/webhook"
        if who not in self._people:
            person = self._people[who] = self._server.person(who)
            await person.say("/start")
            await self.clock.run_until(lambda: len(self._server.to(person)) == 1)
        self._server.go_wrong += self._refusals
        self._refusals = []
        self._last = self._people[who].message(body=text)
        assert await self._server.deliver(self._last) == 200

    async def again(self, channel: Channel) -> None:
        assert await self._server.deliver(self._last) == 200

    def received(self, who: str) -> list[str]:
        return [whatsapp.text_of(sent) for sent in self._server.to(self._people[who])[1:]]

    def refuse(self, how: str) -> None:
        errors = {
            "later": whatsapp.RefusedError(429, 130429, "Rate limit hit", retry_after=30),
            "never": whatsapp.RefusedError(400, 131009, "Parameter value is not valid"),
            "blocked": whatsapp.undeliverable(),
            "trouble": whatsapp.RefusedError(500, 131000, "Something went wrong"),
        }
        self._refusals.append(errors[how])


ENTRIES: dict[str, type[Entry]] = {
    "telegram": TelegramEntry,
    "wechat": WeChatEntry,
    "whatsapp": WhatsAppEntry,
}
"""One for each of ``channels.networks.NAMES``."""
