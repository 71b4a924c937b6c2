"""Which parts of a text a machine must not touch, and how they get through one untouched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_KEPT = re.compile(
    r"""(
      (?:https?://|www\.)[^\s<>«»"，。；！？、）]*[^\s<>«»"，。；！？、）.,;:!?)]
    | [\w.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+
    | (?<!\d)\d{4}年\d{1,2}月\d{1,2}[日号號]
    # plates: of China, then of Kazakhstan and Russia, in Latin or Cyrillic letters
    | [\u4e00-\u9fff][A-Z][ ·]?(?=[A-Z]*\d)[A-Z0-9]{5,6}(?![A-Za-z0-9])
    | (?<![0-9A-Za-zА-Яа-я])[A-ZА-Я][ ]?\d{3}[ ]?[A-ZА-Я]{2,3}(?:[ ]?\d{2,3})?(?![0-9A-Za-zА-Яа-я])
    | (?<![0-9A-Za-zА-Яа-я])\d{2,3}[ ]?[A-ZА-Я]{2,3}[ ]?\d{2}(?![0-9A-Za-zА-Яа-я])
    # passports: letters, then figures
    | (?<![0-9A-Za-zА-Яа-я])[A-ZА-Я]{1,2}[ ]?(?:№[ ]?)?\d{6,9}(?!\d)
    # any other number, date, time, amount or phone, with the letters that belong to it
    | (?:№[ ]?|[#+]|(?<![A-Za-z])[A-Za-z]{1,3}-?)?\d[A-Za-z0-9]*
      (?:(?:[.,:/·*]|[ \u00a0()–-]{1,3})\d[A-Za-z0-9]*)*%?
    )""",
    re.VERBOSE,
)

_SIGN, _LONGER = "ZX", "Q"


class LostError(ValueError):
    """A machine lost, doubled or changed something that had to stay."""


@dataclass(frozen=True)
class Covered:
    """A text whose kept parts are signs (``ZX1``, ``ZX2`` …) that a machine leaves alone."""

    text: str
    kept: tuple[str, ...]
    sign: str

    @property
    def has_words(self) -> bool:
        """Whether anything is left to translate."""
        return any(character.isalpha() for character in self._signs().sub("", self.text))

    def uncover(self, translated: str, convert: Callable[[str], str] = str) -> str:
        """A translation with the kept parts in their places; ``convert`` turns all the rest.

        Raises:
            LostError: a sign did not come back exactly once, or a part of one was left over.
        """
        pieces = self._signs().split(translated)
        found = [int(number) for number in pieces[1::2]]
        # a machine may put the parts in another order
        if sorted(found) != list(range(1, len(self.kept) + 1)):
            raise LostError("a sign did not come back exactly once")
        words = [convert(piece) for piece in pieces[::2]]
        if any(self.sign.lower() in piece.lower() for piece in pieces[::2]):
            raise LostError("a part of a sign was left over")
        pieces[::2] = words
        pieces[1::2] = [self.kept[number - 1] for number in found]
        return "".join(pieces)

    def _signs(self) -> re.Pattern[str]:
        # LibreTranslate turns a whole translation into the case of its source
        return re.compile(
            rf"(?<![A-Za-z0-9]){self.sign}(\d{{1,4}})(?![A-Za-z0-9])", re.IGNORECASE | re.ASCII
        )


def cover(text: str, convert: Callable[[str], str] = str) -> Covered:
    """Puts a sign in the place of each part that must stay; ``convert`` turns all the rest."""
    pieces = _KEPT.split(text)
    words = [convert(piece) for piece in pieces[::2]]
    sign = _SIGN
    while any(sign in piece.upper() for piece in words):
        sign += _LONGER
    covered = words[0]
    for number, piece in enumerate(words[1:], 1):
        # a sign that touches a Latin letter would not be known again
        before = " " if covered[-1:].isascii() and covered[-1:].isalnum() else ""
        after = " " if piece[:1].isascii() and piece[:1].isalnum() else ""
        covered += f"{before}{sign}{number}{after}{piece}"
    return Covered(covered, tuple(pieces[1::2]), sign)


def spare(text: str, convert: Callable[[str], str]) -> str:
    """Turns everything but the parts that must stay."""
    pieces = _KEPT.split(text)
    pieces[::2] = [convert(piece) for piece in pieces[::2]]
    return "".join(pieces)
