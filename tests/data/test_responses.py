"""What the assistant says: four languages, same numbers, countries named, everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from bot.policy_texts import numbers_of, unnamed_emergency_number
from tests.system import ROOT

LANGUAGES = ("zh", "kk", "ru", "en")
_RULES = (ROOT / "data" / "rules").glob("*.yml")


def responses() -> dict[str, dict[str, dict[str, Any]]]:
    """Variations by response and language; the stubs of retrieval intents left out."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in (ROOT / "data" / "responses").glob("*.yml"):
        for name, variations in yaml.safe_load(path.read_text("utf-8"))["responses"].items():
            if "/" not in name:
                found[name] = {v["metadata"]["language"]: v for v in variations}
    return found


@pytest.mark.parametrize("name", sorted(responses()))
def test_a_response_says_the_same_in_four_languages(name: str) -> None:
    variations = responses()[name]
    assert set(variations) == set(LANGUAGES)
    english = variations["en"]
    for language, variation in variations.items():
        text = variation["text"]
        assert numbers_of(text, language) == numbers_of(english["text"], "en"), language
        assert unnamed_emergency_number(text, language) is None, language
        assert re.findall(r"\{\w+\}", text) == re.findall(r"\{\w+\}", english["text"])
        payloads = [button["payload"] for button in variation.get("buttons", [])]
        assert payloads == [button["payload"] for button in english.get("buttons", [])]
        assert len(payloads) <= 3


def test_every_label_is_handled_by_a_rule() -> None:
    titles = yaml.safe_load((ROOT / "data" / "titles.yml").read_text("utf-8"))
    intents = {
        step["intent"]
        for path in _RULES
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]
        for step in rule["steps"]
        if "intent" in step
    }
    assert {label.partition("/")[0] for label in titles} <= intents


def test_titles_stand_in_four_languages_and_are_short() -> None:
    titles = yaml.safe_load((ROOT / "data" / "titles.yml").read_text("utf-8"))
    for label, texts in titles.items():
        assert set(texts) == set(LANGUAGES), label
        assert all(0 < len(text) <= 32 for text in texts.values()), (label, texts)
