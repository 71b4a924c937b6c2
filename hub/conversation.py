"""What a conversation is made of, and the rules on it that need no storage."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from bot.language import Language, LanguageState

Author = Literal["traveler", "assistant", "officer", "system"]
Owner = Literal["assistant", "queue", "officer"]

MAX_TEXT = 2000
"""Characters of one message of a traveler."""


@dataclass(frozen=True)
class Conversation:
    """One traveler on one channel; ``last_seq`` is the number of the newest message.

    ``reason`` says why a person is needed, while one is.
    """

    id: str
    channel: str
    owner: Owner
    language_state: LanguageState
    last_seq: int
    reason: str | None = None

    @property
    def language(self) -> Language | None:
        """The language and script to answer in; ``None`` until something tells it."""
        return self.language_state.current


@dataclass(frozen=True)
class Draft:
    """A message before it has its number. ``answers`` numbers the traveler's it is a reply to;
    officers do not see one that is ``hidden``."""

    author: Author
    text: str
    language: str
    script: str
    buttons: list[dict[str, str]] | None = None
    card: dict[str, Any] | None = None
    payload: str | None = None
    client_id: str | None = None
    officer: int | None = None
    answers: int | None = None
    hidden: bool = False


@dataclass(frozen=True)
class Message(Draft):
    """A message of the log: number ``seq`` in its conversation, time in UTC."""

    seq: int = 0
    created_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """As the traveler API shows it; what a button carried, which officer wrote, and what they
        see stay inside."""
        shown = asdict(self)
        del shown["payload"], shown["officer"], shown["answers"], shown["hidden"]
        shown["created_at"] = self.created_at.isoformat() if self.created_at else None
        return shown


@dataclass(frozen=True)
class OwnAnswer:
    """What the hub itself answers to a message, without the assistant.

    ``call`` numbers the message that called for help. ``emergency`` is its kind, as far as it is
    known by now, ``place`` where it is. A ``mistaken`` call is answered by the assistant after all.
    """

    replies: list[Draft]
    understood: dict[str, Any]
    call: int | None = None
    emergency: str | None = None
    place: str | None = None
    mistaken: bool = False


@dataclass(frozen=True)
class Turn:
    """A traveler's message that the assistant has to answer."""

    conversation: Conversation
    message: Message

    @property
    def message_id(self) -> str:
        """The same for every try, so that the assistant answers once."""
        return f"{self.conversation.id}:{self.message.seq}"


@dataclass(frozen=True)
class OwnerChange:
    """After message ``seq`` it was ``owner`` who could speak."""

    id: int
    conversation_id: str
    seq: int
    owner: Owner


def spoken(message: Message) -> str:
    """What the assistant is sent: a button's payload, or text that is never a command."""
    return typed(message.text) if message.payload is None else message.payload


def typed(text: str) -> str:
    """Text as Rasa takes it for text: a zero-width space before a ``/``, which means an intent."""
    return f"\u200b{text}" if text.lstrip().startswith("/") else text
