"""The conversation log in the database: nothing is sent or shown that is not here first."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language, LanguageState, follow
from bot.scripts import searchable
from hub import emergency_log, forget_requests
from hub.conversation import Conversation, Draft, Message, OwnAnswer, OwnerChange, Turn
from hub.database import (
    Database,
    conversations,
    forgotten,
    message_words,
    messages,
    owner_changes,
    parts_of_conversations,
    turns,
)
from hub.hidden import hides
from hub.ownership import Ownership, RefusedError

FIELDS = [field.name for field in fields(Ownership)]
"""Columns of a conversation that say who speaks."""

PAGE = 500
"""Messages that one reading gives at most."""


class UnknownConversationError(LookupError):
    """There is no conversation of that number, or no longer."""


class WrongTokenError(PermissionError):
    """The token opens another conversation, or none."""


class NotOfferedError(ValueError):
    """A payload that no button of this conversation carries."""


class ConversationLog:
    """Reads and writes conversations; every write is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, channel: str, language: Language | None = None) -> tuple[str, str]:
        """Starts a conversation and returns its ``(id, token)``; the token is not stored."""
        async with self._database.write() as connection:
            return await begin(connection, channel, language)

    async def authenticate(self, conversation_id: str, token: str) -> Conversation:
        """The conversation that a token opens.

        Raises:
            UnknownConversationError, WrongTokenError
        """
        async with self._database.read() as connection:
            row = await row_of(connection, conversation_id)
        if not hmac.compare_digest(row["token_hash"], _hash(token)):
            raise WrongTokenError(conversation_id)
        return _conversation(row)

    async def conversation(self, conversation_id: str) -> Conversation:
        """Raises ``UnknownConversationError`` when it is gone."""
        async with self._database.read() as connection:
            return _conversation(await row_of(connection, conversation_id))

    async def receive(
        self,
        conversation_id: str,
        draft: Draft,
        answered_here: Callable[[Draft, int], OwnAnswer | None] = lambda draft, seq: None,
    ) -> tuple[int, bool]:
        """Logs a traveler's message and the turn it asks for, in the language it shows.

        ``answered_here`` is asked with the message in its language and its number;
        what it gives is logged as the turn's answer in the same transaction, else
        the turn waits for the assistant. A button's payload tells nothing of the
        language. Returns the message's ``seq``, and whether it is new: a
        ``client_id`` that is known gives the number it had.
        """
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            known = await connection.scalar(
                sa.select(messages.c.seq)
                .where(messages.c.conversation_id == conversation_id)
                .where(messages.c.client_id == draft.client_id)
            )
            if known is not None:
                return known, False
            state = LanguageState.from_dict(row["language_state"])
            if draft.payload is None:
                state = follow(draft.text, state)
            language = state.current or Language(draft.language, draft.script)
            draft = replace(draft, language=language.code, script=language.script)
            seq = row["last_seq"] + 1
            own = answered_here(draft, seq)
            replies = [replace(reply, answers=seq) for reply in own.replies] if own else []
            # an officer speaks: the message is theirs to answer
            theirs = row["owner"] == "officer"
            await append(
                connection,
                row,
                [draft, *replies],
                language_state=asdict(state),
                closed=False,
            )
            await connection.execute(
                turns.insert().values(
                    conversation_id=conversation_id,
                    seq=seq,
                    answered=own is not None or theirs,
                    understood=own.understood if own else {"for": "officer"} if theirs else None,
                )
            )
            if own and own.call is not None:
                await emergency_log.note(connection, conversation_id, draft, own)
            return seq, True

    async def say(
        self, conversation_id: str, draft: Draft, allowed: Callable[[Ownership], bool]
    ) -> int:
        """Logs what an officer says, if the conversation's owner allows it; returns its number.

        The same ``client_id`` again gives the number it had.

        Raises:
            RefusedError: ``not_yours``.
            UnknownConversationError
        """
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            known: int | None = await connection.scalar(
                sa.select(messages.c.seq)
                .where(messages.c.conversation_id == conversation_id)
                .where(messages.c.client_id == draft.client_id)
            )
            if known is not None:
                return known
            if not allowed(ownership_of(row)):
                raise RefusedError("not_yours")
            return await append(connection, row, [draft])

    async def sequence_of(self, conversation_id: str, client_id: str) -> int | None:
        """The number of the message that a client sent under an id of its own."""
        query = (
            sa.select(messages.c.seq)
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.client_id == client_id)
        )
        async with self._database.read() as connection:
            found: int | None = await connection.scalar(query)
            return found

    async def newest_text(self, conversation_id: str, client_id_end: str) -> str | None:
        """What the newest message says whose sender's id ends so."""
        query = (
            sa.select(messages.c.text)
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.client_id.endswith(client_id_end, autoescape=True))
            .order_by(messages.c.seq.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(query)
            return found

    async def title_offered(self, conversation_id: str, payload: str) -> str:
        """The title of the newest button with this payload in the conversation.

        Raises:
            NotOfferedError: there is none.
        """
        button = await self.button_offered(conversation_id, lambda offered: offered == payload)
        return button["title"]

    async def button_offered(
        self, conversation_id: str, is_it: Callable[[str], bool]
    ) -> dict[str, str]:
        """The newest button of the conversation whose payload ``is_it``: ``{"title", "payload"}``.

        Raises:
            NotOfferedError: there is none.
        """
        query = (
            sa.select(messages.c.buttons)
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.buttons.is_not(None))
            .order_by(messages.c.seq.desc())
        )
        async with self._database.read() as connection:
            for (buttons,) in await connection.execute(query):
                for button in buttons:
                    if is_it(button["payload"]):
                        return dict(button)
        raise NotOfferedError(conversation_id)

    async def messages_after(self, conversation_id: str, seq: int) -> list[Message]:
        """Messages numbered above ``seq``, in order, at most ``PAGE`` of them."""
        query = (
            sa.select(messages)
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.seq > seq)
            .order_by(messages.c.seq)
            .limit(PAGE)
        )
        async with self._database.read() as connection:
            return [message_of(row) for row in (await connection.execute(query)).mappings()]

    async def choose_language(self, conversation_id: str, state: LanguageState) -> None:
        """Keeps the language that the traveler chose."""
        async with self._database.write() as connection:
            await row_of(connection, conversation_id, for_update=True)
            await connection.execute(
                conversations.update()
                .where(conversations.c.id == conversation_id)
                .values(language_state=asdict(state), updated_at=datetime.now(UTC))
            )

    async def delete(
        self, conversation_id: str, unused_since: datetime | None = None
    ) -> Counter[str]:
        """Removes a conversation; the assistant's memory of it is noted to be removed too.

        With ``unused_since`` (UTC) only if nothing changed since then. Returns how many rows of
        which table were removed.

        Raises:
            UnknownConversationError
        """
        removed: Counter[str] = Counter()
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            if unused_since and utc(row["updated_at"]) >= unused_since:
                return removed
            if unused_since:
                await forget_requests.no_longer_kept(connection, conversation_id)
            else:
                removed += await forget_requests.deleted_by_traveler(connection, conversation_id)
            for table in parts_of_conversations():
                gone = table.delete().where(table.c.conversation_id == conversation_id)
                removed[table.name] += (await connection.execute(gone)).rowcount
            await connection.execute(
                conversations.delete().where(conversations.c.id == conversation_id)
            )
            removed[conversations.name] += 1
            await connection.execute(forgotten.insert().values(conversation_id=conversation_id))
        return removed

    async def waiting(self) -> list[str]:
        """Conversations of which the assistant has something to answer or to learn."""
        query = sa.union(
            sa.select(turns.c.conversation_id).where(turns.c.answered.is_(False)),
            sa.select(owner_changes.c.conversation_id).where(owner_changes.c.told.is_(False)),
        )
        async with self._database.read() as connection:
            return [row[0] for row in await connection.execute(query)]

    async def next_turn(self, conversation_id: str) -> Turn | None:
        """The oldest message of a conversation that is not answered yet."""
        query = (
            sa.select(messages)
            .join(
                turns,
                sa.and_(
                    turns.c.conversation_id == messages.c.conversation_id,
                    turns.c.seq == messages.c.seq,
                ),
            )
            .where(turns.c.conversation_id == conversation_id)
            .where(turns.c.answered.is_(False))
            .order_by(messages.c.seq)
            .limit(1)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                return None
            return Turn(_conversation(await row_of(connection, conversation_id)), message_of(row))

    async def answer(
        self, turn: Turn, replies: Iterable[Draft], understood: dict[str, Any]
    ) -> None:
        """Logs a turn's replies and that it is answered, in one; a second time changes nothing.

        Replies that come after an officer's claim are withheld.

        Raises:
            UnknownConversationError: the traveler deleted it meanwhile.
        """
        async with self._database.write() as connection:
            row = await row_of(connection, turn.conversation.id, for_update=True)
            withheld = row["owner"] == "officer"
            changed = await connection.execute(
                turns.update()
                .where(turns.c.conversation_id == turn.conversation.id)
                .where(turns.c.seq == turn.message.seq)
                .where(turns.c.answered.is_(False))
                .values(answered=True, understood={**understood, "withheld": withheld})
            )
            if changed.rowcount and not withheld:
                seq = turn.message.seq
                await append(connection, row, [replace(reply, answers=seq) for reply in replies])

    async def confirm(self, conversation_id: str, seq: int) -> None:
        """The traveler's side has the messages up to ``seq``, as far as there are any."""
        async with self._database.write() as connection:
            row = await row_of(connection, conversation_id, for_update=True)
            await connection.execute(
                conversations.update()
                .where(conversations.c.id == conversation_id)
                .where(conversations.c.received < min(seq, row["last_seq"]))
                .values(received=min(seq, row["last_seq"]))
            )

    async def next_change(self, conversation_id: str, before: int | None) -> OwnerChange | None:
        """The oldest change of who speaks that the assistant does not know of yet.

        ``before`` leaves out what came after that message.
        """
        query = (
            sa.select(owner_changes)
            .where(owner_changes.c.conversation_id == conversation_id)
            .where(owner_changes.c.told.is_(False))
            .order_by(owner_changes.c.id)
            .limit(1)
        )
        if before is not None:
            query = query.where(owner_changes.c.seq < before)
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
            if row is None:
                return None
            return OwnerChange(**{name: row[name] for name in OwnerChange.__dataclass_fields__})

    async def told(self, change: OwnerChange) -> None:
        """The assistant knows of a change now.

        Raises:
            UnknownConversationError: the traveler deleted it meanwhile.
        """
        async with self._database.write() as connection:
            known = await connection.execute(
                owner_changes.update().where(owner_changes.c.id == change.id).values(told=True)
            )
        if not known.rowcount:
            raise UnknownConversationError(change.conversation_id)

    async def unused_since(self, moment: datetime) -> list[str]:
        """Conversations without a change since a moment (UTC)."""
        query = sa.select(conversations.c.id).where(conversations.c.updated_at < moment)
        async with self._database.read() as connection:
            return [row[0] for row in await connection.execute(query)]

    async def forget(self, conversation_id: str) -> None:
        """Notes (again) that the assistant's memory of a deleted conversation is to be removed."""
        async with self._database.write() as connection:
            known = await connection.scalar(
                sa.select(forgotten).where(forgotten.c.conversation_id == conversation_id)
            )
            if known is None:
                await connection.execute(forgotten.insert().values(conversation_id=conversation_id))

    async def to_forget(self) -> list[str]:
        """Deleted conversations that the assistant still remembers."""
        async with self._database.read() as connection:
            return [row[0] for row in await connection.execute(sa.select(forgotten))]

    async def forgot(self, conversation_id: str) -> None:
        """Notes that the assistant's memory of a conversation is gone."""
        async with self._database.write() as connection:
            await connection.execute(
                forgotten.delete().where(forgotten.c.conversation_id == conversation_id)
            )


async def begin(
    connection: AsyncConnection, channel: str, language: Language | None
) -> tuple[str, str]:
    """Stores a new conversation; returns its ``(id, token)``."""
    conversation_id, token = secrets.token_urlsafe(16), secrets.token_urlsafe(24)
    now = datetime.now(UTC)
    await connection.execute(
        conversations.insert().values(
            id=conversation_id,
            token_hash=_hash(token),
            channel=channel,
            owner="assistant",
            language_state=asdict(LanguageState(current=language)),
            last_seq=0,
            created_at=now,
            updated_at=now,
        )
    )
    return conversation_id, token


async def append(connection: AsyncConnection, row: Any, drafts: list[Draft], **changes: Any) -> int:
    """Numbers and stores drafts after a conversation's last message; returns the last number."""
    now = datetime.now(UTC)
    seq: int = row["last_seq"]
    for draft in drafts:
        seq += 1
        if await hides(connection, row["id"], draft.answers):
            draft = replace(draft, hidden=True)
        await connection.execute(
            messages.insert().values(
                conversation_id=row["id"], seq=seq, created_at=now, **asdict(draft)
            )
        )
        if draft.hidden:
            continue
        await connection.execute(
            message_words.insert().values(
                conversation_id=row["id"], seq=seq, words=searchable(draft.text)
            )
        )
    await connection.execute(
        conversations.update()
        .where(conversations.c.id == row["id"])
        .values(last_seq=seq, updated_at=now, **changes)
    )
    return seq


async def row_of(
    connection: AsyncConnection, conversation_id: str, for_update: bool = False
) -> Any:
    query = sa.select(conversations).where(conversations.c.id == conversation_id)
    if for_update:
        query = query.with_for_update()
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise UnknownConversationError(conversation_id)
    return row


def ownership_of(row: Any) -> Ownership:
    """Who speaks, from a row of ``conversations``."""
    stored = {name: row[name] for name in FIELDS}
    for name in ("lease_until", "since"):
        stored[name] = utc(stored[name]) if stored[name] else None
    return Ownership(**stored)


def utc(moment: datetime) -> datetime:
    """SQLite gives times back without their zone; they were stored in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _conversation(row: Any) -> Conversation:
    return Conversation(
        id=row["id"],
        channel=row["channel"],
        owner=row["owner"],
        language_state=LanguageState.from_dict(row["language_state"]),
        last_seq=row["last_seq"],
        reason=row["reason"],
    )


def message_of(row: Any) -> Message:
    """A message, from a row of ``messages``."""
    fields = {key: row[key] for key in Message.__dataclass_fields__}
    message = Message(**fields)
    created = row["created_at"]
    # SQLite gives times back without their zone; they were stored in UTC
    return replace(message, created_at=created if created.tzinfo else created.replace(tzinfo=UTC))


def _hash(token: str) -> str:
    """Tokens are long and random, so a plain hash is enough to keep them out of the file."""
    return hashlib.sha256(token.encode()).hexdigest()
