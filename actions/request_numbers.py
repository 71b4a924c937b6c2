"""Numbers of requests as people write them: ``R482137``, "№ 482 137", in any digits."""

from __future__ import annotations

import re

from rasa_sdk import Tracker

_NUMBER = re.compile(r"(?<![\d+])(?:[A-Za-zА-я][ -]?)?\d(?:[ -]?\d){5,6}(?!\d)")


def number_asked_for(tracker: Tracker) -> str | None:
    """The request's number that a button or the message names."""
    pressed = next(tracker.get_latest_entity_values("request_number"), None)
    if pressed:
        return str(pressed)
    text = tracker.latest_message.get("text") or ""
    text = re.sub(r"\d", lambda match: str(int(match.group())), text)
    match = _NUMBER.search(text)
    return match.group().upper() if match else None
