"""The two ways through this package: a text out to the traveler, a message in to be understood."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import opencc
import yaml

from bot.scripts.kazakh import (
    arabic_to_cyrillic,
    cyrillic_to_arabic,
    cyrillic_to_latin,
    latin_to_cyrillic,
)

PLACES = Path(__file__).parent.parent.parent / "data" / "languages" / "places.yml"

_TO_TRADITIONAL = opencc.OpenCC("s2tw")
_TO_SIMPLIFIED = opencc.OpenCC("tw2sp")
_CHARACTERS_SIMPLIFIED = opencc.OpenCC("t2s")
_CHARACTERS_TRADITIONAL = opencc.OpenCC("s2t")

_FOLDED = str.maketrans("әғқңөұүһіё", "агкноуухие")
_COMPOSED = str.maketrans(
    {"İ": "i", "\u0675": "\u0674ا", "\u0676": "\u0674و", "\u0677": "\u0674ۇ", "\u0678": "\u0674ى"}
)
_REPEATED = re.compile(r"(\D)\1{2,}")
_DIGITS = re.compile(r"\d+")
_NOISE = re.compile(r"[^\w]+|_+")


def to_script(text: str, language: str, script: str) -> str:
    """A text of ours in another script of its language.

    Takes Kazakh in Cyrillic to ``Arab`` or ``Latn`` and simplified Chinese to
    ``Hant``; everything else comes back as it was. Numbers, links, plates and
    names in Latin letters have no letters of the script left and so stay.
    """
    if language == "kk" and script == "Arab":
        return cyrillic_to_arabic(text)
    if language == "kk" and script == "Latn":
        return cyrillic_to_latin(text)
    if language == "zh" and script == "Hant":
        # a visa is 簽證; the library takes a lone 签 for a bamboo slip (籤)
        return str(_TO_TRADITIONAL.convert(text)).replace("籤", "簽")
    return text


def from_script(text: str, language: str, script: str) -> str:
    """The way back: Kazakh in Cyrillic and simplified Chinese out of another script.

    Numbers and links stay; what is Latin in a Kazakh text in Latin letters is read as Kazakh.
    """
    if language == "kk" and script == "Arab":
        return arabic_to_cyrillic(text)
    if language == "kk" and script == "Latn":
        return latin_to_cyrillic(text)
    if language == "zh" and script == "Hant":
        return str(_TO_SIMPLIFIED.convert(text))
    return text


def chinese_script(text: str) -> str | None:
    """``Hans`` or ``Hant`` by characters that only one of them has; ``None`` without any."""
    changed = {
        "Hant": sum(a != b for a, b in zip(text, _CHARACTERS_SIMPLIFIED.convert(text))),
        "Hans": sum(a != b for a, b in zip(text, _CHARACTERS_TRADITIONAL.convert(text))),
    }
    if changed["Hant"] == changed["Hans"]:
        return None
    return max(changed, key=lambda script: changed[script])


def readable(text: str, language: str, script: str) -> str:
    """A message in one script and spelling, with its digits and punctuation.

    Lower case; Kazakh in Cyrillic without its own letters, simplified Chinese.
    """
    # before NFKC, which takes hamza letters apart, and lower(), which does so to İ
    text = unicodedata.normalize("NFKC", text.translate(_COMPOSED)).lower()
    if language == "kk" and script == "Latn":
        text = latin_to_cyrillic(text)
    elif language == "kk" and script == "Arab":
        text = arabic_to_cyrillic(text)
    elif language == "zh":
        text = str(_TO_SIMPLIFIED.convert(text))
    return text.translate(_FOLDED)


def normalize(text: str, language: str, script: str) -> str:
    """A message as the topic classifier sees it: one spelling for what people spell in many ways.

    Beyond ``readable``, punctuation goes, digits become one 0, places one word each.
    """
    text = _REPEATED.sub(r"\1", readable(text, language, script))
    text = _DIGITS.sub("0", _NOISE.sub(" ", text))
    spellings, pattern = _places()
    return pattern.sub(lambda match: f" {spellings[match.group()]} ", text).strip()


def places_in(text: str) -> list[str]:
    """Keys of ``places.yml`` that a ``readable`` text names, in their order."""
    spellings, pattern = _places()
    found = (spellings[match.group()] for match in pattern.finditer(_NOISE.sub(" ", text)))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _places() -> tuple[dict[str, str], re.Pattern[str]]:
    by_place = yaml.safe_load(PLACES.read_text(encoding="utf-8"))
    spellings = {
        _NOISE.sub(" ", spelling): place for place, all_ in by_place.items() for spelling in all_
    }
    longest_first = sorted(spellings, key=len, reverse=True)
    # a word may go on with a case ending, but not begin inside another word
    alternatives = "|".join(re.escape(spelling) for spelling in longest_first)
    return spellings, re.compile(rf"(?<![a-zа-я])(?:{alternatives})")
