"""Phrases, days and times of requests in the traveler's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from actions.traveler import Traveler
from bot.clocks import KAZAKHSTAN, PORT_TIME
from bot.language import LOCALES

DATA = Path(__file__).parent.parent / "data"

_DAY = {"zh": "M月d日EEEE", "kk": "d MMMM, EEEE", "ru": "EEEE, d MMMM", "en": "EEEE, d MMMM"}


@dataclass(frozen=True)
class Words:
    """In the language's first script: what stands in a response is turned with it."""

    traveler: Traveler

    def phrase(self, name: str, **values: str) -> str:
        text: str = _phrases()[name][self.traveler.language]
        return text.format(**values)

    def said(self, name: str) -> list[str]:
        """Words, normalized, that are an answer."""
        listed: list[str] = _phrases()[f"{name}_said"][self.traveler.language]
        return listed

    def listed(self, kind: str, values: Iterable[str]) -> str:
        between = "、" if self.traveler.language == "zh" else ", "
        return between.join(self.phrase(f"{kind}_{value}") for value in values)

    def day(self, day: date) -> str:
        language = self.traveler.language
        return format_date(day, _DAY[language], locale=LOCALES[language])

    def when(self, moment: datetime) -> str:
        """A moment by both clocks, with the day at the port."""
        port = moment.astimezone(PORT_TIME)
        there = moment.astimezone(KAZAKHSTAN)
        return self.phrase(
            "when", day=self.day(port.date()), time=f"{port:%H:%M}", there=f"{there:%H:%M}"
        )

    def state(self, request: dict[str, Any]) -> str:
        """How a request stands, as the hub tells of it."""
        if request["state"] == "accepted" and request.get("place") and request.get("due_at"):
            place = _places()[request["place"]][self.traveler.language]
            when = self.when(datetime.fromisoformat(request["due_at"]))
            return self.phrase("state_met", place=place, when=when)
        return self.phrase(f"state_{request['state']}")

    def kind(self, request: dict[str, Any]) -> str:
        """What a request is about, as the hub tells of it, and when, where that is known."""
        kind = self.phrase(f"kind_{request['kind']}")
        if not request.get("due_at"):
            return kind
        when = self.when(datetime.fromisoformat(request["due_at"]))
        return self.phrase("kind_and_when", kind=kind, when=when)

    def button(self, intent: str, entity: str, value: str, title: str) -> dict[str, str]:
        """A button that gives an entity a value."""
        payload = f'/{intent}{{"{entity}": "{value}"}}'
        return {"title": self.traveler.script_of(title), "payload": payload}


@lru_cache(maxsize=1)
def _phrases() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = {}
    for name in ("special_lane_words", "service_words"):
        loaded |= yaml.safe_load((DATA / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def _places() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        (DATA / "places.yml").read_text(encoding="utf-8")
    )
    return loaded
