"""What an action needs to know of the traveler it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rasa_sdk import Tracker

from bot.clocks import PORT_TIME
from bot.scripts import to_script


@dataclass(frozen=True)
class Traveler:
    """Language code (zh, kk, ru, en) and script (Hans, Hant, Cyrl, Arab, Latn) to answer in."""

    language: str
    script: str

    def script_of(self, text: str) -> str:
        """A text of the traveler's language, in their script."""
        return to_script(text, self.language, self.script)


def traveler_of(tracker: Tracker) -> Traveler:
    """The traveler as the last message shows them."""
    language = tracker.latest_message.get("language") or {"code": "en", "script": "Latn"}
    return Traveler(language["code"], language["script"])


def message_id(tracker: Tracker) -> str:
    """The hub's id of the message that is being answered: the same for every try."""
    users = (event for event in reversed(tracker.events) if event["event"] == "user")
    return str(next(users)["message_id"])


def today() -> date:
    """The day at the port."""
    return datetime.now(PORT_TIME).date()
