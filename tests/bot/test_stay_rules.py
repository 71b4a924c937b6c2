"""Who speaks next while the stay calculator's loop is active, by the real rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    Event,
    UserUttered,
)
from rasa.shared.core.generator import TrainingDataGenerator
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.importers import utils

from tests.system import ROOT

LOOP = "action_stay_calculator"
LISTEN = "action_listen"


class Turns:
    """A conversation in which the rules choose, and actions bring the events they are given."""

    def __init__(self, folder: Path) -> None:
        domain = Domain.from_dict({"intents": ["policy"]}).merge(Domain.load(ROOT / "domain.yml"))
        for path in sorted((ROOT / "data" / "responses").glob("*.yml")):
            domain = domain.merge(Domain.load(path))
        rules = [str(path) for path in sorted((ROOT / "data" / "rules").glob("*.yml"))]
        graph = utils.story_graph_from_paths(rules, domain)
        settings = {"core_fallback_action_name": "action_offer_topics"}
        self.policy = RulePolicy.create(
            {**RulePolicy.get_default_config(), **settings},
            LocalModelStorage(folder),
            Resource("rules"),
            ExecutionContext(GraphSchema({}), "test"),
        )
        # it refuses rules that contradict each other
        self.policy.train(TrainingDataGenerator(graph, domain).generate(), domain)
        self.domain = domain
        self.start()

    def start(self) -> None:
        self.tracker = DialogueStateTracker.from_events("s", [], slots=self.domain.slots)
        self._add(ActionExecuted(LISTEN))

    def hear(self, intent: str) -> None:
        self._add(UserUttered("?", intent={"name": intent, "confidence": 1.0}))

    def act(self, *events: Event) -> str:
        """What the rules choose; ``events`` are what it brings."""
        name = self._next()
        self._add(ActionExecuted(name), *events)
        return name

    def reject(self) -> None:
        assert self._next() == LOOP
        self._add(ActionExecutionRejected(LOOP))

    def _next(self) -> str:
        found = self.policy.predict_action_probabilities(
            self.tracker, self.domain, rule_only_data={}
        ).probabilities
        name: str = self.domain.action_names_or_texts[found.index(max(found))]
        return name

    def _add(self, *events: Event) -> None:
        for event in events:
            self.tracker.update(event, self.domain)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Turns:
    return Turns(tmp_path_factory.mktemp("rules"))


@pytest.fixture
def turns(trained: Turns) -> Turns:
    trained.start()
    trained.hear("stay_calculator")
    assert trained.act(ActiveLoop(LOOP)) == LOOP
    assert trained.act() == LISTEN
    return trained


@pytest.mark.parametrize("intent", ["nlu_fallback", "policy", "deny", "request_special_lane"])
def test_whatever_topic_dates_are_taken_for_they_come_back_to_the_calculator(
    turns: Turns, intent: str
) -> None:
    turns.hear(intent)
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


@pytest.mark.parametrize(
    ("intent", "answers"),
    [
        ("policy", ["action_answer_policy"]),
        ("nlu_fallback", ["action_offer_topics"]),
        ("cancel", ["utter_cancel"]),
    ],
)
def test_another_topic_is_answered_and_then_the_calculator_asked_once_more(
    turns: Turns, intent: str, answers: list[str]
) -> None:
    turns.hear(intent)
    turns.reject()
    assert [turns.act() for _ in answers] == answers
    assert turns.act() == LOOP
    assert turns.act() == LISTEN


def test_once_the_loop_has_ended_itself_the_rules_listen_and_go_on_as_before(turns: Turns) -> None:
    turns.hear("policy")
    turns.reject()
    assert turns.act() == "action_answer_policy"
    assert turns.act(ActiveLoop(None)) == LOOP
    assert turns.act() == LISTEN
    turns.hear("greet")
    assert [turns.act(), turns.act()] == ["utter_greet", LISTEN]
