"""Asks for an officer, and tells the traveler honestly where they stand."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub


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
                "key": f"{_message_id(tracker)}:{self.name()}",
            },
        )
        dispatcher.utter_message(**_said(waiting))
        return []


def _message_id(tracker: Tracker) -> str:
    """The hub's id of the message that is being answered: the same for every try."""
    users = (event for event in reversed(tracker.events) if event["event"] == "user")
    return str(next(users)["message_id"])


def _said(waiting: dict[str, Any]) -> dict[str, Any]:
    """The response for where the traveler stands, and what it is filled with."""
    if waiting["owner"] == "officer":
        return {"response": "utter_handoff_officer"}
    if not waiting["on_duty"]:
        return {"response": "utter_handoff_unmanned"}
    if waiting["wait"] is None:
        return {"response": "utter_handoff_wait_unknown", "place": str(waiting["place"])}
    minutes = max(1, round(waiting["wait"] / 60))
    return {
        "response": "utter_handoff_wait",
        "place": str(waiting["place"]),
        "minutes": str(minutes),
    }
