"""Tells how a request stands, by its number or from the conversation that asked for it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.request_numbers import number_asked_for
from actions.request_words import Words
from actions.traveler import message_id, traveler_of

OPEN = ("requested", "accepted", "under_way")
SHOWN = 3
"""Requests told of at most."""


class RequestStatus(Action):
    """Asks the hub, which tells only the state of another conversation's request."""

    def name(self) -> str:
        return "action_request_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        number = number_asked_for(tracker)
        found = await hub.tell(
            "requests/find",
            {"conversation_id": tracker.sender_id, "number": number, "key": message_id(tracker)},
        )
        words = Words(traveler_of(tracker))
        requests = found["requests"]
        if not requests and number:
            dispatcher.utter_message(response="utter_request_unknown", number=number)
        elif not requests:
            dispatcher.utter_message(response="utter_request_status_none")
        # what is over is told of only where nothing is open
        for request in [r for r in requests if r["state"] in OPEN][:SHOWN] or requests[:1]:
            filled = {"number": request["number"], "state": words.state(request)}
            if "kind" in request:
                kind = words.phrase(f"kind_{request['kind']}")
                response = "utter_request_status_kind"
                dispatcher.utter_message(response=response, kind=kind, **filled)
            else:
                dispatcher.utter_message(response="utter_request_status", **filled)
        return []
