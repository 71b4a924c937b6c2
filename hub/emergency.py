"""Whether a message calls for help now, and of which kind: before and without the assistant.

A model learnt from ``data/emergency/*.tsv`` decides (``make train`` makes it); a
bare cry of ``data/emergency/phrases.yml`` is always a call, and where there is no
model the signs of that file decide. Missing a call is worse than a false
alarm, which costs the traveler one button.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.language import SCRIPTS, Language, detect
from bot.scripts import normalize
from bot.text_model import TextModel

log = logging.getLogger(__name__)

DATA = Path(__file__).parent.parent / "data" / "emergency"
MODEL = Path(__file__).parent.parent / "models" / "emergency"

CALM = "calm"
"""Label of a message that calls for nobody."""

TAKEN_FROM = 0.3
"""Likelihood (0–1) of a call from which a message is taken for one."""


OVERHEARD = 0.7
"""The same for what was said to others: a false alarm among friends costs trust."""


def recognize(
    text: str, language: Language | None = None, taken_from: float = TAKEN_FROM
) -> str | None:
    """The kind of emergency (one of ``emergency_guide.KINDS``), or ``None``.

    ``language`` is the conversation's, for a message too short to tell its own; ``taken_from``
    the likelihood from which it is a call.
    """
    reading = read(text, language)
    phrases, model = _phrases(), _model()
    if phrases.is_cry(reading):
        return "help"
    if not _WORDS.search(reading):
        # dates and numbers alone call nobody; the model knows only words
        return None
    if model is None:
        return None if phrases.is_calm(reading) else phrases.sign(reading)
    apart = model.apart(reading)
    calm = apart.pop(CALM)
    if 1 - calm < taken_from:
        return None
    # of what is a call, a sign by name tells the kind better than likeness does
    return phrases.sign(reading) or max(apart, key=lambda kind: apart[kind])


_WORDS = re.compile(r"[^\W\d_]")


def read(text: str, language: Language | None = None) -> str:
    """A message as phrases and model see it: one script and one spelling of its language."""
    found = detect(text, language).language
    return normalize(text, found.code, found.script)


class _Phrases:
    """``phrases.yml``, as patterns over normalized text."""

    def __init__(self, loaded: dict[str, Any]) -> None:
        self._cry = _pattern(loaded["cries"], whole=True)
        self._beside = _pattern(loaded["beside"], whole=True)
        self._calm = _pattern(loaded["calm"])
        self._signs = {kind: _pattern(words) for kind, words in loaded["signs"].items()}

    def is_cry(self, reading: str) -> bool:
        rest, cries = self._cry.subn(" ", reading)
        return bool(cries) and not self._beside.sub(" ", rest).strip()

    def is_calm(self, reading: str) -> bool:
        return bool(self._calm.search(reading))

    def sign(self, reading: str) -> str | None:
        return next((kind for kind, sign in self._signs.items() if sign.search(reading)), None)


def _pattern(by_language: dict[str, list[str]], whole: bool = False) -> re.Pattern[str]:
    """Any of the phrases, where a word begins (Chinese has no such place); ``whole``: and ends."""
    alternatives = []
    for code, phrases in by_language.items():
        for phrase in sorted(phrases, key=len, reverse=True):
            spelled = re.escape(normalize(phrase, code, SCRIPTS[code][0]))
            end = r"\b" if whole else ""
            alternatives.append(spelled if code == "zh" else rf"\b{spelled}{end}")
    return re.compile("|".join(alternatives))


@lru_cache(maxsize=1)
def _phrases() -> _Phrases:
    return _Phrases(yaml.safe_load((DATA / "phrases.yml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def _model() -> TextModel | None:
    try:
        return TextModel.read(MODEL)
    except Exception as error:
        # a broken model must cost neither the hub's start nor the phrases
        log.error("no model of emergencies in %s (%s): make train; phrases decide", MODEL, error)
        return None
