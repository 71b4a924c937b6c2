"""Who speaks next while the special lane's form is active, by the real rules."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import ActionExecuted, ActionExecutionRejected, ActiveLoop

from tests.bot.test_stay_rules import LISTEN, Turns
from tests.bot.test_stay_rules import LOOP as STAYS

LOOP = "special_lane_form"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Turns:
    return Turns(tmp_path_factory.mktemp("rules"))


@pytest.fixture
def turns(trained: Turns) -> Turns:
    trained.start()
    trained.hear("request_special_lane")
    assert trained.act(ActiveLoop(LOOP)) == LOOP
    assert trained.act() == LISTEN
    return trained


def reject(turns: Turns) -> None:
    assert turns._next() == LOOP
    turns._add(ActionExecutionRejected(LOOP))


@pytest.mark.parametrize(
    "intent", ["nlu_fallback", "policy", "affirm", "cancel", "request_special_lane", "goodbye"]
)
def test_every_message_comes_to_the_form_first(turns: Turns, intent: str) -> None:
    turns.hear(intent)
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


@pytest.mark.parametrize(
    ("intent", "answers"),
    [
        ("policy", ["action_answer_policy"]),
        ("nlu_fallback", ["action_offer_topics"]),
        ("request_status", ["action_request_status"]),
        ("cancel_request", ["action_cancel_request"]),
    ],
)
def test_another_topic_is_answered_and_then_the_form_goes_on(
    turns: Turns, intent: str, answers: list[str]
) -> None:
    turns.hear(intent)
    reject(turns)
    assert [turns.act() for _ in answers] == answers
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


def test_once_sent_or_cancelled_the_rules_listen_and_go_on_as_before(turns: Turns) -> None:
    turns.hear("affirm")
    assert turns.act(ActiveLoop(None)) == LOOP
    assert turns.act() == LISTEN
    turns.hear("affirm")
    assert [turns.act(), turns.act()] == ["utter_affirm", LISTEN]


def test_a_button_without_anything_to_send_is_answered_once(trained: Turns) -> None:
    trained.start()
    trained.hear("request_special_lane")
    assert trained.act(ActiveLoop(None)) == LOOP
    assert trained.act() == LISTEN


def test_out_of_the_days_of_stay_one_comes_to_the_form(trained: Turns) -> None:
    trained.start()
    trained._add(ActionExecuted(STAYS), ActiveLoop(STAYS), ActionExecuted(LISTEN))
    trained.hear("request_special_lane")
    trained.reject()
    assert trained.act(ActiveLoop(LOOP)) == LOOP
    assert trained.act() == LISTEN
