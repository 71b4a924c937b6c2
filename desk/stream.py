"""The desk's event streams: the queue, and one conversation, told as they change."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from desk.history import (
    Colleagues,
    changes_after,
    delivery_json,
    message_json,
    notes_after,
    officer_json,
    understood_in,
)
from desk.live_queue import LIVE_QUEUE
from desk.queue import colleagues_of, shown
from desk.sessions import OFFICERS, officer_of
from desk.translations import Told
from hub.errors import ApiError
from hub.handoffs import DESK
from hub.keys import DATABASE, LANES, LOG, REQUESTS, SIGNS, WAKEUPS
from hub.log import UnknownConversationError, row_of
from hub.outbox import delivery_of
from hub.signs import TRAVELER
from hub.translations import LOOKED_BACK, translations_of

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it is alive."""

ASKED_AGAIN = 20
"""Newest messages of which a stream looks what was understood."""

router = web.RouteTableDef()

Write = Callable[[], Awaitable[None]]


@router.get("/desk/api/events")
async def stream_queue(request: web.Request) -> web.StreamResponse:
    """``queue`` whenever it changed, officers' presence and alarms with it; ``requests``,
    ``emergencies`` and ``lanes`` when a traveler's request, a call for help or a lane's figure
    changed since the stream began."""
    officer = await officer_of(request)
    response = await _begin(request)
    last, calls = "", None
    changed_at = {"requests": request.app[REQUESTS].changed_at}
    changed_at["lanes"] = request.app[LANES].changed_at

    async def write() -> None:
        nonlocal last, calls
        found = await request.app[LIVE_QUEUE].since(time.monotonic())
        # waiting times go on by themselves on the page
        text, same = found.told_to(officer.id)
        if same != last:
            last = same
            await response.write(_event_text("queue", text))
        if calls not in (None, request.app[LIVE_QUEUE].calls):
            await response.write(_event("emergencies", {"changed": time.time()}))
        calls = request.app[LIVE_QUEUE].calls
        for name, part in (("requests", request.app[REQUESTS]), ("lanes", request.app[LANES])):
            now = part.changed_at
            if now is not None and now != changed_at[name]:
                changed_at[name] = now
                await response.write(_event(name, {"changed": now.isoformat()}))

    with (
        request.app[WAKEUPS].listen(DESK) as changed,
        request.app[WAKEUPS].listen(OFFICERS) as staff,
        contextlib.suppress(ConnectionResetError),
    ):
        await _follow(request, response, [changed, staff], write, by_time=True)
    return response


@router.get("/desk/api/conversations/{id}/events")
async def stream_conversation(request: web.Request) -> web.StreamResponse:
    """``message`` with its number as id; ``conversation`` when its owner changed; what stands
    beside messages: ``note``, ``system``, ``understood``, ``translation``; ``typing``."""
    officer = await officer_of(request)
    conversation_id = request.match_info["id"]
    await request.app[LOG].conversation(conversation_id)
    after = request.headers.get("Last-Event-ID", "0")
    seen = int(after) if after.isdecimal() and len(after) < 10 else 0
    response = await _begin(request)
    view = _ConversationView(request, response, conversation_id, officer.id, seen)
    quietly = contextlib.suppress(ConnectionResetError)
    with request.app[WAKEUPS].listen(conversation_id) as changed, quietly:
        try:
            await _follow(request, response, [changed], view.write)
        except UnknownConversationError:
            await response.write(_event("gone", {}))
    return response


