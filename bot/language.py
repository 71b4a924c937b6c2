"""Which language and script a message is in; pure, the same for the hub and for Rasa.

The script decides first: any Chinese character is Chinese, any letter that only
Kazakh has is Kazakh. Other Cyrillic, Latin and Arabic text is told apart by
character n-grams inside its script. A message too short or too neutral to
tell keeps the conversation's language.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.scripts.convert import chinese_script

SCRIPTS = {
    "zh": ("Hans", "Hant"),
    "kk": ("Cyrl", "Arab", "Latn"),
    "ru": ("Cyrl",),
    "en": ("Latn",),
}
"""The languages we speak and their scripts, the usual one first."""

LOCALES = {"zh": "zh_Hans", "kk": "kk", "ru": "ru", "en": "en_GB"}
"""Babel's names of them, in the script that we write each in."""

LANGUAGES = Path(__file__).parent.parent / "data" / "languages"

UNTIL_CHOICE_YIELDS = 3
"""Messages in a row in another language that end a choice made by hand."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KAZAKH = re.compile(r"[әғқңөұүһі]", re.IGNORECASE)
_KAZAKH_LATIN = re.compile(r"[äğıñşūáǵńúý]")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[a-z]")
_ARABIC = re.compile(r"[\u0620-\u06ff]")
_UYGHUR = re.compile(r"[\u06d0\u06c8\u0626]")
_CHINESE_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][ ·]?(?=[A-Z]*\d)[A-Z0-9]{5,6}\b")
_NO_WORDS = re.compile(
    r"https?://\S+|\S+@\S+|\b(?=\w*\d)[\w·-]+\b|"
    # letters of a number plate
    r"(?-i:\b[A-ZА-Я]{1,3}\b(?=\s*\d)|(?<=\d\s)[A-ZА-Я]{1,3}\b)|"
    r"\b(?:QazETA|eQonaq|WhatsApp|WeChat|Telegram|Kaspi|Alipay|AED|SIM|QR|VPN|GPS|ID|OK)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

_SURE_MARGIN = 1.0
"""Difference of log-likelihoods below which a text is too neutral to tell."""

_SURE_TRANSLIT = 10.0
"""The same for Russian in Latin letters: rare, and like English in a few short words."""


@dataclass(frozen=True)
class Language:
    """``code`` zh, kk, ru or en, and a ``script`` of ``SCRIPTS``."""

    code: str
    script: str


@dataclass(frozen=True)
class Detected:
    """What was found; not ``sure`` means that nothing in the text tells it."""

    language: Language
    sure: bool


@dataclass(frozen=True)
class LanguageState:
    """A conversation's language, a choice made by hand, and what has spoken against that."""

    current: Language | None = None
    chosen: Language | None = None
    other: str | None = None
    streak: int = 0

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> LanguageState:
        """Reads what ``dataclasses.asdict`` gave."""
        current, chosen = (
            Language(**stored[key]) if stored.get(key) else None for key in ("current", "chosen")
        )
        return cls(current, chosen, stored.get("other"), stored.get("streak", 0))


def follow(text: str, state: LanguageState) -> LanguageState:
    """The conversation's language after one more message of the traveler.

    Without a choice it follows every message that is sure. A choice made by
    hand wins until ``UNTIL_CHOICE_YIELDS`` messages in a row are surely in one
    other language.
    """
    found = detect(text, state.current)
    if state.chosen is None:
        return LanguageState(current=found.language)
    if not found.sure:
        return state
    code = found.language.code
    if code == state.chosen.code:
        return LanguageState(current=state.chosen, chosen=state.chosen)
    streak = state.streak + 1 if code == state.other else 1
    if streak >= UNTIL_CHOICE_YIELDS:
        return LanguageState(current=found.language)
    return LanguageState(state.chosen, state.chosen, code, streak)


