"""Brings every logged message to the assistant, in order, until it is answered.

One worker a conversation, only while there is something to answer. What waits
is read from the log, so a restart of the hub goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from bot.language import Language
from hub.assistant import (
    Assistant,
    AssistantUnavailableError,
    HealthMonitor,
    TurnFailedError,
)
from hub.conversation import Draft, OwnerChange, Turn
from hub.log import ConversationLog, UnknownConversationError
from hub.wakeups import Wakeups
from hub.words import words

log = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds between two tries of a turn: doubled each time, and cut short when a process comes up."""

FAILED_TRIES = 10
"""Failures of one turn, with every process up, after which the traveler is told honestly."""

AT_ONCE = 32
"""Turns under way at once."""


class Dispatcher:
    """Workers that ask the assistant, and the set of conversations being worked on."""

    def __init__(
        self,
        conversation_log: ConversationLog,
        assistant: Assistant,
        health: HealthMonitor,
        wakeups: Wakeups,
    ) -> None:
        self._log = conversation_log
        self._assistant = assistant
        self._health = health
        self._wakeups = wakeups
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._more: set[str] = set()
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._came_up = asyncio.Event()
        self.working: set[str] = set()
        health.changed.append(self._on_health)

    async def start(self) -> None:
        """Takes up what was waiting when the hub stopped."""
        for conversation_id in await self._log.waiting():
            self.schedule(conversation_id)
        self.forget_soon()

    async def stop(self) -> None:
        tasks = list(self._workers.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def schedule(self, conversation_id: str) -> None:
        """There is something to answer; returns at once."""
        if conversation_id in self._workers:
            self._more.add(conversation_id)
        else:
            self._start(conversation_id, self._answer_all(conversation_id))

    def forget_soon(self) -> None:
        """Has the assistant forget what travelers deleted."""
        if "" not in self._workers:
            self._start("", self._forget_all())
        else:
            self._more.add("")

    def _start(self, key: str, work: Any) -> None:
        task = asyncio.create_task(work)
        self._workers[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: str, task: asyncio.Task[None]) -> None:
        del self._workers[key]
        if task.cancelled():
            return
        if task.exception():
            log.error("worker ended, the message keeps waiting", exc_info=task.exception())
            asyncio.get_running_loop().call_later(LONGEST_WAIT, self._again, key)
        elif key in self._more:
            self._more.discard(key)
            self._again(key)

    def _again(self, key: str) -> None:
        if key:
            self.schedule(key)
        else:
            self.forget_soon()

    async def _answer_all(self, conversation_id: str) -> None:
        try:
            while True:
                turn = await self._log.next_turn(conversation_id)
                before = turn.message.seq if turn else None
                if change := await self._log.next_change(conversation_id, before):
                    await self._tell(change)
                    continue
                if turn is None:
                    break
                self._set_working(conversation_id, True)
                try:
                    result = await self._persist(lambda turn=turn: self._assistant.take(turn))
                except TurnFailedError as error:
                    log.error("a message can't be answered: %s", error)
                    await self._log.answer(turn, [_apology(turn)], {"failed": str(error)})
                else:
                    replies = [_reply(reply, turn) for reply in result["replies"]]
                    await self._log.answer(turn, replies, result["understood"])
                self._wakeups.wake(conversation_id)
        except UnknownConversationError:
            # Deleted while its turn was under way: the assistant may have stored it since.
            # A round of forgetting that began before must end first, or it would count as done.
            if forgetting := self._workers.get(""):
                await asyncio.wait([forgetting])
            await self._log.forget(conversation_id)
            self.forget_soon()
        finally:
            self._set_working(conversation_id, False)

    async def _tell(self, change: OwnerChange) -> None:
        """Tells the assistant who speaks; raises ``UnknownConversationError`` like the turns do."""
        try:
            await self._persist(lambda: self._assistant.tell(change))
        except TurnFailedError as error:
            # an answer without knowing of the officer is better than none
            log.error("the assistant can't be told who speaks: %s", error)
        await self._log.told(change)

    async def _forget_all(self) -> None:
        for conversation_id in await self._log.to_forget():
            await self._persist(lambda c=conversation_id: self._assistant.forget(c))
            await self._log.forgot(conversation_id)

    async def _persist(self, call: Any) -> Any:
        """Calls until the assistant answers: while a process is down there is no last try.

        Raises:
            TurnFailedError: the turn failed ``FAILED_TRIES`` times with all processes up.
        """
        wait, failed = FIRST_WAIT, 0
        while True:
            try:
                async with self._at_once:
                    return await call()
            except AssistantUnavailableError as error:
                log.info("asking the assistant again: %s", error)
                if isinstance(error, TurnFailedError) and self._health.all_up:
                    failed += 1
                    if failed == FAILED_TRIES:
                        raise
                self._health.look_soon()
            self._came_up.clear()
            try:
                await asyncio.wait_for(self._came_up.wait(), wait)
            except TimeoutError:
                wait = min(2 * wait, LONGEST_WAIT)

    def _on_health(self) -> None:
        if self._health.all_up:
            self._came_up.set()
        self._wakeups.wake_all()

    def _set_working(self, conversation_id: str, working: bool) -> None:
        (self.working.add if working else self.working.discard)(conversation_id)
        self._wakeups.wake(conversation_id)


def _apology(turn: Turn) -> Draft:
    language = Language(turn.message.language, turn.message.script)
    text = words(language)["system"]["unanswerable"]
    return Draft("system", text, language.code, language.script)


def _reply(reply: dict[str, Any], turn: Turn) -> Draft:
    spoken_in = Language(turn.message.language, turn.message.script)
    return Draft(
        author="assistant",
        text=reply["text"],
        language=reply.get("language") or spoken_in.code,
        script=reply.get("script") or spoken_in.script,
        buttons=reply.get("buttons"),
        card=reply.get("card"),
    )
