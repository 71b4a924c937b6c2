"""The way into the hub for a traveler's message, the same for every channel.

A message is logged before anything else happens to it. Words of emergency and
the buttons of its guide are answered in the same transaction, whatever else is
down; everything else waits in the log for the assistant.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable

from bot.language import Language
from hub import emergency_guide
from hub.conversation import Draft, OwnAnswer
from hub.dispatch import Dispatcher
from hub.emergency import recognize
from hub.handoffs import DESK, Handoffs
from hub.log import ConversationLog, UnknownConversationError
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)


class Reception:
    """Takes messages in, and has them answered."""

    def __init__(
        self,
        conversation_log: ConversationLog,
        dispatcher: Dispatcher,
        wakeups: Wakeups,
        handoffs: Handoffs,
    ) -> None:
        self._log = conversation_log
        self._dispatcher = dispatcher
        self._wakeups = wakeups
        self._handoffs = handoffs

    async def receive(
        self,
        conversation_id: str,
        draft: Draft,
        answer: Callable[[Draft, int], OwnAnswer | None] | None = None,
    ) -> int:
        """Logs a message and sees to its answer; returns its number, whether new or known.

        ``answer`` is given by a channel for what it answers by itself, such as a picture.

        Raises:
            UnknownConversationError
        """
        own: OwnAnswer | None = None

        def answered(draft: Draft, seq: int) -> OwnAnswer | None:
            nonlocal own
            own = (answer or answered_here)(draft, seq)
            return own

        seq, is_new = await self._log.receive(conversation_id, draft, answered)
        if is_new:
            self.changed(conversation_id)
            self._dispatcher.schedule(conversation_id)
            await self._tell_desk(conversation_id, own)
        return seq

    def changed(self, conversation_id: str) -> None:
        """Has everybody look who shows the conversation."""
        self._wakeups.wake(conversation_id)
        self._wakeups.wake(DESK)

    async def _tell_desk(self, conversation_id: str, own: OwnAnswer | None) -> None:
        if own is None or own.call is None:
            return
        if own.emergency:
            await self._handoffs.alarm(conversation_id, own.call, own.emergency)
        elif own.mistaken:
            with contextlib.suppress(UnknownConversationError):
                await self._handoffs.false_alarm(conversation_id, own.call)


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
