"""Asks for an officer, and tells the traveler honestly where they stand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.desk_hours import told
from actions.traveler import message_id, traveler_of


class Handoff(Action):
    """Opens a handoff in the hub, which owns the queue."""

    def name(self) -> str:
        return "action_handoff"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        waiting = await hub.tell(
            "handoffs",
            {
                "conversation_id": tracker.sender_id,
                "reason": "asked",
                "key": f"{message_id(tracker)}:{self.name()}",
            },
        )
        dispatcher.utter_message(**said(waiting, traveler_of(tracker).language, now()))
        return []


def now() -> datetime:
    """The moment, in UTC, by which "today" and "tomorrow" are told."""
    return datetime.now(UTC)


def said(waiting: dict[str, Any], language: str, at: datetime) -> dict[str, Any]:
    """The response for where the traveler stands, and what it is filled with."""
    if waiting["owner"] == "officer":
        return {"response": "utter_handoff_officer"}
    hours = waiting["hours"]
    closed = hours["known"] and not hours["open"]
    sentence = told(hours, language, at)
    if sentence and language != "zh":
        sentence += " "
    if not waiting["on_duty"]:
        # hours that say "open" count for nothing when nobody is there
        return {"response": "utter_handoff_unmanned", "hours": sentence if closed else ""}
    filled = {"hours": sentence, "place": str(waiting["place"])}
    if closed:
        # how long others waited in working hours tells nothing now
        return {"response": "utter_handoff_off_hours", **filled}
    if waiting["wait"] is None:
        return {"response": "utter_handoff_wait_unknown", **filled}
    minutes = max(1, round(waiting["wait"] / 60))
    return {"response": "utter_handoff_wait", **filled, "minutes": str(minutes)}
