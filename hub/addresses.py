"""Which conversation a messaging network's user is in: one user in one chat is one conversation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import Language
from hub.carrier import Address, Route
from hub.database import Database, addresses, deliveries, groups, messages, routes
from hub.log import begin, utc


class Addresses:
    """Reads and writes addresses, routes and groups."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def conversation_at(
        self, address: Address, language: Language | None, open_until: datetime | None = None
    ) -> str:
        """The conversation of an address, begun in ``language`` when there is none yet.

        Who writes again after blocking us wants to hear again. ``open_until`` is until when the
        network takes answers now, if it sets a time.
        """
        async with self._database.read() as connection:
            found = await _at(connection, address, open_until)
        if found and not found.changes:
            return found.conversation_id
        try:
            async with self._database.write() as connection:
                if found := await _at(connection, address, open_until):
                    # another update of the same user may have made them just now
                    if found.changes:
                        await connection.execute(
                            routes.update()
                            .where(routes.c.conversation_id == found.conversation_id)
                            .values(**found.changes)
                        )
                    return found.conversation_id
                conversation_id, _ = await begin(connection, address.channel, language)
                await connection.execute(
                    addresses.insert().values(conversation_id=conversation_id, **asdict(address))
                )
                await connection.execute(
                    routes.insert().values(
                        conversation_id=conversation_id,
                        blocked=False,
                        position=0,
                        open_until=open_until,
                        **asdict(address),
                    )
                )
                return conversation_id
        except IntegrityError:
            # another update of the same user was quicker
            async with self._database.read() as connection:
                found = await _at(connection, address, None)
            if found is None:
                raise
            return found.conversation_id

    async def knows(self, address: Address) -> bool:
        """Whether somebody has written from there before."""
        query = sa.select(addresses.c.conversation_id).where(_here(address))
        async with self._database.read() as connection:
            return await connection.scalar(query) is not None

    async def go_on_alone(self, conversation_id: str, private: Address) -> bool:
        """A conversation that began in a group goes on in its member's private chat.

        ``False`` when the conversation is another person's, or is gone.
        """
        async with self._database.write() as connection:
            changed = await connection.execute(
                routes.update()
                .where(routes.c.conversation_id == conversation_id)
                .where(routes.c.channel == private.channel)
                .where(routes.c.sender == private.sender)
                .values(private=private.chat, blocked=False)
            )
            if not changed.rowcount:
                return False
            await lead_to(connection, private, conversation_id)
            return True

    async def sender_of(self, conversation_id: str) -> str | None:
        """The network's id of a conversation's traveler."""
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(
                sa.select(routes.c.sender).where(routes.c.conversation_id == conversation_id)
            )
            return found

    async def conversation_of_message(self, channel: str, network_id: str) -> str | None:
        """The conversation of which the network shows a message of ours."""
        query = (
            sa.select(deliveries.c.conversation_id)
            .join(routes, routes.c.conversation_id == deliveries.c.conversation_id)
            .where(routes.c.channel == channel)
            .where(deliveries.c.network_id == network_id)
        )
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(query)
            return found

    async def block(self, channel: str, chat: str) -> None:
        """Nothing more is to be sent to this chat, until somebody writes from it again."""
        here = routes.c.channel == channel
        async with self._database.write() as connection:
            await connection.execute(
                routes.update().where(here).where(routes.c.chat == chat).values(blocked=True)
            )
            # a conversation of a group goes on there, until its private chat is opened anew
            await connection.execute(
                routes.update().where(here).where(routes.c.private == chat).values(private=None)
            )

    async def close_window(
        self, conversation_id: str, now: datetime, seen: datetime | None
    ) -> bool:
        """The network takes no more answers; ``False`` when the traveler has written since the
        window was ``seen``."""
        known = routes.c.open_until
        async with self._database.write() as connection:
            changed = await connection.execute(
                routes.update()
                .where(routes.c.conversation_id == conversation_id)
                .where(known.is_(None) if seen is None else known == seen)
                .values(open_until=now)
            )
            return bool(changed.rowcount)

    async def choices_shown(
        self, conversation_id: str, whole_answer: bool = False
    ) -> list[dict[str, str]]:
        """The buttons of what assistant or officer said last, as far as the network has it; with
        ``whole_answer`` after those of earlier messages of the same answer."""
        query = (
            sa.select(messages.c.buttons, messages.c.seq, messages.c.answers)
            .join(
                deliveries,
                sa.and_(
                    deliveries.c.conversation_id == messages.c.conversation_id,
                    deliveries.c.seq == messages.c.seq,
                ),
            )
            .where(messages.c.conversation_id == conversation_id)
            .where(messages.c.author.in_(("assistant", "officer")))
            .where(deliveries.c.state == "delivered")
            .order_by(messages.c.seq.desc())
            .limit(1)
        )
        async with self._database.read() as connection:
            last = (await connection.execute(query)).first()
            if last is None:
                return []
            shown: list[dict[str, str]] = last.buttons or []
            if not whole_answer or last.answers is None:
                return shown
            earlier = (
                sa.select(messages.c.buttons)
                .where(messages.c.conversation_id == conversation_id)
                .where(messages.c.answers == last.answers)
                .where(messages.c.seq < last.seq)
                .order_by(messages.c.seq)
            )
            before = [each[0] or [] for each in await connection.execute(earlier)]
            return [button for buttons in [*before, shown] for button in buttons]

    async def move(self, channel: str, old: str, new: str) -> None:
        """A chat has another id from now on."""
        async with self._database.write() as connection:
            for table in (addresses, routes, groups):
                await connection.execute(
                    table.update()
                    .where(table.c.channel == channel)
                    .where(table.c.chat == old)
                    .values(chat=new)
                )

    async def group(self, channel: str, chat: str) -> dict[str, Any]:
        """``{"leader": id or None, "language": Language or None}`` of a group chat."""
        query = (
            sa.select(groups.c.leader, groups.c.language)
            .where(groups.c.channel == channel)
            .where(groups.c.chat == chat)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).mappings().first()
        language = Language(**row["language"]) if row and row["language"] else None
        return {"leader": row["leader"] if row else None, "language": language}

    async def set_group(self, channel: str, chat: str, **changes: Any) -> None:
        """Keeps a group's ``leader`` or ``language``."""
        if isinstance(changes.get("language"), Language):
            changes["language"] = asdict(changes["language"])
        here = sa.and_(groups.c.channel == channel, groups.c.chat == chat)
        async with self._database.write() as connection:
            known = await connection.execute(groups.update().where(here).values(**changes))
            if not known.rowcount:
                await connection.execute(
                    groups.insert().values(channel=channel, chat=chat, **changes)
                )


