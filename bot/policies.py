"""Dated policy answers: reads ``data/policies/<topic>.yml`` and says how each may be stated.

``python -m bot.policies check`` tells an editor what is wrong, with file and line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel.dates import format_date, format_skeleton

from bot.language import LOCALES
from bot.policy_texts import FileProblem, numbers_of, unnamed_emergency_number

LANGUAGES = ("zh", "kk", "ru", "en")
POLICIES = Path(__file__).parent.parent / "data" / "policies"
TOPICS = Path(__file__).parent.parent / "data" / "titles.yml"

State = Literal["flat", "referred", "stale", "expired"]


class PolicyError(ValueError):
    """A policy file that can't be used; ``problems`` name file, line and what to do."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Source:
    """Where a rule was read: ``name`` by language, ``date`` as precise as known."""

    name: dict[str, str]
    date: str

    def day(self, language: str) -> str:
        """Its date in words, as precisely as it is known: a year, a month or a day."""
        if len(self.date) == 4:
            return self.date
        day = date.fromisoformat(f"{self.date}-01"[:10])
        if len(self.date) == 7:
            return format_skeleton("yMMMM", day, locale=LOCALES[language])
        return day_in(day, language)


@dataclass(frozen=True)
class Policy:
    """One topic's answer in four languages, with what it rests on.

    ``jurisdiction`` is whose rule it is; ``own`` for what this assistant itself does.
    """

    topic: str
    jurisdiction: Literal["CN", "KZ", "both", "own"]
    certainty: Literal["flat", "referred"]
    verified: date
    verify_by: date
    valid_from: date | None
    valid_until: date | None
    sources: tuple[Source, ...]
    answer: dict[str, str]
    expired: dict[str, str] | None
    related: tuple[str, ...]

    def state(self, today: date) -> State:
        """How the answer may be stated on a day of the port.

        ``expired`` after ``valid_until``, ``stale`` after ``verify_by``, else
        as certain as its sources are.
        """
        if self.valid_until and today > self.valid_until:
            return "expired"
        if today > self.verify_by:
            return "stale"
        return self.certainty

    def text(self, language: str, today: date) -> str:
        """The answer for a day: its wording for after the last day, where it has one."""
        if self.state(today) == "expired" and self.expired:
            return self.expired[language]
        return self.answer[language]


@lru_cache(maxsize=1024)
def day_in(day: date, language: str) -> str:
    """A day in words, in the language's first script."""
    return format_date(day, "long", locale=LOCALES[language])


@lru_cache(maxsize=1)
def load(folder: Path = POLICIES) -> dict[str, Policy]:
    """All policies by topic.

    Raises:
        PolicyError: something is wrong in any file.
    """
    policies, problems = {}, []
    for path in sorted(folder.glob("*.yml")):
        found = list(problems_of(path))
        problems += found
        if not found:
            policy = _policy(_parsed(path.read_text(encoding="utf-8")))
            policies[policy.topic] = policy
    if problems:
        raise PolicyError(problems)
    return policies


@lru_cache(maxsize=1)
def known_topics() -> frozenset[str]:
    """Every label that a button may lead to."""
    return frozenset(yaml.safe_load(TOPICS.read_text(encoding="utf-8")))


def label_of(related: str) -> str:
    """The topic label of an entry of ``related``: a service's own, or a policy's."""
    return related if related in known_topics() else f"policy/{related}"


