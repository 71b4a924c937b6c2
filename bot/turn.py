"""One turn of the assistant, as something that happens wholly or not at all.

Rasa logs a failed custom action and saves the turn without its answer. The
connector opens a ``Turn`` around Rasa's handling; whoever sees a failure marks
it, and the tracker store saves nothing of a turn so marked. A turn that went
well is stored together with its result, so that the same message asked twice
gets the stored result and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Turn:
    """``message_id`` of the hub, what went wrong, and how to sum the turn up.

    ``result`` takes the tracker at the end of the turn and returns the JSON
    that answers the hub; ``stored`` is that JSON once it is in the database.
    ``rows`` is what the turn has read of the database, by conversation.
    """

    message_id: str
    result: Callable[[Any], dict[str, Any]]
    failures: list[str] = field(default_factory=list)
    stored: dict[str, Any] | None = None
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.failures)


current_turn: ContextVar[Turn | None] = ContextVar("current_turn", default=None)
