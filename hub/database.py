"""The hub's tables, and how its database is opened and migrated."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

metadata = sa.MetaData()

OUTLIVES = {"outlives_conversations": True}
"""Marks a table whose rows stay when the conversation that they name is deleted."""

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(16), nullable=False),
    sa.Column("language_state", sa.JSON, nullable=False),
    sa.Column("last_seq", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, index=True),
    # ownership.Ownership, but for its owner, which stands above
    sa.Column("officer", sa.Integer),
    sa.Column("lease_until", sa.DateTime(timezone=True)),
    sa.Column("reason", sa.String(16)),
    sa.Column("since", sa.DateTime(timezone=True)),
    sa.Column("wanted", sa.String(32)),
    sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),
    # the newest message that the traveler's side has confirmed
    sa.Column("received", sa.Integer, nullable=False, server_default="0"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column(
        "conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("author", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("script", sa.String(8), nullable=False),
    sa.Column("buttons", sa.JSON(none_as_null=True)),
    sa.Column("card", sa.JSON(none_as_null=True)),
    sa.Column("payload", sa.Text),
    sa.Column("client_id", sa.String(64)),
    sa.Column("officer", sa.Integer),
    # the traveler's message that it answers
    sa.Column("answers", sa.Integer),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("conversation_id", "client_id"),
)

message_words = sa.Table(
    "message_words",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("words", sa.Text, nullable=False),
    # a search reads a conversation's words in one piece
    sqlite_with_rowid=False,
)
"""Messages' texts as ``bot.scripts.searchable`` spells them; a change of it needs them anew."""

turns = sa.Table(
    "turns",
    metadata,
    sa.Column(
        "conversation_id", sa.String(32), sa.ForeignKey("conversations.id"), primary_key=True
    ),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("answered", sa.Boolean, nullable=False, index=True),
    sa.Column("understood", sa.JSON(none_as_null=True)),
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    info=OUTLIVES,
)
"""Deleted conversations of which the assistant has to remove its memory yet."""

emergencies = sa.Table(
    "emergencies",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("script", sa.String(8), nullable=False),
    sa.Column("place", sa.String(16)),
    sa.Column("mistaken", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_by", sa.Integer),
    sa.Column("escalated_at", sa.DateTime(timezone=True)),
    info=OUTLIVES,
)
"""Calls for help, without their words; they outlive a deleted conversation, as an audit log."""

handoffs = sa.Table(
    "handoffs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    sa.Column("key", sa.String(128), nullable=False, unique=True),
    sa.Column("reason", sa.String(16), nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("claimed_at", sa.DateTime(timezone=True)),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    info=OUTLIVES,
)
"""Times that a person was asked for; ``key`` is the same for every try of one asking."""

notes = sa.Table(
    "notes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    sa.Column("officer", sa.Integer, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
)
"""What officers write beside a conversation; travelers never see it."""

owner_changes = sa.Table(
    "owner_changes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("what", sa.String(16)),
    sa.Column("owner", sa.String(16), nullable=False),
    sa.Column("officer", sa.Integer),
    sa.Column("reason", sa.String(16)),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("told", sa.Boolean, nullable=False, index=True),
)
"""Who spoke from when on. ``seq`` is the last message before it, or the one that tells of it, whose
words are ``system.<what>``. ``told``: the assistant knows."""

translations = sa.Table(
    "translations",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("language", sa.String(8), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)
"""What a machine made of a message in another language, beside the message itself."""

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("chat", sa.String(64), primary_key=True),
    sa.Column("sender", sa.String(64), primary_key=True),
    sa.Column("thread", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
)
"""Which conversation a messaging network's user is in; ``carrier.Address`` tells the columns."""

routes = sa.Table(
    "routes",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("chat", sa.String(64), nullable=False),
    sa.Column("sender", sa.String(64), nullable=False),
    sa.Column("thread", sa.String(64), nullable=False),
    sa.Column("private", sa.String(64)),
    sa.Column("blocked", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("open_until", sa.DateTime(timezone=True)),
)
"""Where a conversation's messages go out. Those up to ``position`` are settled: each has its row in
``deliveries``. ``open_until``: when the network's window for answers closes, if it has one."""

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sent", sa.Integer, nullable=False),
    sa.Column("why", sa.String(255)),
    sa.Column("network_id", sa.String(128), index=True),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
)
"""What became of a message on its network: ``waiting``, ``held`` for a private chat, ``delivered``
or ``failed``; how many parts of it are sent; the network's own id of the last."""

groups = sa.Table(
    "groups",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("chat", sa.String(64), primary_key=True),
    sa.Column("leader", sa.String(64)),
    sa.Column("language", sa.JSON(none_as_null=True)),
)
"""Group chats: who leads, and in which language the group itself is spoken to."""

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    # of the id, which is known once the row is there
    sa.Column("number", sa.String(16), unique=True),
    sa.Column("conversation_id", sa.String(32), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("people", sa.Integer),
    sa.Column("direction", sa.String(16)),
    sa.Column("due_at", sa.DateTime(timezone=True), index=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("script", sa.String(8), nullable=False),
    sa.Column("officer", sa.Integer),
    sa.Column("place", sa.String(32)),
    sa.Column("reason", sa.Text),
    sa.Column("key", sa.String(128), nullable=False, unique=True),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    # the number of a deleted request is never given again
    sqlite_autoincrement=True,
    info=OUTLIVES,
)
"""Work for officers; ``key`` is the same for every try of one asking. ``forget_requests`` says what
stays of them when their conversation is deleted."""

request_history = sa.Table(
    "request_history",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("request_id", sa.Integer, sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("by", sa.String(16), nullable=False),
    sa.Column("officer", sa.Integer),
    sa.Column("detail", sa.JSON, nullable=False),
)
"""What became of each request, when, and whether traveler, officer or system did it."""


def parts_of_conversations() -> list[sa.Table]:
    """The tables of every room whose rows go with their conversation, in an order to delete in."""
    return [
        table
        for table in reversed(metadata.sorted_tables)
        if "conversation_id" in table.c and not table.info.get("outlives_conversations")
    ]


MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """An open database; ``read()`` and ``write()`` give connections to use and leave."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            yield await connection.execution_options(read_only=True)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed on leaving and rolled back on an error."""
        async with self.engine.begin() as connection:
            yield connection

    async def migrate(self) -> None:
        """Brings the tables to the newest migration."""
        async with self.engine.begin() as connection:
            await connection.run_sync(_upgrade)

    async def close(self) -> None:
        await self.engine.dispose()


def _upgrade(connection: sa.engine.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    # SQLAlchemy 1.4 opens a file anew for every use unless told to keep it open
    # errors go to the process's log, and no words of travelers with them
    engine = create_async_engine(url, poolclass=sa.pool.AsyncAdaptedQueuePool, hide_parameters=True)

    @sa.event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # the driver must not begin transactions by itself: a write that starts
        # as a read fails with "database is locked" instead of waiting
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA busy_timeout=10000")
        cursor.close()

    @sa.event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: sa.engine.Connection) -> None:
        if not connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
