"""Tells how many wait at the lanes that a traveler asks for, as officers entered it."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.topics import button
from actions.traveler import Traveler, traveler_of
from bot.clocks import KAZAKHSTAN, PORT_TIME
from bot.scripts.convert import readable

DATA = Path(__file__).parent.parent / "data"

PERSON = "talk_to_officer"
_HELPS = {
    "people": ["request_special_lane"],
    "truck": ["policy/truck_clearance"],
    "produce": ["policy/green_channel_produce"],
    "large": ["policy/oversized_cargo"],
    "group": ["policy/group_list"],
    "help": ["request_special_lane"],
}
"""What else may help those who ask for a lane, as labels of topics."""


class QueueStatus(Action):
    """Asks the hub, which knows whether a figure is still true."""

    def name(self) -> str:
        return "action_queue_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        traveler = traveler_of(tracker)
        subjects = _subjects(tracker, traveler)
        direction = next(tracker.get_latest_entity_values("direction"), None)
        wanted = lanes_for(subjects, direction)
        figures = (await hub.tell("queue", {}))["lanes"]
        asked = [figure for figure in figures if not wanted or figure["lane"] in wanted]
        known = [figure for figure in asked if figure["known"]]
        # who asked for nothing in particular is not told of each lane that it is not known
        people = lanes_for(["people"], None)
        told = asked if wanted else known or [each for each in asked if each["lane"] in people]
        dispatcher.utter_message(
            response=f"utter_queue_status_{_how_much(known, asked)}",
            lines="\n".join(_line(figure, traveler.language) for figure in told),
            buttons=[button(label, traveler) for label in _labels(subjects)],
        )
        return []


def lanes_for(subjects: list[str], direction: str | None) -> list[str]:
    """Keys of the lanes that a message asks for; none where it names none."""
    fitting = {
        key: lane
        for key, lane in _setting()["lanes"].items()
        if not subjects or set(subjects) & set(lane["asked"])
    }
    if direction and direction in {lane.get("direction") for lane in fitting.values()}:
        return [key for key, lane in fitting.items() if lane.get("direction") == direction]
    return list(fitting) if subjects else []


def _subjects(tracker: Tracker, traveler: Traveler) -> list[str]:
    """What a message asks for, as lanes' ``asked`` has it; "people" only beside nothing else."""
    vehicles = list(tracker.get_latest_entity_values("vehicle"))
    helps = ["help"] if any(tracker.get_latest_entity_values("help")) else []
    text = readable(tracker.latest_message.get("text") or "", traveler.language, traveler.script)
    said = [
        subject
        for subject, words in _setting()["said"].items()
        if any(word in text for word in words[traveler.language])
    ]
    found = list(dict.fromkeys([*vehicles, *helps, *said]))
    if "produce" in found or "large" in found:
        # their trucks have a lane of their own
        found = [subject for subject in found if subject != "truck"]
    return [subject for subject in found if subject != "people"] or found


def _how_much(known: list[Any], asked: list[Any]) -> str:
    if not known:
        return "unknown"
    return "known" if len(known) == len(asked) else "partly"


def _line(figure: dict[str, Any], language: str) -> str:
    lane = _setting()["lanes"][figure["lane"]]
    name = lane["name"][language]
    if not figure["known"]:
        return _word("not_known", language).format(lane=name)
    count, minutes = figure["waiting"], figure["minutes"]
    waiting = _word(lane["counts"] if count else "none", language).format(count=count)
    if minutes:
        waiting = _word("minutes", language).format(waiting=waiting, minutes=minutes)
    at = datetime.fromisoformat(figure["at"])
    times = {
        "time": f"{at.astimezone(PORT_TIME):%H:%M}",
        "there": f"{at.astimezone(KAZAKHSTAN):%H:%M}",
    }
    return _word("known", language).format(lane=name, waiting=waiting, **times)


def _labels(subjects: list[str]) -> list[str]:
    helps = [label for subject in subjects or ["people"] for label in _HELPS.get(subject, [])]
    return [*dict.fromkeys(helps[:2]), PERSON]


def _word(name: str, language: str) -> str:
    return _words()[name][language]


@lru_cache(maxsize=1)
def _setting() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DATA / "lanes.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        (DATA / "queue_words.yml").read_text(encoding="utf-8")
    )
    return loaded
