"""What the hub itself says on messaging networks, from ``data/channels``, in any script."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.language import Language
from bot.scripts import to_script

DATA = Path(__file__).parent.parent / "data"


def say(key: str, language: Language, **fill: str) -> str:
    """The text under a key such as ``kinds.photo``, filled."""
    found = _loaded("channels/messaging.yml")
    for name in key.split("."):
        found = found[name]
    return _in(found, language).format(**fill)


def title(label: str, language: Language) -> str:
    """The short title of a topic of ``data/titles.yml``."""
    return _in(_loaded("titles.yml")[label], language)


def is_personal(understood: list[dict[str, Any]]) -> bool:
    """Whether an answer belongs into a private chat. ``understood`` is what its message and the
    ones before meant, the newest first."""
    rules = _loaded("channels/groups.yml")
    for each in understood:
        if each.get("loop"):
            # whatever is asked in its middle, what was told before is shown again below the answer
            return True
        label = each.get("intent")
        if label == "policy":
            label = f"policy/{each.get('topic')}"
        if label not in rules["follow"]:
            return label in rules["personal"]
    return False


def _in(texts: dict[str, str], language: Language) -> str:
    return to_script(texts[language.code], language.code, language.script)


@lru_cache(maxsize=4)
def _loaded(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return loaded
