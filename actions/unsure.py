"""When the assistant is not sure: the likeliest topics as buttons, and a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.topics import button, titles
from actions.traveler import traveler_of

OFFERED = 3
"""Topics offered at most; more are not read."""

NOT_OFFERED = {"out_of_scope", "affirm", "deny", "greet", "goodbye", "thank", "cancel"}
"""Labels that nobody would tap a button for."""


class OfferTopics(Action):
    """Offers the best guesses instead of answering one of them."""

    def name(self) -> str:
        return "action_offer_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        traveler = traveler_of(tracker)
        guesses = [guess["name"] for guess in tracker.latest_message.get("intent_ranking", [])]
        labels = [label for label in guesses if label in titles() and label not in NOT_OFFERED]
        if labels:
            dispatcher.utter_message(
                response="utter_offer_topics",
                buttons=[button(label, traveler) for label in labels[:OFFERED]],
            )
        else:
            dispatcher.utter_message(response="utter_ask_again")
        return []
