"""The action that answers policies: certain, referred, stale and expired, in every language."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import policy as policy_action
from actions.policy import AnswerPolicy
from bot.language import SCRIPTS, Language
from bot.policies import load
from tests.system import ROOT

BEFORE, AFTER = date(2026, 4, 1), date(2026, 11, 24)
LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


async def answer(
    topic: str, language: Language, day: date, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the action says to somebody who asks for a topic on a day."""
    monkeypatch.setattr(policy_action, "today", lambda: day)
    latest = {
        "entities": [{"entity": "topic", "value": topic}],
        "language": {"code": language.code, "script": language.script},
    }
    tracker = Tracker("t", {}, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    await AnswerPolicy().run(dispatcher, tracker, {})
    (message,) = dispatcher.messages
    return message


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_every_policy_is_answered_with_its_source_in_language_and_script(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    for topic, policy in load().items():
        message = await answer(topic, language, AFTER, monkeypatch)
        card = message["custom"]["card"]
        assert len(card["lines"]) == len(policy.sources)
        assert all(re.search(r"\d{4}", line["date"]) for line in card["lines"]), topic
        assert 1 <= len(message["buttons"]) <= 3, topic
        for button in message["buttons"]:
            name, _, entities = button["payload"].lstrip("/").partition("{")
            assert name
            assert not entities or json.loads("{" + entities)["topic"] in load()
        if language.script == "Arab":
            shown = json.dumps([card, [b["title"] for b in message["buttons"]]], ensure_ascii=False)
            assert not re.search("[а-яәғқңөұүһі]", shown, re.IGNORECASE), topic


@pytest.mark.parametrize(
    ("topic", "day", "wording"),
    [
        ("visa_free_stay", AFTER, "utter_policy"),
        ("cash_limits", AFTER, "utter_policy_referred"),
        ("holiday_closure", BEFORE, "utter_policy_referred"),
        ("holiday_closure", AFTER, "utter_policy_stale"),
        ("visa_third_country", BEFORE, "utter_policy_referred"),
        ("visa_third_country", date(2026, 9, 14), "utter_policy_referred"),
        ("visa_third_country", date(2026, 9, 15), "utter_policy_expired"),
    ],
)
async def test_the_wording_follows_certainty_and_day(
    topic: str, day: date, wording: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await answer(topic, Language("en", "Latn"), day, monkeypatch)
    assert message["response"] == wording


async def test_after_its_last_day_a_policy_says_what_was_known_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = load()["visa_third_country"]
    for code in ("zh", "kk", "ru", "en"):
        language = Language(code, SCRIPTS[code][0])
        before = await answer("visa_third_country", language, date(2026, 9, 14), monkeypatch)
        after = await answer("visa_third_country", language, date(2026, 9, 15), monkeypatch)
        assert policy.expired is not None
        assert before["answer"] == policy.answer[code]
        assert after["answer"] == policy.expired[code]


async def test_a_topic_without_policy_is_referred_and_not_made_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = await answer("moon_trips", Language("ru", "Cyrl"), AFTER, monkeypatch)
    assert message["response"] == "utter_no_such_policy"
    assert not message.get("answer")


def test_every_policy_label_has_a_policy_and_every_policy_a_label() -> None:
    titles = yaml.safe_load((ROOT / "data" / "titles.yml").read_text(encoding="utf-8"))
    labels = {label.removeprefix("policy/") for label in titles if label.startswith("policy/")}
    assert labels == set(load())
