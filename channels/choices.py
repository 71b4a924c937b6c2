"""Buttons as numbered lines, for networks without buttons, and the answer that picks one."""

from __future__ import annotations

import re
import unicodedata

Buttons = list[dict[str, str]]

_NUMBER = re.compile(r"(\d{1,2})\s*[.)、。]?")


def numbered(buttons: Buttons) -> list[str]:
    """A line for each button, numbered from 1."""
    return [f"{number}. {button['title']}" for number, button in enumerate(buttons, 1)]


def picked(text: str, buttons: Buttons) -> dict[str, str] | None:
    """The button that a text picks, by its bare number, its title or its whole line."""
    plain = _plain(text)
    if found := _NUMBER.fullmatch(plain):
        number = int(found[1])
        return buttons[number - 1] if 0 < number <= len(buttons) else None
    for line, button in zip(numbered(buttons), buttons, strict=True):
        if plain in (_plain(line), _plain(button["title"])):
            return button
    return None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
