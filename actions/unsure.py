"""When the assistant is not sure: the likeliest topics as buttons, or a question back."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.topics import button, titles
from actions.traveler import traveler_of

OFFERED = 3
"""Topics offered at most; more are not read."""

PERSON, NOT_UNDERSTOOD = "talk_to_officer", "nlu_fallback"

NOT_OFFERED = {"out_of_scope", "affirm", "deny", "greet", "goodbye", "thank", "cancel"}
"""Labels that nobody would tap a button for."""


def offered(guesses: list[str]) -> list[str]:
    """The labels to offer out of guesses, the likeliest first; none means to ask back."""
    return [label for label in guesses if label in titles() and label not in NOT_OFFERED][:OFFERED]


def not_understood_before(events: list[dict[str, Any]]) -> bool:
    """Whether the message before the last was not understood either: then a person may help.

    After an officer's stretch it counts anew.
    """
    intents: list[str | None] = []
    for event in events:
        if event["event"] == "slot" and event["name"] == "owner":
            intents.clear()
        elif event["event"] == "user":
            intents.append(event["parse_data"]["intent"].get("name"))
    return intents[-2:] == [NOT_UNDERSTOOD, NOT_UNDERSTOOD]


class OfferTopics(Action):
    """Offers the best guesses instead of answering one of them."""

    def name(self) -> str:
        return "action_offer_topics"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        traveler = traveler_of(tracker)
        person = [button(PERSON, traveler)] if not_understood_before(tracker.events) else []
        guesses = [guess["name"] for guess in tracker.latest_message.get("intent_ranking", [])]
        if labels := offered(guesses):
            dispatcher.utter_message(
                response="utter_offer_topics",
                buttons=[*(button(label, traveler) for label in labels), *person],
            )
        else:
            dispatcher.utter_message(response="utter_ask_again", buttons=person)
        return []