class _ConversationView:
    """What an open stream has told already, and how it tells the rest."""

    def __init__(
        self,
        request: web.Request,
        response: web.StreamResponse,
        conversation_id: str,
        officer: int,
        seen: int,
    ) -> None:
        self._app, self._response = request.app, response
        self._id, self._officer = conversation_id, officer
        self._seen = seen
        # all of what has no number to resume from comes again: the page knows each by its id
        self._noted = self._changed = 0
        self._unsure = set(range(max(1, seen - ASKED_AGAIN), seen + 1))
        self._last: dict[str, Any] = {}
        self._looked = time.monotonic()
        self._translated = Told()
        self._delivered: dict[int, Any] = {}

    async def write(self) -> None:
        """Raises ``UnknownConversationError`` when the traveler has deleted it."""
        async with self._app[DATABASE].read() as connection:
            row = await row_of(connection, self._id)
            colleagues = await colleagues_of(connection)
            notes = await notes_after(connection, self._id, self._noted, colleagues)
            changes = await changes_after(connection, self._id, self._changed, colleagues)
            known = await translations_of(connection, self._id, self._seen - LOOKED_BACK)
            delivered = await delivery_of(connection, self._id)
        while found := await self._app[LOG].messages_after(self._id, self._seen):
            for message in found:
                self._seen = message.seq
                self._unsure.add(message.seq)
                told = message_json(message, colleagues)
                told["translations"] = self._translated.beside(message.seq, known)
                told |= delivery_json(delivered.get(message.seq))
                await self._write("message", told, message.seq)
                self._delivered[message.seq] = delivered.get(message.seq)
        for note in notes:
            self._noted = note["id"]
            await self._write("note", note)
        for change in changes:
            self._changed = change["id"]
            await self._write("system", change)
        await self._write_understood()
        for translation in self._translated.later(known, self._seen):
            await self._write("translation", translation)
        for seq, state in delivered.items():
            if self._delivered.get(seq) != state and seq <= self._seen:
                await self._write("delivery", {"seq": seq, **delivery_json(state)})
        self._delivered = {**self._delivered, **delivered}
        now = shown(row, colleagues, self._officer, datetime.now(UTC), [])
        if _still(now) != self._last:
            self._last = _still(now)
            await self._write("conversation", now)
        await self._write_typing(colleagues)

    async def _write_understood(self) -> None:
        if not self._unsure:
            return
        async with self._app[DATABASE].read() as connection:
            known = await understood_in(connection, self._id, self._unsure)
        for seq, understood in sorted(known.items()):
            await self._write("understood", {"seq": seq, "understood": understood})
        # only the newest can still be waiting for the assistant
        self._unsure = {s for s in self._unsure - known.keys() if s > self._seen - ASKED_AGAIN}

    async def _write_typing(self, colleagues: Colleagues) -> None:
        typed = self._app[SIGNS].typed_since(self._id, self._looked)
        self._looked = time.monotonic()
        for who in typed:
            if who == TRAVELER:
                await self._write("typing", {"author": "traveler"})
            elif who != self._officer:
                await self._write("typing", {"officer": officer_json(who, colleagues)})

    async def _write(self, name: str, data: Any, number: int | None = None) -> None:
        await self._response.write(_event(name, data, number))


def _still(conversation: dict[str, Any]) -> dict[str, Any]:
    """A conversation without what changes by time alone."""
    return {name: value for name, value in conversation.items() if name != "waited"}


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    return response


async def _follow(
    request: web.Request,
    response: web.StreamResponse,
    events: list[asyncio.Event],
    write: Write,
    by_time: bool = False,
) -> None:
    """Writes at every change, until the connection ends or the officer is signed out.

    ``by_time``: also at each heartbeat, for what changes without anybody's doing.
    """
    changed = True
    while True:
        for event in events:
            event.clear()
        if changed or by_time:
            await write()
        waits = [asyncio.create_task(event.wait()) for event in events]
        done, pending = await asyncio.wait(
            waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in pending:
            wait.cancel()
        changed = bool(done)
        if not changed:
            try:
                await officer_of(request, sign_of_life=False)
            except ApiError:
                await response.write(_event("signed_out", {}))
                return
            await response.write(b": alive\n\n")


def _event(name: str, data: Any, number: int | None = None) -> bytes:
    return _event_text(name, json.dumps(data, ensure_ascii=False), number)


def _event_text(name: str, data: str, number: int | None = None) -> bytes:
    lines = [f"event: {name}", f"data: {data}"]
    if number is not None:
        lines.insert(0, f"id: {number}")
    return ("\n".join(lines) + "\n\n").encode()
