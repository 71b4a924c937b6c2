"""Words of the pages and of the hub, from ``data/ui/<language>.yml``, in any script."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.language import SCRIPTS, Language
from bot.scripts import to_script

_KAZAKH_SCRIPT = {"cn": "Arab", "arab": "Arab", "latn": "Latn", "cyrl": "Cyrl"}

UI = Path(__file__).parent.parent / "data" / "ui"


@lru_cache(maxsize=16)
def words(language: Language) -> dict[str, Any]:
    """All words of a language: nested dictionaries of texts, in its script."""
    loaded = yaml.safe_load((UI / f"{language.code}.yml").read_text(encoding="utf-8"))
    converted: dict[str, Any] = _in_script(loaded, language)
    return converted


def supported(code: str, script: str | None = None) -> Language | None:
    """The language of a code, in its first script unless another of its own is named."""
    scripts = SCRIPTS.get(code)
    if scripts is None or (script and script not in scripts):
        return None
    return Language(code, script or scripts[0])


def preferred(accept_language: str) -> Language:
    """The first language of an ``Accept-Language`` header that we speak, else English."""
    ranked = []
    for position, part in enumerate(accept_language.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), position, tag))
        except ValueError:
            continue
    for _, _, tag in sorted(ranked):
        subtags = tag.lower().split("-")
        script = None
        if subtags[0] == "zh" and {"tw", "hk", "mo", "hant"} & set(subtags):
            script = "Hant"
        elif subtags[0] == "kk":
            script = next(
                (_KAZAKH_SCRIPT[tag] for tag in subtags[1:] if tag in _KAZAKH_SCRIPT), None
            )
        if language := supported(subtags[0], script):
            return language
    return Language("en", "Latn")


def _in_script(value: Any, language: Language) -> Any:
    if isinstance(value, dict):
        return {key: _in_script(item, language) for key, item in value.items()}
    if isinstance(value, list):
        return [_in_script(item, language) for item in value]
    return to_script(value, language.code, language.script) if isinstance(value, str) else value
