"""What messages say of lost things, complaints, interpreters and trucks: pure, over word lists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.traveler import Traveler
from bot.entities.reading import Reading
from bot.entities.words import pattern_of

WORDS = Path(__file__).parent.parent / "data" / "languages" / "services.yml"


def reading_of(text: str, traveler: Traveler) -> Reading:
    """A message in one spelling, with digits for number words."""
    return Reading.of(text, traveler.language, traveler.script)


def values_in(section: str, reading: Reading) -> list[str]:
    """The values of a section whose words stand in a message, in the section's order."""
    return [
        value
        for value, listed in _words()[section].items()
        if _pattern(tuple(listed[reading.language]), reading.language).search(reading.text)
    ]


def names(section: str, reading: Reading) -> bool:
    """Whether a word of a section stands in a message."""
    listed = tuple(_words()[section][reading.language])
    return bool(_pattern(listed, reading.language).search(reading.text))


def number_of(section: str, reading: Reading) -> int | None:
    """The last number that a section's expression finds: it is the corrected one."""
    expression = _words()[section][reading.language]
    begin = r"(?<![\d:.])" if expression.startswith("(?P<n>") else ""
    found = [
        int(next(part for part in match.groups() if part))
        for match in re.finditer(begin + f"(?:{expression})", reading.text)
    ]
    return found[-1] if found else None


def is_question(text: str, traveler: Traveler) -> bool:
    """Whether a message ends with a question mark."""
    return text.rstrip().endswith(("?", "？", "؟"))


def sounds_like_a_question(reading: Reading) -> bool:
    """Whether a message is put as a question, with or without the mark."""
    return bool(re.match(_words()["question"][reading.language], reading.text.strip(), re.DOTALL))


def tells(section: str, reading: Reading, least: int) -> bool:
    """Whether a message says more than the ``empty_…`` words of a section do.

    ``least`` is the words that must be left; in Chinese twice as many characters.
    """
    expression = _words()[section][reading.language]
    if reading.language == "zh":
        left = re.sub(rf"{expression}|\W|[0-9]", "", reading.text)
        return len(left) >= (2 * least if least > 1 else 1)
    words = re.findall(r"[^\W_]+", reading.text)
    return sum(1 for word in words if not re.fullmatch(expression, word)) >= least


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


@cache
def _pattern(listed: tuple[str, ...], language: str) -> re.Pattern[str]:
    return pattern_of(listed, language)
