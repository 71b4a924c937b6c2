"""Cancels a request, by its number or from the conversation that asked for it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.request_numbers import number_asked_for
from actions.request_status import OPEN
from actions.request_words import Words
from actions.traveler import message_id, traveler_of

INTENT = "cancel_request"
SHOWN = 3
"""Requests offered at most."""


class CancelRequest(Action):
    """Cancels at once what is named; otherwise asks, so that nothing is lost by a wrong guess."""

    def name(self) -> str:
        return "action_cancel_request"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        words = Words(traveler_of(tracker))
        if "keep" in tracker.get_latest_entity_values("answer"):
            dispatcher.utter_message(response="utter_cancel_request_kept")
        elif number := number_asked_for(tracker):
            await _cancel(dispatcher, tracker, number, words)
        else:
            await _ask(dispatcher, tracker, words)
        return []


async def _cancel(
    dispatcher: CollectingDispatcher, tracker: Tracker, number: str, words: Words
) -> None:
    cancelled = await hub.tell(
        "requests/cancel",
        {
            "conversation_id": tracker.sender_id,
            "number": number,
            "key": message_id(tracker),
        },
    )
    if cancelled["number"] is None:
        dispatcher.utter_message(response="utter_request_unknown", number=number)
    elif cancelled["changed"]:
        dispatcher.utter_message(response="utter_cancel_request_done", number=cancelled["number"])
    else:
        dispatcher.utter_message(
            response="utter_cancel_request_over",
            number=cancelled["number"],
            state=words.state(cancelled),
        )


async def _ask(dispatcher: CollectingDispatcher, tracker: Tracker, words: Words) -> None:
    found = await hub.tell("requests/find", {"conversation_id": tracker.sender_id, "number": None})
    left = [request for request in found["requests"] if request["state"] in OPEN][:SHOWN]
    if not left:
        dispatcher.utter_message(response="utter_cancel_request_none")
        return
    buttons = [
        words.button(
            INTENT,
            "request_number",
            request["number"],
            words.phrase(
                "cancel_kind",
                number=request["number"],
                kind=words.phrase(f"kind_{request['kind']}"),
            ),
        )
        for request in left
    ]
    buttons.append(words.button(INTENT, "answer", "keep", words.phrase("keep")))
    if len(left) == 1:
        dispatcher.utter_message(
            response="utter_cancel_request_sure",
            number=left[0]["number"],
            what=words.kind(left[0]),
            buttons=buttons,
        )
    else:
        dispatcher.utter_message(response="utter_cancel_request_which", buttons=buttons)
