"""Topics as buttons: their titles and payloads."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from actions.traveler import Traveler

TITLES = Path(__file__).parent.parent / "data" / "titles.yml"


@lru_cache(maxsize=1)
def titles() -> dict[str, dict[str, str]]:
    """Button titles by label, then language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(TITLES.read_text(encoding="utf-8"))
    return loaded


def button(label: str, traveler: Traveler) -> dict[str, str]:
    """``{"title", "payload"}`` that asks for a topic.

    Raises:
        KeyError: the label is unknown.
    """
    title = traveler.script_of(titles()[label][traveler.language])
    name, _, topic = label.partition("/")
    payload = f'/{name}{{"topic": "{topic}"}}' if topic else f"/{name}"
    return {"title": title, "payload": payload}
