"""The briefing for a first trip abroad: its steps, and what each rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot import policies
from bot.clocks import PORT_TIME
from bot.policies import LANGUAGES, Policy, Source, day_in

DATA = Path(__file__).parent.parent / "data"
BRIEFING = DATA / "briefing.yml"


@dataclass(frozen=True)
class Item:
    """Something to carry, do or remember; ``key`` is unique in its step."""

    key: str
    text: dict[str, str]


@dataclass(frozen=True)
class Step:
    """One step, its texts by language (Kazakh in Cyrillic, Chinese simplified).

    ``certain``: every policy it rests on may be stated flatly. ``checked`` is the day on which
    the first of them was last verified; from the day after ``check_by`` it may have changed.
    """

    key: str
    title: dict[str, str]
    text: dict[str, str]
    sources: tuple[Source, ...]
    certain: bool
    items: tuple[Item, ...]
    checked: date
    check_by: date

    def sources_line(self, language: str) -> str:
        """Who says so, each with the date."""
        between = "；" if language == "zh" else "; "
        comma = "，" if language == "zh" else ", "
        named = (f"{s.name[language]}{comma}{s.day(language)}" for s in self.sources)
        return words()["sources"][language].format(sources=between.join(named))

    def caution(self, language: str, day: date | None = None) -> str:
        """What may have changed on a day at the port (today), and whom to ask; empty if nothing."""
        if (day or datetime.now(PORT_TIME).date()) > self.check_by:
            return words()["stale"][language].format(day=day_in(self.checked, language))
        return "" if self.certain else words()["uncertain"][language]

    def item_id(self, item: Item) -> str:
        """A name of an item that no other step has: ``hall.phone``."""
        return f"{self.key}.{item.key}"


@lru_cache(maxsize=2)
def load(path: Path = BRIEFING) -> tuple[Step, ...]:
    """All steps in their order.

    Raises:
        ValueError: a text lacks a language, a key stands twice, or what it rests on is unknown.
    """
    steps = tuple(_step(row) for row in yaml.safe_load(path.read_text(encoding="utf-8")))
    _unique([step.key for step in steps])
    for step in steps:
        _unique([item.key for item in step.items])
    return steps


def _step(row: dict[str, Any]) -> Step:
    rests_on = {name: _known(name) for name in row["policies"]}
    found: dict[tuple[str, str], Source] = {}
    for name, dates in row["policies"].items():
        for source in _sources(rests_on[name], dates):
            found.setdefault((source.name["en"], source.date), source)
    return Step(
        key=row["key"],
        title=_texts(row["title"]),
        text=_texts(row["text"]),
        sources=tuple(found.values()),
        certain=all(policy.certainty == "flat" for policy in rests_on.values()),
        items=tuple(Item(item["key"], _texts(item["text"])) for item in row["items"]),
        checked=min(policy.verified for policy in rests_on.values()),
        check_by=min(policy.verify_by for policy in rests_on.values()),
    )


def _known(name: str) -> Policy:
    if name not in policies.load():
        raise ValueError(f"{name} is no policy of data/policies")
    return policies.load()[name]


def _sources(policy: Policy, dates: list[str]) -> list[Source]:
    if missing := set(dates) - {source.date for source in policy.sources}:
        raise ValueError(f"{policy.topic} has no source of {', '.join(sorted(missing))}")
    return [source for source in policy.sources if not dates or source.date in dates]


def _texts(texts: dict[str, str]) -> dict[str, str]:
    if set(texts) != set(LANGUAGES):
        raise ValueError(f"needs the languages {', '.join(LANGUAGES)}: {texts}")
    return texts


def _unique(keys: list[str]) -> None:
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key stands twice: {', '.join(keys)}")


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """What stands around the steps, by name, then language."""
    loaded: dict[str, dict[str, str]] = yaml.safe_load(
        (DATA / "briefing_words.yml").read_text(encoding="utf-8")
    )
    return loaded
