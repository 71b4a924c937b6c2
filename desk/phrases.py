"""The officers' phrasebook: ``data/phrases.yml``, in any language and script, numbers agreeing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from bot.language import SCRIPTS, Language
from bot.scripts import to_script

PHRASES = Path(__file__).parent.parent / "data" / "phrases.yml"
LONGEST = 60
"""Characters of what is filled into a place."""


class PhraseError(ValueError):
    """There is no such phrase, or a place of it is not filled as it must be."""


def listed() -> list[dict[str, Any]]:
    """All phrases with their places; a text whose words go by a number comes with its forms."""
    return [
        {
            "key": key,
            "group": phrase["group"],
            "fields": phrase.get("fields", []),
            "text": {code: phrase[code] for code in SCRIPTS},
        }
        for key, phrase in _phrases().items()
    ]


def say(key: str, values: dict[str, Any], language: Language) -> str:
    """A phrase in a language and script, its places filled.

    Raises:
        PhraseError
    """
    phrase = _phrases().get(key)
    if phrase is None:
        raise PhraseError(f"there is no phrase {key!r}")
    filled = {name: _filled(name, values.get(name)) for name in phrase.get("fields", [])}
    text = phrase[language.code]
    if isinstance(text, dict):
        text = text[_form(text, filled, language.code)]
    return to_script(text, language.code, language.script).format(**filled)


def _filled(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise PhraseError(f"{name} must be a text or a number")
    text = str(value).strip()
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise PhraseError(f"{name} must have 1 to {LONGEST} characters")
    return text


def _form(forms: dict[str, str], filled: dict[str, str], code: str) -> str:
    """The CLDR plural category of the number that a text goes by."""
    number = filled[forms["by"]]
    if not number.isdecimal():
        raise PhraseError(f"{forms['by']} must be a number")
    category = Locale(code).plural_form(int(number))
    return category if category in forms else "other"


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(PHRASES.read_text(encoding="utf-8"))
    return loaded
