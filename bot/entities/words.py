"""The word lists of ``data/languages/entities.yml`` as compiled patterns."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

WORDS = Path(__file__).parent.parent.parent / "data" / "languages" / "entities.yml"

BLANK = "\x00"
"""Stands for what was read already; neither a word nor a space."""


class Taken(NamedTuple):
    """Values in the order they stand, and the text with their words blanked."""

    values: list[str]
    rest: str


@cache
def words() -> dict[str, Any]:
    """The whole file."""
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


@cache
def one_of(section: str, language: str) -> re.Pattern[str]:
    """A pattern that a section keeps as one expression, from a word's beginning."""
    return re.compile(beginning(language) + rf"(?:{words()[section][language]})")


@cache
def patterns(section: str, language: str) -> tuple[re.Pattern[str], ...]:
    """The whole expressions that a section lists, each from a word's beginning."""
    return tuple(
        re.compile(beginning(language) + f"(?:{expression})")
        for expression in words()[section][language]
    )


@cache
def word_list(section: str, language: str) -> re.Pattern[str]:
    """The words that a section lists, as one pattern."""
    return pattern_of(tuple(words()[section][language]), language)


@cache
def valued(section: str, language: str) -> tuple[tuple[Any, re.Pattern[str]], ...]:
    """Of a section that gives each word a value: values with their patterns, longest word first."""
    by_word = words()[section][language]
    return tuple((by_word[w], pattern_of((w,), language)) for w in sorted(by_word, key=_long_first))


@cache
def by_value(section: str, language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Of a section that lists words for each value: values with their patterns."""
    return tuple(
        (value, pattern_of(tuple(listed[language]), language))
        for value, listed in words()[section].items()
    )


def value_of_section(section: str) -> list[str]:
    """The values a section knows."""
    return list(words()[section])


def all_of(section: str, text: str, language: str) -> Taken:
    """Every value whose words a text has."""
    found = []
    rest = text
    for value, pattern in by_value(section, language):
        # searched in the whole text: an old man in a wheelchair is two things
        for match in pattern.finditer(text):
            found.append((match.start(), value))
            rest = blank(rest, match.start(), match.end())
    return Taken(list(dict.fromkeys(value for _, value in sorted(found))), rest)


def first_of(section: str, text: str, language: str) -> str | None:
    """The value whose word stands first in a text."""
    places = [
        (match.start(), value)
        for value, pattern in by_value(section, language)
        if (match := pattern.search(text))
    ]
    return min(places)[1] if places else None


def is_whole(section: str, value: str, text: str, language: str) -> bool:
    """Whether a text is nothing but a word of a value."""
    expressions = "|".join(words()[section][value][language])
    return bool(re.fullmatch(rf"\W*(?:{expressions})\W*", text))


def blank(text: str, start: int, end: int) -> str:
    """A text with a stretch of it blanked, as long as before."""
    return text[:start] + BLANK * (end - start) + text[end:]


def pattern_of(listed: tuple[str, ...], language: str) -> re.Pattern[str]:
    """Words with the endings of their language, as the files of ``data/languages`` list them."""
    expressions = "|".join(_ended(word, language) for word in listed)
    return re.compile(beginning(language) + f"(?:{expressions})")


def _ended(word: str, language: str) -> str:
    if language == "en":
        return rf"(?:{word})s?(?!\w)"
    return word[:-1] + r"(?!\w)" if word.endswith("$") else word


def beginning(language: str) -> str:
    """Where a word may begin."""
    # after a digit a word may begin at once (3pm), and a number never inside another
    return "" if language == "zh" else r"(?<![^\W\d])"


def _long_first(word: str) -> int:
    return -len(word)
