"""The phrasebook: every phrase in every language and script, numbers agreeing."""

from __future__ import annotations

import re

import pytest

from bot.language import SCRIPTS, Language
from desk import phrases

LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
AT_LEAST = 80


def test_there_are_enough_phrases_of_every_group() -> None:
    groups: dict[str, int] = {}
    for phrase in phrases.listed():
        groups[phrase["group"]] = groups.get(phrase["group"], 0) + 1
    assert sum(groups.values()) >= AT_LEAST
    assert len(groups) >= 12
    assert min(groups.values()) >= 4


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_every_phrase_is_said_with_its_places_filled(language: Language) -> None:
    for phrase in phrases.listed():
        for number in (1, 2, 5, 11, 21, 22, 100):
            said = phrases.say(phrase["key"], dict.fromkeys(phrase["fields"], number), language)
            assert said.strip()
            assert "{" not in said
            assert not phrase["fields"] or str(number) in said, phrase["key"]
            if language.script == "Arab":
                assert not re.search("[а-яәғқңөұүһі]", said, re.IGNORECASE), said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (1, "1 минуту."),
        (2, "2 минуты."),
        (5, "5 минут."),
        (11, "11 минут."),
        (21, "21 минуту."),
        (114, "114 минут."),
    ],
)
def test_russian_words_agree_with_their_number(minutes: int, said: str) -> None:
    text = phrases.say("wait_minutes", {"minutes": minutes}, Language("ru", "Cyrl"))
    assert text.endswith(said)


@pytest.mark.parametrize(
    "values",
    [{}, {"minutes": "soon"}, {"minutes": True}, {"minutes": ""}, {"minutes": "5" * 99}, {"x": 5}],
)
def test_a_place_that_is_not_filled_as_it_must_be_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(phrases.PhraseError):
        phrases.say("wait_minutes", values, Language("ru", "Cyrl"))


def test_what_is_filled_in_is_text_and_no_pattern() -> None:
    said = phrases.say("lane_go_to", {"lane": "{minutes}"}, Language("en", "Latn"))
    assert "{minutes}" in said
