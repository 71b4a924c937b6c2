"""How well the trained model understands messages: ``make evaluate MESSAGES=file.tsv``.

The file is tab-separated with the header ``lang script label kind text``. Each
message is taken as the first of a conversation. What the traveler would see is
decided as in the running system: by the hub's recognizer of emergencies first,
then by the model's own thresholds and by the action that offers topics.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from actions.topics import titles
from actions.unsure import offered
from bot.topic_classifier import UNSURE
from hub.conversation import typed
from hub.emergency import recognize
from hub.emergency_training import REPORTS

COLUMNS = ["lang", "script", "label", "kind", "text"]
OUTCOMES = ("answered_right", "offered_right", "referred", "answered_wrong")
EMERGENCIES = ("calls", "calls_caught", "taken_for_calls")
CONFUSIONS = 25
"""Worst confusions that are printed."""

Outcome = Literal["answered_right", "offered_right", "referred", "answered_wrong"]


class MessagesError(ValueError):
    """The file of messages can't be used; says where and why."""


@dataclass(frozen=True)
class Row:
    """One message of the file and what it should be understood as."""

    lang: str
    script: str
    label: str
    text: str


@dataclass(frozen=True)
class Understood:
    """What the model made of a message: its language and script, labels by likelihood."""

    lang: str
    script: str
    guesses: tuple[str, ...]
    sure: bool
    emergency: bool

    def outcome(self, label: str) -> Outcome:
        """What a traveler who wanted ``label`` would have seen."""
        if self.emergency:
            return "answered_right" if label in REPORTS else "answered_wrong"
        if self.sure:
            return "answered_right" if self.guesses[0] == label else "answered_wrong"
        return "offered_right" if label in offered(list(self.guesses)) else "referred"


def read(path: Path) -> list[Row]:
    """The messages of a file.

    Raises:
        MessagesError: it is missing, or a line has not the columns of the header.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise MessagesError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MessagesError(f"{path}: is not UTF-8 at byte {error.start}") from error
    rows = [line.split("\t") for line in lines]
    if not rows or rows[0] != COLUMNS:
        raise MessagesError(f"{path}:1: the header must be {' '.join(COLUMNS)}, tab-separated")
    for number, row in enumerate(rows[1:], start=2):
        if row == [""]:
            continue
        if len(row) != len(COLUMNS):
            raise MessagesError(f"{path}:{number}: {len(row)} columns instead of {len(COLUMNS)}")
        if row[2] not in titles():
            print(f"{path}:{number}: '{row[2]}' is no label of ours", file=sys.stderr)
    filled = [row for row in rows[1:] if row != [""]]
    return [Row(lang, script, label, text) for lang, script, label, _, text in filled]


async def understand(rows: list[Row], model: Path) -> list[Understood]:
    """Parses all messages with the trained model, as Rasa does in a turn."""
    from rasa.core.agent import load_agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    agent = await load_agent(str(model))
    return [_understood(row.text, await agent.parse_message(typed(row.text))) for row in rows]


def _understood(text: str, parsed: dict[str, Any]) -> Understood:
    return Understood(
        parsed["language"]["code"],
        parsed["language"]["script"],
        tuple(guess["name"] for guess in parsed["intent_ranking"]),
        parsed["intent"]["name"] != UNSURE,
        recognize(text) is not None,
    )


def groups_of(rows: list[Row], understood: list[Understood]) -> list[dict[str, Any]]:
    """Counts by language and script, as ``REPORT`` writes them."""
    groups: dict[tuple[str, str], Counter[str]] = {}
    for row, found in zip(rows, understood):
        counts = groups.setdefault((row.lang, row.script), Counter())
        counts["rows"] += 1
        counts["language_right"] += found.lang == row.lang
        counts["label_right"] += found.guesses[0] == row.label
        counts[found.outcome(row.label)] += 1
        counts["calls"] += row.label in REPORTS
        counts["calls_caught"] += found.emergency and row.label in REPORTS
        counts["taken_for_calls"] += found.emergency and row.label not in REPORTS
    names = ("rows", "language_right", "label_right", *OUTCOMES, *EMERGENCIES)
    return [
        {"lang": lang, "script": script, **{name: counts[name] for name in names}}
        for (lang, script), counts in sorted(groups.items())
    ]


def print_report(rows: list[Row], understood: list[Understood]) -> None:
    """Percentages by group, then the worst confusions with an example of each."""
    names = ("language_right", "label_right", *OUTCOMES)
    print(f"{'':10}{'rows':>6}" + "".join(f"{name.replace('_', ' '):>16}" for name in names))
    for group in groups_of(rows, understood):
        title = f"{group['lang']} {group['script']}"
        shares = (f"{100 * group[name] / group['rows']:15.1f}%" for name in names)
        print(f"{title:10}{group['rows']:6}" + "".join(shares))
    calls, caught, taken = (
        sum(group[name] for group in groups_of(rows, understood)) for name in EMERGENCIES
    )
    print(f"\nemergencies: {caught} of {calls} calls caught, {taken} other messages taken for one")
    for row, found in zip(rows, understood):
        if found.emergency != (row.label in REPORTS):
            print(f"  {'taken' if found.emergency else 'MISSED'}  {row.label}   {row.text}")
    wrong = Counter(
        (row.label, found.guesses[0])
        for row, found in zip(rows, understood)
        if found.guesses[0] != row.label
    )
    print("\nworst confusions: wanted → first guess")
    for (label, guess), count in wrong.most_common(CONFUSIONS):
        text = next(
            row.text
            for row, found in zip(rows, understood)
            if (row.label, found.guesses[0]) == (label, guess)
        )
        print(f"{count:4}  {label} → {guess}   e.g. {text}")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("messages", type=Path)
    parser.add_argument("--report", type=Path, help="also write the counts as JSON")
    parser.add_argument("--model", type=Path, default=Path("models/assistant.tar.gz"))
    options = parser.parse_args(arguments)
    try:
        rows = read(options.messages)
    except MessagesError as error:
        print(error, file=sys.stderr)
        return 2
    understood = asyncio.run(understand(rows, options.model))
    print_report(rows, understood)
    if options.report:
        options.report.write_text(json.dumps({"groups": groups_of(rows, understood)}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
