"""What the hub says in an emergency: what to do now, whom to call, then step by step.

All words stand in ``data/emergency/guide.yml``. Every step is reached by a
button whose payload names it, so the log alone tells where a traveler is.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.language import Language
from bot.scripts import to_script
from hub.conversation import Draft, OwnAnswer

GUIDE = Path(__file__).parent.parent / "data" / "emergency" / "guide.yml"

KINDS = (
    "help",
    "collapse",
    "choking",
    "bleeding",
    "medical",
    "accident",
    "child_lost",
    "fire",
    "danger",
)
"""Kinds of emergency; ``help`` is a cry that does not say what happened."""

PREFIX = "/emergency"
SOS = f'{PREFIX}{{"step": "help"}}'
"""Payload of the page's SOS button, the only one that need not have been offered."""

NOT_EMERGENCY = "not_emergency"

_OPERATORS = {"CN": ["zh"], "KZ": ["kk", "ru"], "BOTH": ["zh", "ru"]}
"""Languages in which those who answer the phone are spoken to."""

_SCRIPT = {"zh": "Hans", "kk": "Cyrl", "ru": "Cyrl"}


def is_emergency(payload: object) -> bool:
    """Whether a payload is one of this guide's buttons."""
    return isinstance(payload, str) and payload.startswith(PREFIX)


def first(kind: str, language: Language, call: int, typed: bool = True) -> OwnAnswer:
    """The first answer to an emergency: one instruction, the numbers, then "where are you".

    ``call`` numbers the message that called for help. If it was ``typed``, a
    button lets the traveler say that it was none, and get it answered after all.
    """
    tongue = _Tongue(language, call)
    buttons = [tongue.button(step, kind) for step in tongue.step(kind)["next"]]
    if typed:
        title = tongue.text(_guide()["titles"][NOT_EMERGENCY])
        buttons.append({"title": title, "payload": tongue.payload(NOT_EMERGENCY, kind)})
    places = [
        {
            "title": tongue.text(place["title"]),
            "payload": tongue.payload("place", kind, place=key),
        }
        for key, place in _guide()["places"].items()
    ]
    where = tongue.draft(tongue.text(_guide()["words"]["where"]), buttons=places)
    said = [tongue.said(kind, buttons), where]
    return OwnAnswer(said, {"emergency": kind}, call=call, emergency=kind)


def answer(payload: str, language: Language, seq: int) -> OwnAnswer:
    """The answer to a button of this guide, which is message number ``seq``.

    Raises:
        ValueError: no button of this guide carries such a payload.
    """
    try:
        chosen = json.loads(payload.removeprefix(PREFIX))
        step = chosen["step"]
        kind, call = chosen.get("kind", step), chosen.get("call", seq)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(payload) from error
    tongue = _Tongue(language, call)
    understood = {"emergency": kind, "step": step}
    if step == NOT_EMERGENCY:
        said = tongue.draft(tongue.text(_guide()["words"]["question"]))
        return OwnAnswer([said], understood, call=call, mistaken=True)
    if step == "place":
        place = chosen["place"]
        return OwnAnswer([tongue.phrases(kind, place)], understood, call=call, place=place)
    if step in KINDS:
        return first(step, language, call, typed=False)
    buttons = [tongue.button(following, kind) for following in tongue.step(step).get("next", [])]
    return OwnAnswer([tongue.said(step, buttons)], understood, call=call)


def offline_words(language: Language) -> dict[str, Any]:
    """What the page itself shows under an SOS, without waiting for the hub."""
    tongue = _Tongue(language, call=0)
    help_step = tongue.step("help")
    return {
        "sos_now": tongue.text(help_step["say"]),
        "sos_calls": [tongue.call(number) for number in help_step["numbers"]],
    }


class _Tongue:
    """The guide in one language and script, for the call that a message began."""

    def __init__(self, language: Language, call: int) -> None:
        self._language = language
        self._call = call

    def text(self, texts: dict[str, str]) -> str:
        code = self._language.code
        return to_script(texts[code], code, self._language.script)

    def step(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = _guide()["steps"][name]
        return found

    def button(self, step: str, kind: str) -> dict[str, str]:
        # a step named like a kind says what has happened after all
        kind = step if step in KINDS else kind
        title = self.text(self.step(step)["title"])
        return {"title": title, "payload": self.payload(step, kind)}

    def payload(self, step: str, kind: str, **more: str) -> str:
        return PREFIX + json.dumps({"step": step, "kind": kind, "call": self._call, **more})

    def said(self, name: str, buttons: list[dict[str, str]]) -> Draft:
        step = self.step(name)
        calls = [self.call(number) for number in step.get("numbers", [])]
        card = {"type": "emergency", "calls": calls, "beat": step.get("beat")}
        lines = [self.text(step["say"]), *(call["line"] for call in calls)]
        if step.get("source"):
            card["note"] = self.text(_guide()["words"]["source"])
        return self.draft("\n".join(lines), buttons, card)

    def call(self, name: str) -> dict[str, str]:
        """A number with its country and who answers it, as a line of the message."""
        entry = _guide()["numbers"][name]
        country, who = self.text(_guide()["countries"][entry["country"]]), self.text(entry["who"])
        number = entry["number"]
        return {
            "number": number,
            "label": f"{country} · {who}",
            "line": f"{country}: {number} · {who}",
        }

    def phrases(self, kind: str, place: str) -> Draft:
        """What to say to those who answer the phone, in their own language."""
        guide = _guide()
        where, told = guide["places"][place], guide["told"][kind]
        numbers = [
            self.call(name)
            for name in self.step(kind)["numbers"]
            if where["country"] in ("BOTH", guide["numbers"][name]["country"])
        ]
        phrases = [
            {"lang": f"{code}-{_SCRIPT[code]}", "text": _joined(code, where["told"], told)}
            for code in _OPERATORS[where["country"]]
        ]
        named = " / ".join(dict.fromkeys(call["number"] for call in numbers))
        lines = [
            self.text(guide["words"]["say_this"]).format(numbers=named),
            *(call["line"] for call in numbers),
            *(phrase["text"] for phrase in phrases),
        ]
        card = {"type": "emergency", "calls": numbers, "phrases": phrases}
        return self.draft("\n".join(lines), card=card)

    def draft(
        self,
        text: str,
        buttons: list[dict[str, str]] | None = None,
        card: dict[str, Any] | None = None,
    ) -> Draft:
        code, script = self._language.code, self._language.script
        return Draft("assistant", text, code, script, buttons=buttons or None, card=card)


def _joined(code: str, place: dict[str, str], told: dict[str, str]) -> str:
    """Where, then what, as one text of an operator's language."""
    separator = "，" if code == "zh" else ". "
    found = f"{place[code]}{separator}{told[code]}"
    return found[0].upper() + found[1:]


@lru_cache(maxsize=1)
def _guide() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(GUIDE.read_text(encoding="utf-8"))
    return loaded
