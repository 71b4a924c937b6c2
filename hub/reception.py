"""The way into the hub for a traveler's message, the same for every channel.

A message is logged before anything else happens to it. Words of emergency and
the buttons of its guide are answered in the same transaction, whatever else is
down; everything else waits in the log for the assistant.
"""

from __future__ import annotations

import logging

from bot.language import Language
from hub import emergency_guide
from hub.conversation import Draft, OwnAnswer
from hub.dispatch import Dispatcher
from hub.emergency import recognize
from hub.log import ConversationLog
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)


class Reception:
    """Takes messages in, and has them answered."""

    def __init__(
        self, conversation_log: ConversationLog, dispatcher: Dispatcher, wakeups: Wakeups
    ) -> None:
        self._log = conversation_log
        self._dispatcher = dispatcher
        self._wakeups = wakeups

    async def receive(self, conversation_id: str, draft: Draft) -> int:
        """Logs a message and sees to its answer; returns its number, whether new or known.

        Raises:
            UnknownConversationError
        """
        seq, is_new = await self._log.receive(conversation_id, draft, answered_here)
        if is_new:
            self._wakeups.wake(conversation_id)
            self._dispatcher.schedule(conversation_id)
        return seq


def answered_here(draft: Draft, seq: int) -> OwnAnswer | None:
    """What the hub itself answers to message number ``seq``; ``None`` leaves it to the assistant.

    Nothing that goes wrong in here may cost the message.
    """
    language = Language(draft.language, draft.script)
    try:
        if emergency_guide.is_emergency(draft.payload):
            return emergency_guide.answer(draft.payload or "", language, seq)
        kind = recognize(draft.text, language) if draft.payload is None else None
        return emergency_guide.first(kind, language, seq) if kind else None
    except Exception:
        log.exception("the emergency guide failed; the assistant answers")
        return None
