"""Who speaks next while a short form is active, by the real rules."""

from __future__ import annotations

import pytest
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    FollowupAction,
)

from tests.bot.test_stay_rules import LISTEN, Turns

FORMS = {
    "lost_and_found": "lost_item_form",
    "complaint": "complaint_form",
    "need_interpreter": "interpreter_form",
    "request_appointment": "appointment_form",
}
SPECIAL_LANE = "special_lane_form"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Turns:
    return Turns(tmp_path_factory.mktemp("rules"))


def begin(turns: Turns, intent: str) -> str:
    form = FORMS[intent]
    turns.start()
    turns.hear(intent)
    assert turns.act(ActiveLoop(form)) == form
    assert turns.act() == LISTEN
    return form


@pytest.mark.parametrize("asks", FORMS)
@pytest.mark.parametrize(
    "intent",
    ["nlu_fallback", "policy", "affirm", "cancel", "thank", "talk_to_officer", "goodbye", *FORMS],
)
def test_every_message_comes_to_the_form_first(trained: Turns, asks: str, intent: str) -> None:
    form = begin(trained, asks)
    trained.hear(intent)
    assert trained.act() == form
    assert trained.act() == LISTEN


@pytest.mark.parametrize("asks", FORMS)
@pytest.mark.parametrize(
    ("intent", "answer"),
    [
        ("policy", "action_answer_policy"),
        ("nlu_fallback", "action_offer_topics"),
        ("request_status", "action_request_status"),
        ("cancel_request", "action_cancel_request"),
        ("talk_to_officer", "action_handoff"),
    ],
)
def test_another_topic_is_answered_and_then_the_form_goes_on(
    trained: Turns, asks: str, intent: str, answer: str
) -> None:
    form = begin(trained, asks)
    trained.hear(intent)
    assert trained._next() == form
    trained._add(ActionExecutionRejected(form))
    assert trained.act() == answer
    assert trained.act() == form
    assert trained.act() == LISTEN


@pytest.mark.parametrize("asks", FORMS)
def test_once_sent_or_cancelled_the_rules_listen_and_go_on_as_before(
    trained: Turns, asks: str
) -> None:
    form = begin(trained, asks)
    trained.hear("affirm")
    assert trained.act(ActiveLoop(None)) == form
    assert trained.act() == LISTEN
    trained.hear("affirm")
    assert [trained.act(), trained.act()] == ["utter_affirm", LISTEN]


@pytest.mark.parametrize("asks", FORMS)
def test_what_needs_no_dialogue_is_answered_once(trained: Turns, asks: str) -> None:
    trained.start()
    trained.hear(asks)
    assert trained.act() == FORMS[asks]
    assert trained.act() == LISTEN


@pytest.mark.parametrize("asks", FORMS)
def test_in_the_middle_of_the_special_lane_its_question_comes_again_after_one_answer(
    trained: Turns, asks: str
) -> None:
    trained.start()
    trained._add(ActionExecuted(SPECIAL_LANE), ActiveLoop(SPECIAL_LANE), ActionExecuted(LISTEN))
    trained.hear(asks)
    assert trained._next() == SPECIAL_LANE
    trained._add(ActionExecutionRejected(SPECIAL_LANE))
    # as the form does where it begins no dialogue
    assert trained.act(FollowupAction(SPECIAL_LANE)) == FORMS[asks]
    assert trained.tracker.followup_action == SPECIAL_LANE
    trained._add(ActionExecuted(SPECIAL_LANE))
    assert trained.act() == LISTEN


@pytest.mark.parametrize("asks", FORMS)
def test_out_of_the_special_lane_one_comes_to_a_form_that_asks_something(
    trained: Turns, asks: str
) -> None:
    trained.start()
    trained._add(ActionExecuted(SPECIAL_LANE), ActiveLoop(SPECIAL_LANE), ActionExecuted(LISTEN))
    trained.hear(asks)
    trained._add(ActionExecutionRejected(SPECIAL_LANE))
    assert trained.act(ActiveLoop(FORMS[asks])) == FORMS[asks]
    assert trained.act() == LISTEN
