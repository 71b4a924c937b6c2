"""The assistant's working memory: one row a conversation, of bounded size.

The hub's log is the record of a conversation. Rasa needs only what its
policies look at, so a tracker is kept as a session start that carries the
slots and the active form, followed by the last few turns. Reading it back
costs the same at turn 60 as at turn 6; Rasa's own SQL store replays all.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from sqlalchemy.engine import Engine

from bot.turn import Turn, current_turn

KEPT_TURNS = 3
"""Messages of the traveler that stay in a tracker with all that followed them."""

KEPT_RESULTS = 3
"""Answered messages whose result can be asked for again."""

metadata = sa.MetaData()
memory = sa.Table(
    "assistant_memory",
    metadata,
    sa.Column("sender_id", sa.String(64), primary_key=True),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("results", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

_EVENT_TYPES: dict[str, type[Event]] = {
    cls.type_name: cls for cls in all_subclasses(Event) if getattr(cls, "type_name", None)
}


class AssistantMemory(TrackerStore):
    """Tracker store for ``endpoints.yml``; ``url`` is a SQLAlchemy address."""

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        url: str = "sqlite:///var/assistant.db",
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self._engine = _engine(url)
        metadata.create_all(self._engine)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        row = self._row(sender_id)
        if row is None:
            return None
        tracker = self.init_tracker(sender_id)
        for event in (_event(parameters) for parameters in json.loads(row["events"])):
            if event is not None:
                tracker.update(event, self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Stores the tracker, and with it the result of the turn under way.

        A turn marked as failed leaves the row as it was, and so does a save
        before the turn's message is in the tracker (Rasa saves new trackers empty).
        """
        turn = current_turn.get()
        if turn is not None and (turn.failed or not _holds(tracker, turn)):
            return
        result = turn.result(tracker) if turn is not None else None
        if turn is not None and result is not None and not result["replies"]:
            turn.failures.append("nothing was said")
            return
        row = self._row(tracker.sender_id)
        results = json.loads(row["results"]) if row else {}
        if turn is not None:
            results[turn.message_id] = result
        values = _kept(tracker, results)
        kept = (
            memory.update().where(memory.c.sender_id == tracker.sender_id)
            if row
            else memory.insert().values(sender_id=tracker.sender_id)
        )
        with _failing_the_turn(), self._engine.begin() as connection:
            connection.execute(kept.values(values))
        if turn is not None:
            turn.stored, turn.rows[tracker.sender_id] = result, values

    async def add(self, sender_id: str, event_id: str, events: list[Event]) -> None:
        """Adds what happened outside of turns; the same ``event_id`` twice is one.

        A conversation that the assistant has not seen has nothing to be told.
        """
        row = self._row(sender_id)
        if row is None or event_id in (results := json.loads(row["results"])):
            return
        tracker = await self.retrieve(sender_id)
        assert tracker is not None  # noqa: S101 — there is a row
        for event in events:
            tracker.update(event, self.domain)
        results[event_id] = None
        with self._engine.begin() as connection:
            connection.execute(
                memory.update()
                .where(memory.c.sender_id == sender_id)
                .values(_kept(tracker, results))
            )

    def result_of(self, sender_id: str, message_id: str) -> dict[str, Any] | None:
        """What a message of this conversation was answered, if it was."""
        row = self._row(sender_id)
        return json.loads(row["results"]).get(message_id) if row else None

    def forget(self, sender_id: str) -> None:
        """Removes a conversation for good."""
        with self._engine.begin() as connection:
            connection.execute(memory.delete().where(memory.c.sender_id == sender_id))

    async def keys(self) -> Iterable[str]:
        with self._engine.connect() as connection:
            return [row[0] for row in connection.execute(sa.select(memory.c.sender_id))]

    def _row(self, sender_id: str) -> Any:
        """The conversation's row; read once a turn, which holds the conversation's lock."""
        turn = current_turn.get()
        if turn is not None and sender_id in turn.rows:
            return turn.rows[sender_id]
        query = sa.select(memory).where(memory.c.sender_id == sender_id)
        with _failing_the_turn(), self._engine.connect() as connection:
            row = connection.execute(query).mappings().first()
        if turn is not None:
            turn.rows[sender_id] = row
        return row


@contextmanager
def _failing_the_turn() -> Iterator[None]:
    """Marks the turn when the database fails: Rasa would go on with an empty tracker."""
    try:
        yield
    except sa.exc.SQLAlchemyError as error:
        if turn := current_turn.get():
            turn.failures.append(f"memory: {error}")
        raise


def _holds(tracker: DialogueStateTracker, turn: Turn) -> bool:
    latest = tracker.latest_message
    return latest is not None and latest.message_id == turn.message_id


def _kept(tracker: DialogueStateTracker, results: dict[str, Any]) -> dict[str, Any]:
    """The columns of a conversation's row."""
    return {
        "events": json.dumps([e.as_dict() for e in recent(tracker)], ensure_ascii=False),
        "results": json.dumps(dict(list(results.items())[-KEPT_RESULTS:]), ensure_ascii=False),
        "updated_at": time.time(),
    }


def recent(tracker: DialogueStateTracker) -> list[Event]:
    """The events that stand for a tracker: its slots and form, then its last turns."""
    events = list(tracker.events)
    starts = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) <= KEPT_TURNS:
        return events
    cut = starts[-KEPT_TURNS]
    before = DialogueStateTracker.from_events(
        tracker.sender_id, events[:cut], slots=list(tracker.slots.values())
    )
    carried: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    carried += [
        SlotSet(name, slot.value)
        for name, slot in before.slots.items()
        if slot.value != slot.initial_value
    ]
    if before.active_loop_name:
        carried.append(ActiveLoop(before.active_loop_name))
    carried.append(ActionExecuted(ACTION_LISTEN_NAME))
    return carried + events[cut:]


def _event(parameters: dict[str, Any]) -> Event | None:
    """Like ``Event.from_parameters``, which lists all subclasses anew each time."""
    cls = _EVENT_TYPES.get(parameters["event"])
    return cls._from_parameters(parameters) if cls else None


def _engine(url: str) -> Engine:
    parsed = sa.engine.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, future=True, pool_pre_ping=True, hide_parameters=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # SQLAlchemy 1.4 opens a file anew for every use unless told to keep it open
    engine = sa.create_engine(
        url,
        future=True,
        connect_args={"timeout": 10},
        poolclass=sa.pool.QueuePool,
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine
