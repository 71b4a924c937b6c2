"""Asking for an officer: where the traveler stands is told honestly, in every language."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.handoff import Handoff
from actions.unsure import not_understood_before
from tests.system import ROOT

P3 = {"place": "3"}
RESPONSES = yaml.safe_load((ROOT / "data/responses/handoff.yml").read_text("utf-8"))["responses"]


def user(message_id: str, intent: str = "talk_to_officer") -> dict[str, Any]:
    return {
        "event": "user",
        "message_id": message_id,
        "parse_data": {"intent": {"name": intent}},
    }


@pytest.mark.parametrize(
    ("waiting", "response", "filled"),
    [
        ({"owner": "queue", "on_duty": 0, "place": 1, "wait": None}, "unmanned", {}),
        (
            {"owner": "queue", "on_duty": 2, "place": 3, "wait": None},
            "wait_unknown",
            {"place": "3"},
        ),
        (
            {"owner": "queue", "on_duty": 1, "place": 2, "wait": 170.0},
            "wait",
            {"place": "2", "minutes": "3"},
        ),
        ({"owner": "officer", "on_duty": 1, "place": 0, "wait": None}, "officer", {}),
    ],
)
async def test_what_is_said_is_where_the_traveler_stands(
    waiting: dict[str, Any],
    response: str,
    filled: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[tuple[str, dict[str, Any]]] = []

    async def tell(path: str, body: dict[str, Any]) -> dict[str, Any]:
        told.append((path, body))
        return waiting

    monkeypatch.setattr(hub, "tell", tell)
    events = [user("c1:1", "greet"), {"event": "bot"}, user("c1:3")]
    tracker = Tracker("c1", {}, {}, events, False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await Handoff().run(dispatcher, tracker, {}) == []
    (message,) = dispatcher.messages
    assert message["response"] == f"utter_handoff_{response}"
    assert {name: message[name] for name in filled} == filled
    # the same message asks with the same key, however often it is tried
    asked = {"conversation_id": "c1", "reason": "asked", "key": "c1:3:action_handoff"}
    assert told == [("handoffs", asked)]
    texts = [each["text"] for each in RESPONSES[message["response"]]]
    assert len(texts) == 4
    assert all(("{" + name + "}" in text) for text in texts for name in filled)


def test_after_two_messages_that_were_not_understood_a_person_is_offered() -> None:
    unknown = user("1", "nlu_fallback")
    assert not not_understood_before([unknown])
    assert not not_understood_before([unknown, user("2", "greet"), unknown])
    assert not_understood_before([user("0"), unknown, {"event": "bot"}, unknown])


def test_every_state_of_waiting_has_its_words() -> None:
    assert set(RESPONSES) == {
        f"utter_handoff_{name}" for name in ("officer", "unmanned", "wait_unknown", "wait")
    }
