"""Days, lengths and phrases of the stay calculator in the traveler's language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date, format_interval, format_timedelta

from actions.traveler import Traveler
from bot.language import LOCALES
from bot.stays import Stay

WORDS = Path(__file__).parent.parent / "data" / "stay_words.yml"


@dataclass(frozen=True)
class Words:
    """In the language's first script: what stands in a response is turned with it."""

    traveler: Traveler

    def phrase(self, name: str, **values: str) -> str:
        text = _phrases()[name][self.traveler.language]
        for key, value in values.items():
            text = text.replace(f"{{{key}}}", value)
        return text

    def day(self, day: date) -> str:
        return _plain(format_date(day, "long", locale=LOCALES[self.traveler.language]))

    def days(self, number: int) -> str:
        # a threshold that no length reaches: days stay days, and never become weeks
        length = timedelta(days=number)
        locale = LOCALES[self.traveler.language]
        return format_timedelta(length, granularity="day", threshold=1000000, locale=locale)

    def stays(self, stays: Iterable[Stay]) -> str:
        return self.phrase("and").join(self._stay(stay) for stay in stays)

    def _stay(self, stay: Stay) -> str:
        if stay.exit is None:
            return self.phrase("lasting", day=self.day(stay.entry))
        if stay.exit == stay.entry:
            return self.day(stay.entry)
        one_month = (stay.entry.year, stay.entry.month) == (stay.exit.year, stay.exit.month)
        if self.traveler.language == "kk" and one_month and stay.entry < stay.exit:
            last = self.day(stay.exit)
            return last.replace(f" {stay.exit.day} ", f" {stay.entry.day}–{stay.exit.day} ")
        if stay.exit < stay.entry or self.traveler.language == "kk":
            # Babel shortens Kazakh months, and turns days round that are not in order
            return self.phrase("span", first=self.day(stay.entry), last=self.day(stay.exit))
        locale = LOCALES[self.traveler.language]
        return _plain(format_interval(stay.entry, stay.exit, "yMMMd", locale=locale))

    def month(self, day: date) -> str:
        return format_date(day, "LLL", locale=LOCALES[self.traveler.language])

    def of(self, values: dict[str, Any]) -> dict[str, str]:
        """Values of a question in words: a day, stays, or year, month and day of no calendar."""
        return {key: self._worded(value) for key, value in values.items()}

    def _worded(self, value: Any) -> str:
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, tuple):
            return self._no_day(*value)
        return self.stays(value)

    def _no_day(self, year: int, month: int, day: int) -> str:
        """A day of no calendar, as people write one; with its year where that is to blame."""
        if self.traveler.language == "zh" or not 1 <= month <= 12:
            return self.phrase("no_day", year=str(year), month=str(month), day=str(day))
        of_month = format_date(date(2000, month, 1), "MMMM", locale=LOCALES[self.traveler.language])
        return f"{day} {of_month}" + (f" {year}" if (month, day) == (2, 29) else "")


def _plain(day: str) -> str:
    """Without the Russian "г.", whose dot would meet that of the sentence."""
    return re.sub(r"(?<=\d)\s*г\.", "", day)


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded
