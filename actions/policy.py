"""Answers a policy question from ``data/policies``, with its source and date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.topics import button
from actions.traveler import Traveler, today, traveler_of
from bot.policies import Policy, Source, day_in, label_of, load

CARDS = Path(__file__).parent.parent / "data" / "cards.yml"
_WORDING = {
    "flat": "utter_policy",
    "referred": "utter_policy_referred",
    "stale": "utter_policy_stale",
    "expired": "utter_policy_expired",
}


class AnswerPolicy(Action):
    """Says the answer of the topic asked for, worded by how certain it is today."""

    def name(self) -> str:
        return "action_answer_policy"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        topic = next(tracker.get_latest_entity_values("topic"), None)
        policy = load().get(topic or "")
        if policy is None:
            dispatcher.utter_message(response="utter_no_such_policy")
            return []
        traveler = traveler_of(tracker)
        day = today()
        dispatcher.utter_message(
            response=_WORDING[policy.state(day)],
            answer=policy.text(traveler.language, day),
            verified=day_in(policy.verified, traveler.language),
            buttons=[button(label_of(related), traveler) for related in policy.related],
            json_message={"card": source_card(policy, traveler)},
        )
        return []


def source_card(policy: Policy, traveler: Traveler) -> dict[str, Any]:
    """The card below an answer: who says so, of which day, when last checked, and whose rule it is.

    ``{"kind": "source", "title", "lines": [{"name", "date"}], "verified", "note"}``,
    all texts in the traveler's language and script.
    """
    note = traveler.script_of(_words()[policy.jurisdiction][traveler.language])
    return {**sources_card(policy.sources, policy.verified, traveler), "note": note}


def sources_card(sources: Sequence[Source], verified: date, traveler: Traveler) -> dict[str, Any]:
    """The same card without its note, for what rests on several policies."""
    words = {key: texts[traveler.language] for key, texts in _words().items()}
    lines = [
        {
            "name": traveler.script_of(source.name[traveler.language]),
            "date": traveler.script_of(source.day(traveler.language)),
        }
        for source in sources
    ]
    return {
        "kind": "source",
        "title": traveler.script_of(words["source"]),
        "lines": lines,
        "verified": traveler.script_of(
            words["verified"].replace("{day}", day_in(verified, traveler.language))
        ),
    }


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(CARDS.read_text(encoding="utf-8"))
    return loaded
