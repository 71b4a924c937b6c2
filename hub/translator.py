"""Translates behind the log what officer and traveler can't read of each other.

A message is in the log and on its way before anybody here looks at it. What
lacks a translation is read from the log, so a restart goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language, LanguageState, detect
from hub.database import Database, conversations, messages, owner_changes, translations
from hub.handoffs import DESK
from hub.log import UnknownConversationError, row_of
from hub.translation import LibreTranslate, TranslationFailedError, UntranslatableError
from hub.wakeups import Wakeups

log = logging.getLogger(__name__)

HISTORY = 30
"""A traveler's messages from before the claim that the officer gets to read."""

LOOKED_BACK = 200
"""Newest messages of a conversation that are looked at."""

TAKEN_UP = timedelta(days=1)
"""How long after its last change a conversation is looked at: later nobody waits for it."""

WAITS = (2.0, 10.0, 60.0)
"""Seconds before each further try of a message; after the last it is given up."""

AT_ONCE = 4
"""Questions under way at once."""

LOOK_EVERY = 60.0
"""Seconds after which the translator looks without being woken."""

LanguageOf = Callable[[AsyncConnection, int], Awaitable[str]]


@dataclass(frozen=True)
class Job:
    """Message number ``seq`` of a conversation is to be had in a language too."""

    conversation_id: str
    seq: int
    language: str


@dataclass(frozen=True)
class Stretch:
    """An officer had a conversation between two messages; ``until`` is ``None`` while they do."""

    officer: int
    after: int
    until: int | None


class Translator:
    """One task that looks, and one a message that waits for its translation."""

    def __init__(
        self,
        database: Database,
        wakeups: Wakeups,
        machine: LibreTranslate,
        language_of: LanguageOf,
    ) -> None:
        self._database = database
        self._wakeups = wakeups
        self._machine = machine
        self._language_of = language_of
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._states: dict[str, Any] = {}
        self._taken: set[Job] = set()

    async def run(self) -> None:
        """Translates until cancelled."""
        with self._wakeups.listen(DESK) as changed:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    changed.clear()
                    try:
                        for job in await self._look():
                            tasks.create_task(self._see_to(job))
                    except Exception:
                        log.exception("looking for what to translate failed")
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(changed.wait(), LOOK_EVERY)

    async def _look(self) -> list[Job]:
        """What has become wanted since the last look, each once, the newest messages first."""
        since = datetime.now(UTC) - TAKEN_UP
        held = (
            sa.exists()
            .where(owner_changes.c.conversation_id == conversations.c.id)
            .where(owner_changes.c.owner == "officer")
        )
        query = sa.select(conversations).where(conversations.c.updated_at > since).where(held)
        jobs: set[Job] = set()
        states: dict[str, Any] = {}
        async with self._database.read() as connection:
            rows = list((await connection.execute(query)).mappings())
            for row in rows:
                state = (row["last_seq"], row["owner"], row["officer"], str(row["language_state"]))
                if self._states.get(row["id"]) != state:
                    jobs |= await self._jobs(connection, row)
                states[row["id"]] = state
        jobs -= self._taken
        # kept only once everything is read: a look that failed half-way is done again
        self._states = states
        self._taken = {job for job in self._taken | jobs if job.conversation_id in states}
        return sorted(jobs, key=lambda job: -job.seq)

    async def _jobs(self, connection: AsyncConnection, row: Any) -> set[Job]:
        of_this = translations.c.conversation_id == row["id"]
        done = {
            Job(row["id"], each["seq"], each["language"])
            for each in (
                await connection.execute(sa.select(translations).where(of_this))
            ).mappings()
        }
        said = (
            await connection.execute(
                sa.select(messages)
                .where(messages.c.conversation_id == row["id"])
                .where(messages.c.seq > row["last_seq"] - LOOKED_BACK)
                .where(messages.c.hidden.is_(False))
                .order_by(messages.c.seq)
            )
        ).mappings()
        changes = (
            await connection.execute(
                sa.select(owner_changes)
                .where(owner_changes.c.conversation_id == row["id"])
                .order_by(owner_changes.c.id)
            )
        ).mappings()
        had = stretches((each["seq"], each["owner"], each["officer"]) for each in changes)
        reads = {each.officer: await self._language_of(connection, each.officer) for each in had}
        current = LanguageState.from_dict(row["language_state"]).current
        found = {
            Job(row["id"], seq, language)
            for seq, language in wanted(list(said), had, reads, current.code if current else None)
        }
        return found - done

    async def _see_to(self, job: Job) -> None:
        """Has a message translated and stored, or gives it up; never raises."""
        try:
            for wait in (*WAITS, None):
                try:
                    async with self._at_once:
                        await self._translate(job)
                    return
                except TranslationFailedError as error:
                    if wait is None:
                        raise
                    log.info("a translation failed, it is tried again: %s", error)
                    await asyncio.sleep(max(wait, min(error.wait, WAITS[-1])))
        except (UntranslatableError, TranslationFailedError) as error:
            log.warning("message %d stays without translation: %s", job.seq, error)
        except UnknownConversationError:
            log.info("a conversation was deleted before its translation came")
        except Exception:
            log.exception("translating failed")

    async def _translate(self, job: Job) -> None:
        query = (
            sa.select(messages)
            .where(messages.c.conversation_id == job.conversation_id)
            .where(messages.c.seq == job.seq)
        )
        async with self._database.read() as connection:
            message = (await connection.execute(query)).mappings().first()
        if message is None:
            raise UnknownConversationError(job.conversation_id)
        text = await self._machine.translate(message["text"], written_in(message), job.language)
        key = {
            "conversation_id": job.conversation_id,
            "seq": job.seq,
            "language": job.language,
        }
        async with self._database.write() as connection:
            # a conversation that is deleted meanwhile leaves nothing behind
            await row_of(connection, job.conversation_id, for_update=True)
            known = await connection.scalar(sa.select(translations.c.seq).filter_by(**key))
            if known is None:
                await connection.execute(translations.insert().values(text=text, **key))
        self._wakeups.wake(job.conversation_id)


