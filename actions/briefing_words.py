"""Titles of the briefing's buttons and what is typed in their place, in all languages."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.traveler import Traveler
from bot.scripts.convert import readable

DATA = Path(__file__).parent.parent / "data" / "briefing_words.yml"

COMMANDS = ("next", "back", "again", "stop", "checklist")


def title(name: str, traveler: Traveler) -> str:
    """A title in the traveler's script."""
    return traveler.script_of(_words()[name][traveler.language])


def command(text: str, traveler: Traveler) -> str | None:
    """One of ``COMMANDS`` that a message says and nothing else."""
    said = _bare(readable(text, traveler.language, traveler.script))
    return next((name for name in COMMANDS if said in _said(name, traveler.language)), None)


def for_group(text: str, traveler: Traveler) -> bool:
    """Whether they speak of a group or of leading one."""
    found = _group(traveler.language).search(readable(text, traveler.language, traveler.script))
    return found is not None


def _bare(said: str) -> str:
    return re.sub(r"^\W+|\W+$", "", said)


@cache
def _said(name: str, language: str) -> frozenset[str]:
    listed = _words()[f"{name}_said"][language]
    return frozenset(_bare(readable(each, language, "")) for each in listed)


@cache
def _group(language: str) -> re.Pattern[str]:
    # Chinese has no spaces between words
    begin = "" if language == "zh" else r"\b"
    return re.compile(begin + f"(?:{readable(_words()['group_said'][language], language, '')})")


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded
