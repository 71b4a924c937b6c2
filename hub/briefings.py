"""Groups' briefings in the database: made by a leader, ticked by members, ended by their day.

The leader's key is worked out from the key of the asking, so that a second try gives the same
link though only the key's hash is stored. A member's token is made by the member's phone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import briefing
from bot.language import Language, LanguageState
from hub import briefing_rules as rules
from hub.database import Database, briefing_members, briefings
from hub.log import row_of, utc
from hub.ownership import RefusedError

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs of a code: none that is taken for another when it is read out."""

CODE_LENGTH = 8

SHOWN = 200
"""Briefings in the desk's list at most, those of today first."""

REMEMBERED = timedelta(days=30)
"""How long a link says that its briefing has ended; who was in it is deleted at once."""


class Briefings:
    """Makes, finds and changes briefings. Links begin with ``public_url``.

    All methods that name one by its code raise ``RefusedError``: ``briefing_unknown``,
    ``briefing_ended``; those that take the leader's key also ``briefing_leader``.
    """

    def __init__(self, database: Database, service_token: str, public_url: str) -> None:
        self._database = database
        self._service_token = service_token.encode()
        self._public_url = public_url.rstrip("/")

    async def make(
        self,
        key: str,
        people: Any,
        day: Any,
        now: datetime,
        *,
        conversation_id: str | None = None,
        language: Language | None = None,
    ) -> dict[str, Any]:
        """A new briefing: ``{"code", "link", "leader_link", "people", "day"}``.

        ``day`` is an ISO date at the port, today without one. The same ``key`` again is the same
        briefing. Without a language it is in its conversation's.

        Raises:
            RefusedError: ``briefing_people``, ``briefing_day``.
            UnknownConversationError
        """
        if known := await self._made(key):
            return known
        row = {
            "key": key,
            "leader_hash": _hash(self._secret(key)),
            "conversation_id": conversation_id,
            "people": rules.people_of(people),
            "day": rules.day_of(day, now),
            "created_at": now,
        }
        try:
            async with self._database.write() as connection:
                if conversation_id is not None:
                    conversation = await row_of(connection, conversation_id)
                    state = LanguageState.from_dict(conversation["language_state"])
                    language = language or state.current
                spoken = language or Language("en", "Latn")
                await connection.execute(
                    briefings.insert().values(
                        code="".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH)),
                        language=spoken.code,
                        script=spoken.script,
                        **row,
                    )
                )
        except IntegrityError:
            # another try of the same asking was quicker; anything else has no row
            if known := await self._made(key):
                return known
            raise
        made = await self._made(key)
        assert made is not None  # noqa: S101 - it was committed above
        return made

    async def open(self, code: str, now: datetime) -> dict[str, Any]:
        """What who has the link may know: ``{"code", "day"}``."""
        async with self._database.read() as connection:
            row = await _open(connection, code, now)
        return {"code": row["code"], "day": row["day"].isoformat()}

    async def tick(
        self,
        code: str,
        token: str,
        called: str,
        language: Language,
        done: list[Any],
        version: int,
        now: datetime,
    ) -> dict[str, Any]:
        """A member's entry as their phone has it, new or changed: ``{"called", "done", "ready"}``.

        What comes late, with a ``version`` not above the one that is known, changes nothing.

        Raises:
            RefusedError: ``briefing_full``; ``briefing_removed`` by the leader.
        """
        known = rules.keys(briefing.load())
        ticked = rules.ticked(done, known)
        async with self._database.write() as connection:
            row = await _open(connection, code, now, for_update=True)
            token_hash = _hash(f"{row['code']}:{token}")
            query = sa.select(briefing_members).where(briefing_members.c.token_hash == token_hash)
            member = (await connection.execute(query)).mappings().first()
            values = {
                "called": called,
                "language": language.code,
                "script": language.script,
                "done": ticked,
                "version": version,
                "updated_at": now,
                "ready_at": ((member and member["ready_at"]) or now)
                if len(ticked) == len(known)
                else None,
            }
            if member is None:
                if len(await _members(connection, [row["id"]])) >= rules.room(row["people"]):
                    raise RefusedError("briefing_full")
                new = {"briefing_id": row["id"], "token_hash": token_hash, "removed": False}
                await connection.execute(briefing_members.insert().values(**new, **values))
            elif member["removed"]:
                raise RefusedError("briefing_removed")
            elif member["version"] < version:
                same = briefing_members.c.id == member["id"]
                await connection.execute(briefing_members.update().where(same).values(**values))
            members = await _members(connection, [row["id"]])
        names = rules.distinguished(each["called"] for each in members)
        name, own = next(
            (name, each) for name, each in zip(names, members) if each["token_hash"] == token_hash
        )
        return {"called": name, "done": own["done"], "ready": own["ready_at"] is not None}

    async def lead(self, code: str, secret: str, now: datetime) -> dict[str, Any]:
        """All that the leader sees; ``_overview`` tells it, and the link to share."""
        async with self._database.read() as connection:
            row = await _led(connection, code, secret, now)
            members = await _members(connection, [row["id"]])
        return {**_overview(row, members), "link": self.link(row["code"])}

    async def change(self, code: str, secret: str, people: Any, now: datetime) -> None:
        """The leader says how many they are.

        Raises:
            RefusedError: ``briefing_people``.
        """
        people = rules.people_of(people)
        async with self._database.write() as connection:
            row = await _led(connection, code, secret, now)
            same = briefings.c.id == row["id"]
            await connection.execute(briefings.update().where(same).values(people=people))

    async def remove(self, code: str, secret: str, member: int, now: datetime) -> None:
        """The leader takes an entry off the list; its name and ticks are gone."""
        async with self._database.write() as connection:
            row = await _led(connection, code, secret, now)
            await connection.execute(
                briefing_members.update()
                .where(briefing_members.c.briefing_id == row["id"])
                .where(briefing_members.c.id == member)
                .values(called="", done=[], ready_at=None, removed=True, updated_at=now)
            )

    async def end(self, code: str, secret: str, now: datetime) -> None:
        """The leader no longer wants it: it is deleted with all that stands in it."""
        async with self._database.write() as connection:
            row = await _led(connection, code, secret, now)
            await connection.execute(briefings.delete().where(briefings.c.id == row["id"]))

    async def listed(self, now: datetime) -> list[dict[str, Any]]:
        """All that have not ended, the next day first; ``_overview`` tells each."""
        query = (
            sa.select(briefings)
            .where(briefings.c.day >= rules.port_day(now))
            .order_by(briefings.c.day, briefings.c.id.desc())
            .limit(SHOWN)
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
            members = await _members(connection, [row["id"] for row in rows])
        return [
            {
                **_overview(row, [each for each in members if each["briefing_id"] == row["id"]]),
                "conversation_id": row["conversation_id"],
            }
            for row in rows
        ]

    def link(self, code: str) -> str:
        """The address that members open."""
        return f"{self._public_url}/briefing/{code}"

    async def _made(self, key: str) -> dict[str, Any] | None:
        async with self._database.read() as connection:
            query = sa.select(briefings).where(briefings.c.key == key)
            row = (await connection.execute(query)).mappings().first()
        if row is None:
            return None
        link = self.link(row["code"])
        return {
            "code": row["code"],
            "link": link,
            "leader_link": f"{link}/leader#{self._secret(key)}",
            "people": row["people"],
            "day": row["day"].isoformat(),
        }

    def _secret(self, key: str) -> str:
        return hmac.digest(self._service_token, f"briefing:{key}".encode(), "sha256").hex()


async def delete_ended(connection: AsyncConnection, now: datetime) -> Counter[str]:
    """Deletes who was in a briefing that has ended, and the briefing itself some time later."""
    today: date = rules.port_day(now)
    over = briefing_members.c.briefing_id.in_(
        sa.select(briefings.c.id).where(briefings.c.day < today)
    )
    old = briefings.c.day < today - REMEMBERED
    return Counter(
        {
            table.name: (await connection.execute(table.delete().where(gone))).rowcount
            for table, gone in ((briefing_members, over), (briefings, old))
        }
    )


def _overview(row: Any, members: list[Any]) -> dict[str, Any]:
    """How far a group is. ``done`` of ``of`` ticks each; names that are twice are told apart."""
    of = len(rules.keys(briefing.load()))
    names = rules.distinguished(each["called"] for each in members)
    shown = [
        {
            "id": each["id"],
            "called": name,
            "language": each["language"],
            "script": each["script"],
            "done": len(each["done"]),
            "of": of,
            "ready": each["ready_at"] is not None,
            "updated_at": utc(each["updated_at"]).isoformat(),
        }
        for name, each in zip(names, members)
    ]
    return {
        "code": row["code"],
        "day": row["day"].isoformat(),
        "people": row["people"],
        "language": row["language"],
        "script": row["script"],
        "ready": sum(each["ready"] for each in shown),
        "not_opened": max(0, row["people"] - len(shown)),
        "members": shown,
    }


async def _open(
    connection: AsyncConnection, code: str, now: datetime, for_update: bool = False
) -> Any:
    query = sa.select(briefings).where(briefings.c.code == code.upper())
    if for_update:
        query = query.with_for_update()
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        raise RefusedError("briefing_unknown")
    if rules.ended(row["day"], now):
        raise RefusedError("briefing_ended")
    return row


async def _led(connection: AsyncConnection, code: str, secret: str, now: datetime) -> Any:
    row = await _open(connection, code, now)
    if not hmac.compare_digest(row["leader_hash"], _hash(secret)):
        raise RefusedError("briefing_leader")
    return row


async def _members(connection: AsyncConnection, ids: list[int]) -> list[Any]:
    """The entries of briefings, in the order in which they came."""
    query = (
        sa.select(briefing_members)
        .where(briefing_members.c.briefing_id.in_(ids))
        .where(briefing_members.c.removed.is_(False))
        .order_by(briefing_members.c.id)
    )
    return list((await connection.execute(query)).mappings())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
