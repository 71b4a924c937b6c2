"""Asking for the queue, also in the middle of something else, by the real rules."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.core.events import ActionExecutionRejected, ActiveLoop

from tests.bot.test_stay_rules import LISTEN, Turns


def test_the_queue_is_told_and_a_form_goes_on_after_it(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    turns.hear("queue_status")
    assert [turns.act(), turns.act()] == ["action_queue_status", LISTEN]
    turns.hear("request_special_lane")
    assert turns.act(ActiveLoop("special_lane_form")) == "special_lane_form"
    assert turns.act() == LISTEN
    turns.hear("queue_status")
    turns._add(ActionExecutionRejected("special_lane_form"))
    assert [turns.act() for _ in range(3)] == ["action_queue_status", "special_lane_form", LISTEN]
