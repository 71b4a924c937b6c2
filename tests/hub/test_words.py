"""The pages' words: all there, in every language and script."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import SCRIPTS, Language
from hub.errors import STATUS
from hub.words import preferred, supported, words

LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


def shape(value: Any) -> Any:
    """A text's place-holders, a list's length, a dictionary's keys."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    assert isinstance(value, str)
    assert value.strip()
    return sorted(re.findall(r"\{\w+\}", value))


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_every_language_has_the_same_words(language: Language) -> None:
    assert shape(words(language)) == shape(words(Language("en", "Latn")))


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_every_error_of_the_api_has_a_sentence(language: Language) -> None:
    assert set(words(language)["errors"]) == set(STATUS)


def test_kazakh_in_arabic_letters_keeps_no_cyrillic_letter() -> None:
    assert not re.search("[а-яәғқңөұүһі]", str(words(Language("kk", "Arab"))), re.IGNORECASE)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-TW,en;q=0.5", Language("zh", "Hant")),
        ("zh-CN", Language("zh", "Hans")),
        ("kk-CN", Language("kk", "Arab")),
        ("kk-Latn-KZ, ru", Language("kk", "Latn")),
        ("kk-Cyrl-CN", Language("kk", "Cyrl")),
        ("de;q=0.9, ru;q=0.8, en;q=0.1", Language("ru", "Cyrl")),
        ("en;q=0.2, kk;q=0.7", Language("kk", "Cyrl")),
        ("de, fr", Language("en", "Latn")),
        ("", Language("en", "Latn")),
        ("ru;q=much", Language("en", "Latn")),
    ],
)
def test_the_browser_s_first_language_that_we_speak_is_taken(
    header: str, language: Language
) -> None:
    assert preferred(header) == language


@given(st.text(max_size=200))
def test_no_header_is_too_odd(header: str) -> None:
    assert preferred(header) in LANGUAGES


def test_a_script_of_another_language_is_not_supported() -> None:
    assert supported("kk", "Arab") == Language("kk", "Arab")
    assert supported("ru", "Arab") is None
    assert supported("de") is None
