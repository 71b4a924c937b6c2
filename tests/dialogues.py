"""Whole dialogues of ``tests/data/dialogues/<language>.yml``, and how they are played.

A dialogue is a list of turns. ``say`` is written, ``press`` names what stands in a button's
payload; ``hear`` is what the answers must hold, ``never`` what they must not, ``offers`` what some
button's payload must hold. ``ends`` are the conversation's requests afterwards, the newest first,
as the hub tells of them. ``{+3}`` stands for the day in three days as the language writes it,
``{-40}`` for one before today, ``{+3:iso}`` for 2026-11-27; ``{number}`` for the last number of a
request that an answer named.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from bot.clocks import PORT_TIME
from bot.language import LOCALES
from tests.talk import LONG, Traveler

DATA = Path(__file__).parent / "data" / "dialogues"

_DAY = re.compile(r"\{([+-]\d+)(:iso)?\}")
_NUMBER = re.compile(r"R\d{6,}")


@dataclass(frozen=True)
class Dialogue:
    """``turns`` and ``ends`` as they stand in the file, with ``language`` (zh, kk, ru, en)."""

    name: str
    language: str
    turns: list[dict[str, Any]]
    ends: list[dict[str, Any]] | None = None


@dataclass
class Played:
    """What was said by both, and where it was not as it should be."""

    lines: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    number: str = ""


def dialogues() -> list[Dialogue]:
    """All of them, in the order of the files."""
    found = []
    for file in sorted(DATA.glob("*.yml")):
        for each in yaml.safe_load(file.read_text(encoding="utf-8")):
            found.append(Dialogue(language=file.stem, **each))
    return found


async def play(dialogue: Dialogue, traveler: Traveler) -> Played:
    """Says it turn by turn, each when the last is answered; notes what is not as expected."""
    played, shown = Played(), []
    for turn in dialogue.turns:
        if "say" in turn:
            said = _filled(turn["say"], dialogue.language, played)
            seq = await traveler.say(said)
        else:
            said = _filled(turn["press"], dialogue.language, played)
            payload = _pressed(shown, said)
            if payload is None:
                played.faults.append(f"no button for {said}")
                break
            response = await traveler.press(payload)
            assert response.status == 202, await response.text()
            seq = (await response.json())["seq"]
        # notices of the system come before the answer
        async with asyncio.timeout(LONG):
            async for name, data in traveler.events(after=seq):
                if name == "message" and data["author"] == "assistant":
                    break
        shown = [m for m in await traveler.messages(after=seq) if m["author"] != "traveler"]
        played.lines.append(f"> {said}")
        played.lines += [_line(message) for message in shown]
        for message in shown:
            if match := _NUMBER.search(message["text"]):
                played.number = match.group()
        _check(turn, shown, dialogue.language, played)
    return played


def _check(
    turn: dict[str, Any], shown: list[dict[str, Any]], language: str, played: Played
) -> None:
    text = "\n".join(message["text"] for message in shown)
    payloads = [button["payload"] for message in shown for button in message.get("buttons") or []]
    for expected in turn.get("hear", []):
        if _filled(expected, language, played) not in text:
            played.faults.append(f"after “{turn.get('say') or turn['press']}”: no “{expected}”")
    for unwanted in turn.get("never", []):
        if _filled(unwanted, language, played) in text:
            played.faults.append(f"after “{turn.get('say') or turn['press']}”: “{unwanted}”")
    for offered in turn.get("offers", []):
        if not any(offered in payload for payload in payloads):
            played.faults.append(f"after “{turn.get('say') or turn['press']}”: no button {offered}")


def _pressed(shown: list[dict[str, Any]], words: str) -> str | None:
    for message in shown:
        for button in message.get("buttons") or []:
            if words in button["payload"]:
                return str(button["payload"])
    return None


def _line(message: dict[str, Any]) -> str:
    buttons = " ".join(f"[{button['title']}]" for button in message.get("buttons") or [])
    card = f" <{message['card'].get('kind')}>" if message.get("card") else ""
    return f"    {message['author']}: {message['text']}{card} {buttons}".rstrip()


def _filled(text: str, language: str, played: Played) -> str:
    def day(match: re.Match[str]) -> str:
        meant = _today() + timedelta(days=int(match[1]))
        if match[2]:
            return meant.isoformat()
        pattern = "M月d日" if language == "zh" else "d MMMM"
        return format_date(meant, pattern, locale=LOCALES[language])

    return _DAY.sub(day, text).replace("{number}", played.number)


def _today() -> date:
    return datetime.now(PORT_TIME).date()