async def lead_to(connection: AsyncConnection, address: Address, conversation_id: str) -> None:
    """What is written from an address belongs to this conversation from now on."""
    changed = await connection.execute(
        addresses.update().where(_here(address)).values(conversation_id=conversation_id)
    )
    if not changed.rowcount:
        await connection.execute(
            addresses.insert().values(conversation_id=conversation_id, **asdict(address))
        )


def route_of(row: Any) -> Route:
    """Where a conversation goes out, from a row of ``routes``."""
    address = Address(row["channel"], row["chat"], row["sender"], row["thread"])
    until = row["open_until"]
    return Route(row["conversation_id"], address, row["private"], utc(until) if until else None)


@dataclass(frozen=True)
class _Found:
    """``changes`` of the route are due since somebody writes from there (again)."""

    conversation_id: str
    changes: dict[str, Any]


async def _at(
    connection: AsyncConnection, address: Address, open_until: datetime | None
) -> _Found | None:
    query = (
        sa.select(routes)
        .join(addresses, routes.c.conversation_id == addresses.c.conversation_id)
        .where(_here(address))
    )
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return None
    changes: dict[str, Any] = {"blocked": False} if row["blocked"] else {}
    came_from_a_group = not address.is_group and row["chat"] != address.chat
    if came_from_a_group and row["private"] is None:
        changes["private"] = address.chat
    if open_until and (row["open_until"] is None or utc(row["open_until"]) < open_until):
        changes["open_until"] = open_until
    return _Found(row["conversation_id"], changes)


def _here(address: Address) -> Any:
    return sa.and_(*(addresses.c[name] == value for name, value in asdict(address).items()))