def stretches(changes: Iterable[tuple[int, str, int | None]]) -> list[Stretch]:
    """Of ``(seq, owner, officer)`` in their order: which officer had it between which messages."""
    found: list[Stretch] = []
    officer, after = None, 0
    for seq, owner, who in changes:
        holder = who if owner == "officer" else None
        if holder == officer:
            continue
        if officer is not None:
            found.append(Stretch(officer, after, seq))
        officer, after = holder, seq
    if officer is not None:
        found.append(Stretch(officer, after, None))
    return found


def wanted(
    said: list[Any], had: list[Stretch], reads: dict[int, str], traveler: str | None
) -> set[tuple[int, str]]:
    """``(seq, language)`` of each translation that somebody needs.

    ``reads`` tells each officer's language. An officer needs what the traveler
    writes to them, and before that the newest ``HISTORY`` messages; the
    traveler, of the newest messages, what officers wrote in another language.
    """
    found: set[tuple[int, str]] = set()
    own = [row for row in said if row["author"] == "traveler"]
    for stretch in had:
        language = reads[stretch.officer]
        theirs = [
            row
            for row in own
            if stretch.after < row["seq"] and (stretch.until is None or row["seq"] <= stretch.until)
        ]
        if stretch.until is None:
            theirs += [row for row in own if row["seq"] <= stretch.after][-HISTORY:]
        found |= {(row["seq"], language) for row in theirs if written_in(row).code != language}
    if traveler:
        found |= {
            (row["seq"], traveler)
            for row in said[-HISTORY:]
            if row["author"] == "officer" and row["language"] != traveler
        }
    return found


def written_in(message: Any) -> Language:
    """The language of a message's words, which a choice made by hand may differ from."""
    said_in = Language(message["language"], message["script"])
    if message["author"] != "traveler" or message["payload"] is not None:
        return said_in
    return detect(message["text"], said_in).language
