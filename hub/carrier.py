"""What the outbox asks of a messaging network, and the ways in which a network fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from hub.conversation import Message
from hub.pacing import Pace


class DeliveryError(Exception):
    """A message was not taken by the network."""


class TryAgainError(DeliveryError):
    """It may be taken later: after ``seconds`` if the network names them, else with backoff."""

    def __init__(self, why: str, seconds: float | None = None) -> None:
        super().__init__(why)
        self.seconds = seconds


class WindowClosedError(DeliveryError):
    """Nothing is taken until the traveler writes again; ``code`` says why: ``window_closed``, the
    network's time for answers has run out, or ``used_up``, their number has."""

    def __init__(self, why: str, code: str = "window_closed") -> None:
        super().__init__(why)
        self.code = code


class GiveUpError(DeliveryError):
    """It will never be taken; ``code`` (``refused``, ``too_old``) says why."""

    def __init__(self, why: str, code: str = "refused") -> None:
        super().__init__(why)
        self.code = code


class BlockedError(GiveUpError):
    """The traveler wants nothing of us any more, or threw us out of the group."""

    def __init__(self, why: str) -> None:
        super().__init__(why, "blocked")


class ChatMovedError(DeliveryError):
    """The chat goes on under another id."""

    def __init__(self, chat: str) -> None:
        super().__init__(f"moved to {chat}")
        self.chat = chat


@dataclass(frozen=True)
class Address:
    """Where a traveler writes from: the network's ids of chat, sender and thread in the chat.

    In a private chat ``chat`` and ``sender`` are the same person's.
    """

    channel: str
    chat: str
    sender: str
    thread: str = ""

    @property
    def is_group(self) -> bool:
        return self.chat != self.sender


@dataclass(frozen=True)
class Route:
    """Where a conversation's messages go. ``private`` is the chat in which one that began in a
    group goes on alone, once the traveler has opened it. ``open_until`` is when the network's
    window for answers closes (UTC; ``None``: it has none)."""

    conversation_id: str
    address: Address
    private: str | None = None
    open_until: datetime | None = None


@dataclass(frozen=True)
class Arrival:
    """The network's ids of an incoming update; as ``client_id`` they make a repeated one one."""

    channel: str
    update: str
    chat: str
    message: str

    @property
    def client_id(self) -> str:
        return f"{self.channel}:{self.update}/{self.chat}/{self.message}"

    @classmethod
    def of(cls, client_id: str | None) -> Arrival | None:
        """What a ``client_id`` was made from; ``None`` for one of a page."""
        found = re.fullmatch(r"(\w+):([^/]*)/([^/]*)/([^/]*)", client_id or "")
        return cls(*found.groups()) if found else None


@dataclass(frozen=True)
class Outgoing:
    """A message of the log that is to go out, and what tells where to.

    ``asked`` is the traveler's message that it answers, ``heard`` the last one before it;
    ``understood`` is what that turn and the ones before it meant, the newest first. ``held``: it
    waited until a private chat was opened. ``holding``: another one does. ``reason`` says why a
    person is needed, while one is.
    """

    message: Message
    asked: Arrival | None
    heard: Arrival | None
    understood: list[dict[str, Any]]
    reason: str | None
    held: bool = False
    holding: bool = False


@dataclass(frozen=True)
class Part:
    """One call of a network: ``call`` is the network's own business."""

    chat: str
    call: Any


@dataclass(frozen=True)
class Plan:
    """The calls that deliver a message, in order. ``hold``: they only point to the private chat,
    and the message waits until that is opened."""

    parts: list[Part]
    hold: bool = False


class Carrier(Protocol):
    """A network, as the outbox sees it."""

    @property
    def name(self) -> str:
        """Stands as ``channel`` in conversations."""

    @property
    def pace(self) -> Pace:
        """How fast the network takes messages."""

    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        """Pure: the same for every try."""

    def knock(self, outgoing: Outgoing, route: Route) -> Plan | None:
        """What may be sent though the window is closed, asked once a message: the message in
        another form, or, with ``hold``, only a sign that it waits. ``None``: nothing, it waits."""

    async def send(self, part: Part) -> str:
        """Has the network take one part; returns the network's id of the message.

        Raises:
            DeliveryError: of one of the classes above.
        """
