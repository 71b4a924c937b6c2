"""The contract of messaging networks: what one can carry, how it is reached, how it fails.

A network is one file with a ``Channel``; ``docs/channels.md`` shows how to add one, and
``tests/channels/test_contract.py`` says what each must do. What comes in goes to
``intake.Intake``; what goes out is asked for by ``hub.outbox``.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from bot.language import Language
from hub.carrier import (
    Address,
    Arrival,
    BlockedError,
    ChatMovedError,
    DeliveryError,
    GiveUpError,
    Outgoing,
    Part,
    Plan,
    Route,
    TryAgainError,
    WindowClosedError,
)
from hub.conversation import Message
from hub.pacing import Pace, Rate
from hub.words import words

if TYPE_CHECKING:
    from channels.intake import Intake
    from hub.outbox import Outbox

__all__ = [
    "Address",
    "Arrival",
    "BlockedError",
    "Carries",
    "Channel",
    "ChatMovedError",
    "DeliveryError",
    "GiveUpError",
    "Outgoing",
    "Pace",
    "Part",
    "Plan",
    "Rate",
    "Route",
    "TryAgainError",
    "WindowClosedError",
    "matches",
    "short",
    "split",
    "utf8",
    "utf16",
    "wording_of",
]


@dataclass(frozen=True)
class Carries:
    """What a network can carry: the longest text in its own ``units``, bytes of a button's payload
    and of its title, buttons of a message (0: none), groups, and the hours after a traveler's
    message in which it lets us write (``None``: always)."""

    text: int
    units: Callable[[str], int] = len
    buttons: int = 0
    payload: int = 64
    groups: bool = False
    window_hours: int | None = None


class Channel(ABC):
    """One messaging network."""

    name: str
    carries: Carries
    pace: Pace

    @abstractmethod
    def meet(self, intake: Intake, outbox: Outbox) -> None:
        """Where what comes in goes, and who sends; called once, before ``run``."""

    @abstractmethod
    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        """The calls that bring a message to its traveler; pure, the same for every try."""

    def knock(self, outgoing: Outgoing, route: Route) -> Plan | None:
        """What may be sent though the window is closed; see ``hub.carrier.Carrier``."""
        return None

    @abstractmethod
    async def send(self, part: Part) -> str:
        """Makes one call; returns the network's id of the message.

        Raises:
            TryAgainError: later (after a time if the network names it).
            WindowClosedError: not until the traveler writes again.
            BlockedError: the traveler wants nothing more of us.
            GiveUpError: never; its ``code`` says why at the desk.
            ChatMovedError: the chat has another id.
        """

    @abstractmethod
    async def run(self) -> None:
        """Connects and takes updates until cancelled; whatever fails is tried again."""

    @abstractmethod
    async def close(self) -> None:
        """Lets go of connections."""

    @abstractmethod
    async def check(self) -> list[str]:
        """What is wrong with the settings or on the network's side, a sentence each; or nothing."""

    def routes(self) -> list[web.RouteDef]:
        """Where the network calls us, if it does."""
        return []


def split(text: str, limit: int, units: Callable[[str], int] = len) -> list[str]:
    """A text in parts of at most ``limit`` units: cut between paragraphs, else lines, sentences,
    words; only then inside a word."""
    parts = []
    rest = text.strip()
    while units(rest) > limit:
        cut = _longest(rest, limit, units)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


# Chinese ends a sentence without a space; a dot needs one after it, or 3.5 and a.m. would break
_ENDS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"[。！？；]|[.!?;…؟۔](?=\s)"),
    re.compile(r"\s|[，、]"),
)


def _longest(text: str, limit: int, units: Callable[[str], int]) -> int:
    """How many characters of a text that is too long go into the first part."""
    fits = min(len(text), limit)
    while units(text[:fits]) > limit:
        # a character has at most two UTF-16 units, at most four bytes: never far off
        fits -= max(1, (units(text[:fits]) - limit) // 4)
    for end in _ENDS:
        found = [each.end() for each in end.finditer(text, 0, fits + 1) if each.end() <= fits]
        # a first part of almost nothing helps nobody
        if found and found[-1] > fits // 4:
            return found[-1]
    return fits


def utf8(text: str) -> int:
    """Length in bytes of UTF-8, as some networks count."""
    return len(text.encode())


def utf16(text: str) -> int:
    """Length in UTF-16 units, as some networks count."""
    return len(text.encode("utf-16-le")) // 2


def wording_of(message: Message) -> str:
    """A message as plain text, with what the page would show on a card below it."""
    text = message.text
    if message.author == "officer":
        language = Language(message.language, message.script)
        text = f"{words(language)['page']['officer']}: {text}"
    card = message.card or {}
    lines = [f"{line['name']} · {line['date']}" for line in card.get("lines", [])]
    if lines:
        lines[0] = f"{card['title']}: {lines[0]}"
    lines += [card[key] for key in ("verified", "note") if card.get(key)]
    return "\n\n".join([text, "\n".join(lines)]) if lines else text


def short(payload: str, longest: int) -> str:
    """What a button carries: its payload, or a key made from it where that is too long."""
    if len(payload.encode()) <= longest:
        return payload
    return "#" + hashlib.sha256(payload.encode()).hexdigest()[:32]


def matches(carried: str, payload: str, longest: int) -> bool:
    """Whether a pressed button is the one with this payload."""
    return short(payload, longest) == carried