def detect(text: str, current: Language | None = None) -> Detected:
    """The language of one message; ``current``, or English, where nothing tells it."""
    text = _CHINESE_PLATE.sub(" ", unicodedata.normalize("NFKC", text))
    kept = current or Language("en", "Latn")
    if _HAN.search(text):
        script = chinese_script(text) or (kept.script if kept.code == "zh" else "Hans")
        return Detected(Language("zh", script), True)
    words = [word.lower() for word in _WORD.findall(_NO_WORDS.sub(" ", text))]
    plain = " ".join(words)
    if len(plain) < 2:
        return Detected(kept, False)
    everyday = _everyday().get(plain)
    if everyday == "any":
        return Detected(kept, False)
    if everyday:
        return Detected(_written(everyday, plain), True)
    if _KAZAKH.search(plain) or not _kazakh_words().isdisjoint(words):
        return Detected(Language("kk", "Cyrl"), True)
    # names of countries and towns are written alike in several languages
    telling = [word for word in words if word not in _names()]
    if not telling and _can_be_written(kept, plain):
        return Detected(kept, False)
    plain = " ".join(telling) or plain
    # brands stand in Latin letters everywhere, so one word in another script decides
    script = "Cyrl" if _CYRILLIC.search(plain) else "Arab" if _ARABIC.search(plain) else "Latn"
    if script == "Latn" and _KAZAKH_LATIN.search(plain):
        return Detected(Language("kk", "Latn"), True)
    if script == "Arab" and _UYGHUR.search(plain):
        return Detected(kept, False)
    if script == "Latn" and not _LATIN.search(plain):
        return Detected(kept, False)  # Korean, Thai, Greek …
    ranked = likelihoods(plain, script)
    if script == "Latn" and ranked[0][1] == "ru" and ranked[0][0] - ranked[1][0] < _SURE_TRANSLIT:
        ranked = ranked[1:]
    (best, code), (second, _) = ranked[:2]
    if code not in SCRIPTS:
        return Detected(kept, False)
    if best == second or (
        best - second < _SURE_MARGIN and current and current.code in ("kk", "ru", "en")
    ):
        return Detected(kept, False)
    return Detected(_written(code, plain), True)


def likelihoods(plain: str, script: str) -> list[tuple[float, str]]:
    """Log-likelihood and code of each language of a script, the likeliest first.

    The profile of a script holds each n-gram's log-probability by language;
    one that no language knows says nothing.
    """
    profile = _profiles()[script]
    codes, table = profile["codes"], profile["ngrams"]
    scores = [0.0] * len(codes)
    for ngram in ngrams(plain):
        for index, value in enumerate(table.get(ngram, ())):
            scores[index] += value
    return sorted(zip(scores, codes), reverse=True)


def ngrams(plain: str) -> list[str]:
    """Runs of 1 to 3 characters inside each word, its borders as spaces."""
    found = []
    for word in plain.split():
        padded = f" {word} "
        for n in (1, 2, 3):
            found += [padded[i : i + n] for i in range(len(padded) - n + 1)]
    return [ngram for ngram in found if ngram != " "]


def _written(code: str, plain: str) -> Language:
    """A language with the script that a text of it is written in."""
    if code == "kk":
        if _ARABIC.search(plain):
            return Language("kk", "Arab")
        return Language("kk", "Cyrl" if _CYRILLIC.search(plain) else "Latn")
    return Language(code, SCRIPTS[code][0])


def _can_be_written(language: Language, plain: str) -> bool:
    """Whether names in these letters may stand in a text of the language; Latin ones always do."""
    cyrillic = bool(_CYRILLIC.search(plain))
    return not cyrillic or language.code in ("kk", "ru")


@lru_cache(maxsize=1)
def _everyday() -> dict[str, str]:
    by_language = yaml.safe_load((LANGUAGES / "everyday.yml").read_text(encoding="utf-8"))
    return {word: code for code, words in by_language.items() for word in words}


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    countries = yaml.safe_load((LANGUAGES / "names.yml").read_text(encoding="utf-8"))
    places = yaml.safe_load((LANGUAGES / "places.yml").read_text(encoding="utf-8"))
    return frozenset([*countries, *(name for names in places.values() for name in names)])


@lru_cache(maxsize=1)
def _kazakh_words() -> frozenset[str]:
    loaded = yaml.safe_load((LANGUAGES / "kazakh_words.yml").read_text(encoding="utf-8"))
    return frozenset(loaded)


@lru_cache(maxsize=1)
def _profiles() -> dict[str, Any]:
    with gzip.open(LANGUAGES / "profiles.json.gz", "rt", encoding="utf-8") as file:
        loaded: dict[str, Any] = json.load(file)
        return loaded