def problems_of(path: Path) -> Iterator[FileProblem]:
    """Everything that is wrong in one policy file."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        yield FileProblem(path, 1, f"is not UTF-8: {error.reason} at byte {error.start}")
        return
    try:
        data = _parsed(source)
        lines, repeated = _lines(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield FileProblem(path, mark.line + 1 if mark else 1, f"is not YAML: {error}")
        return
    if not isinstance(data, dict):
        yield FileProblem(path, 1, "must be a mapping that starts with 'topic:'")
        return

    def problem(key: str, text: str) -> FileProblem:
        return FileProblem(path, lines.get(key, lines.get(key.split(".")[0], 1)), text)

    for key in repeated:
        yield problem(key, f"'{key}' stands twice")
    for key in map(str, set(data) - _KEYS):
        yield problem(key, f"'{key}' is no field of a policy; fields: {', '.join(sorted(_KEYS))}")
    for key in _KEYS - {"valid_from", "valid_until", "expired"} - set(data):
        yield FileProblem(path, 1, f"'{key}' is missing")
    if "topic" in data and data["topic"] != path.stem:
        yield problem("topic", f"topic is '{data['topic']}' but the file is '{path.stem}.yml'")
    if f"policy/{path.stem}" not in known_topics():
        yield problem("topic", f"policy/{path.stem} is no label of data/titles.yml")
    for key, allowed in (("jurisdiction", _JURISDICTIONS), ("certainty", ("flat", "referred"))):
        if key in data and data[key] not in allowed:
            yield problem(key, f"'{key}' must be one of {', '.join(allowed)}")
    for key in ("verified", "verify_by", "valid_from", "valid_until"):
        if data.get(key) is not None and _day(data[key]) is None:
            yield problem(key, f"'{key}' must be a day such as 2026-03-31")
    for earlier, later in (("verified", "verify_by"), ("valid_from", "valid_until")):
        days = [_day(data.get(key)) for key in (earlier, later)]
        if all(days) and str(data[earlier]) > str(data[later]):
            yield problem(later, f"'{later}' is before '{earlier}'")
    first, seen = _day(data.get("valid_from")), _day(data.get("verified"))
    if first and seen and first > seen:
        yield problem("valid_from", "'valid_from' is after 'verified': add it when it holds")
    yield from _source_problems(data, problem)
    for key in ("answer", "expired"):
        if data.get(key) is not None:
            yield from _text_problems(key, data[key], problem)
    related = data.get("related") or []
    if not isinstance(related, list) or len(related) > 3:
        yield problem("related", "'related' must be a list of at most three topics")
    else:
        for topic in related:
            if label_of(str(topic)) not in known_topics():
                yield problem("related", f"'{topic}' in related is no known topic")


_KEYS = set(Policy.__dataclass_fields__)
_JURISDICTIONS = ("CN", "KZ", "both", "own")


def _source_problems(data: dict[str, Any], problem: Any) -> Iterator[FileProblem]:
    sources = data.get("sources")
    if not isinstance(sources, list) or not sources:
        yield problem("sources", "'sources' must name at least one source with its date")
        return
    for index, source in enumerate(sources):
        key = f"sources.{index}"
        if not isinstance(source, dict) or set(source) != {"name", "date"}:
            yield problem(key, "a source has exactly 'date' and 'name'")
            continue
        if not _is_partial_date(source["date"]):
            yield problem(f"{key}.date", 'a source\'s date is "2023", "2023-11" or "2023-11-02"')
        yield from _language_problems(f"{key}.name", source["name"], problem)


def _text_problems(key: str, texts: Any, problem: Any) -> Iterator[FileProblem]:
    wrong = list(_language_problems(key, texts, problem))
    yield from wrong
    if wrong:
        return
    numbers = {language: numbers_of(texts[language], language) for language in LANGUAGES}
    for language in LANGUAGES:
        if numbers[language] != numbers["en"]:
            only = sorted(numbers[language] - numbers["en"])
            lacks = sorted(numbers["en"] - numbers[language])
            yield problem(
                f"{key}.{language}",
                f"numbers of '{language}' differ from 'en': only here {only}, lacking {lacks}",
            )
        if number := unnamed_emergency_number(texts[language], language):
            yield problem(
                f"{key}.{language}", f"{number} must stand in one sentence with its country's name"
            )


def _language_problems(key: str, texts: Any, problem: Any) -> Iterator[FileProblem]:
    if not isinstance(texts, dict):
        yield problem(key, f"'{key}' must have the languages {', '.join(LANGUAGES)}")
        return
    for language in LANGUAGES:
        if not isinstance(texts.get(language), str) or not texts[language].strip():
            yield problem(key, f"'{key}' lacks the language '{language}'")
    for language in set(texts) - set(LANGUAGES):
        yield problem(f"{key}.{language}", f"'{language}' is no language of this port")


def _is_partial_date(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        date.fromisoformat((value + "-01-01")[:10])
    except ValueError:
        return False
    return len(value) in (4, 7, 10)


class _Loader(yaml.SafeLoader):
    """Leaves days as text: YAML's own reading of 2026-02-30 ends without telling the line."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _parsed(source: str) -> Any:
    return yaml.load(source, _Loader)  # noqa: S506 — a SafeLoader


def _day(value: Any) -> date | None:
    if not isinstance(value, str) or len(value) != len("2026-03-31"):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _lines(source: str) -> tuple[dict[str, int], list[str]]:
    """Line of each key, nested keys joined by dots; and the keys that stand twice."""
    found: dict[str, int] = {}
    repeated: list[str] = []

    def walk(node: yaml.Node, prefix: str) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                name = f"{prefix}{key.value}"
                if name in found:
                    repeated.append(name)
                found[name] = key.start_mark.line + 1
                walk(value, f"{name}.")
        elif isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                found[f"{prefix}{index}"] = item.start_mark.line + 1
                walk(item, f"{prefix}{index}.")

    if root := yaml.compose(source):
        walk(root, "")
    return found, repeated


def _policy(data: dict[str, Any]) -> Policy:
    return Policy(
        topic=data["topic"],
        jurisdiction=data["jurisdiction"],
        certainty=data["certainty"],
        verified=date.fromisoformat(data["verified"]),
        verify_by=date.fromisoformat(data["verify_by"]),
        valid_from=_day(data.get("valid_from")),
        valid_until=_day(data.get("valid_until")),
        sources=tuple(Source(s["name"], s["date"]) for s in data["sources"]),
        answer=_joined(data["answer"]),
        expired=_joined(data["expired"]) if data.get("expired") else None,
        related=tuple(data["related"] or ()),
    )


def _joined(texts: dict[str, str]) -> dict[str, str]:
    """YAML makes a space of a line break; Chinese has none."""
    return {**texts, "zh": re.sub(r"(?<=[^\x00-\x7f]) +(?=[^\x00-\x7f])", "", texts["zh"])}


def main(arguments: list[str]) -> int:
    """``check``: prints every problem, and returns 1 if there is one."""
    if arguments != ["check"]:
        print("usage: python -m bot.policies check", file=sys.stderr)
        return 2
    try:
        policies = load()
    except PolicyError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(policies)} policies, nothing wrong")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
