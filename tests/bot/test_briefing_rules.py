"""Who speaks next while the briefing's walk goes on, by the real rules."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActionExecutionRejected, ActiveLoop

from tests.bot.test_stay_rules import LISTEN, Turns

LOOP = "action_briefing"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Turns:
    return Turns(tmp_path_factory.mktemp("rules"))


@pytest.fixture
def turns(trained: Turns) -> Turns:
    trained.start()
    trained.hear("first_departure_briefing")
    assert trained.act(ActiveLoop(LOOP)) == LOOP
    assert trained.act() == LISTEN
    return trained


def reject(turns: Turns) -> None:
    assert turns._next() == LOOP
    turns._add(ActionExecutionRejected(LOOP))


@pytest.mark.parametrize(
    "intent", ["nlu_fallback", "policy", "affirm", "cancel", "first_departure_briefing", "goodbye"]
)
def test_every_message_comes_to_the_walk_first(turns: Turns, intent: str) -> None:
    turns.hear(intent)
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


@pytest.mark.parametrize(
    ("intent", "answers"),
    [
        ("policy", ["action_answer_policy"]),
        ("talk_to_officer", ["action_handoff"]),
        ("nlu_fallback", ["action_offer_topics"]),
        ("request_status", ["action_request_status"]),
        ("thank", ["utter_thank"]),
    ],
)
def test_a_question_is_answered_and_then_the_walk_goes_on(
    turns: Turns, intent: str, answers: list[str]
) -> None:
    turns.hear(intent)
    reject(turns)
    assert [turns.act() for _ in answers] == answers
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


def test_another_service_takes_over_and_its_own_form_goes_on(turns: Turns) -> None:
    turns.hear("request_special_lane")
    reject(turns)
    assert turns.act(ActiveLoop("special_lane_form")) == "special_lane_form"
    assert turns.act() == LISTEN
    turns.hear("policy")
    assert turns.act() == "special_lane_form"


def test_once_it_has_ended_the_rules_listen_and_go_on_as_before(turns: Turns) -> None:
    turns.hear("affirm")
    assert turns.act(ActiveLoop(None)) == LOOP
    assert turns.act() == LISTEN
    turns.hear("affirm")
    assert [turns.act(), turns.act()] == ["utter_affirm", LISTEN]


def test_an_old_button_that_ends_at_once_is_answered_once(trained: Turns) -> None:
    trained.start()
    trained.hear("first_departure_briefing")
    assert trained.act(ActiveLoop(None)) == LOOP
    assert trained.act() == LISTEN
