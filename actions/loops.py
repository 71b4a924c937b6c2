"""What dialogues that run themselves share: Rasa runs them first in every turn while active.

Each is an action that is also named in ``forms`` of the domain. It rejects a message that is
about something else; another action answers that one, and Rasa comes back to the loop.
"""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.request_numbers import number_asked_for

REMINDERS = 3
"""Other topics in a row after which a question is not asked again."""


def is_active(tracker: Tracker, name: str) -> bool:
    """Whether the dialogue is the one going on."""
    return (tracker.active_loop or {}).get("name") == name


def interrupted(tracker: Tracker, name: str) -> bool:
    """Whether the dialogue rejected this message before, and another action has answered it."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return False
        if event["event"] == "action_execution_rejected" and event.get("name") == name:
            return True
    return False


def gives_up(tracker: Tracker) -> bool:
    """Whether they no longer want it; a number means a request that was sent before."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    text = tracker.latest_message.get("text") or ""
    if text.startswith("/") or number_asked_for(tracker):
        return False
    return intent in ("cancel", "cancel_request", "goodbye")
