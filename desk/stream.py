"""The desk's event streams: the queue, and one conversation, told as they change."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.console import note_json
from desk.queue import colleagues_of, queue, shown
from desk.sessions import OFFICERS, officer_of
from hub.database import notes
from hub.errors import ApiError
from hub.handoffs import DESK
from hub.keys import DATABASE, LOG, WAKEUPS
from hub.log import UnknownConversationError, row_of

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it is alive."""

router = web.RouteTableDef()

Write = Callable[[], Awaitable[None]]


@router.get("/desk/api/events")
async def stream_queue(request: web.Request) -> web.StreamResponse:
    """``queue`` whenever it changed, officers' presence and alarms with it."""
    officer = await officer_of(request)
    response = await _begin(request)
    last = ""

    async def write() -> None:
        nonlocal last
        async with request.app[DATABASE].read() as connection:
            found = await queue(connection, officer.id, datetime.now(UTC))
        # waiting times go on by themselves on the page
        same = json.dumps({**found, "conversations": [_still(c) for c in found["conversations"]]})
        if same != last:
            last = same
            await response.write(_event("queue", found))

    with (
        request.app[WAKEUPS].listen(DESK) as changed,
        request.app[WAKEUPS].listen(OFFICERS) as staff,
        contextlib.suppress(ConnectionResetError),
    ):
        await _follow(request, response, [changed, staff], write)
    return response


@router.get("/desk/api/conversations/{id}/events")
async def stream_conversation(request: web.Request) -> web.StreamResponse:
    """``message`` with its number as id, and ``conversation`` when its owner changed."""
    officer = await officer_of(request)
    conversation_id = request.match_info["id"]
    log = request.app[LOG]
    await log.conversation(conversation_id)
    after = request.headers.get("Last-Event-ID", "0")
    seen = int(after) if after.isdecimal() and len(after) < 10 else 0
    response = await _begin(request)
    last: dict[str, Any] = {}
    noted: int | None = None

    async def write() -> None:
        nonlocal seen, last, noted
        while found := await log.messages_after(conversation_id, seen):
            for message in found:
                seen = message.seq
                await response.write(_event("message", message.as_json(), seen))
        async with request.app[DATABASE].read() as connection:
            row = await row_of(connection, conversation_id)
            colleagues = await colleagues_of(connection)
            written = await notes_after(connection, conversation_id, noted)
        for note in written:
            # those from before the stream came with the conversation
            if noted is not None:
                await response.write(_event("note", note))
        noted = max([noted or 0, *(note["id"] for note in written)])
        now = shown(row, colleagues, officer.id, datetime.now(UTC), [])
        if _still(now) != last:
            last = _still(now)
            await response.write(_event("conversation", now))

    quietly = contextlib.suppress(ConnectionResetError)
    with request.app[WAKEUPS].listen(conversation_id) as changed, quietly:
        try:
            await _follow(request, response, [changed], write)
        except UnknownConversationError:
            await response.write(_event("gone", {}))
    return response


async def notes_after(
    connection: AsyncConnection, conversation_id: str, last: int | None
) -> list[dict[str, Any]]:
    """Officers' notes with an id above ``last``, in order."""
    query = (
        sa.select(notes)
        .where(notes.c.conversation_id == conversation_id)
        .where(notes.c.id > (last or 0))
        .order_by(notes.c.id)
    )
    return [note_json(row) for row in (await connection.execute(query)).mappings()]


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
    request: web.Request, response: web.StreamResponse, events: list[asyncio.Event], write: Write
) -> None:
    """Writes at every change, until the connection ends or the officer is signed out."""
    while True:
        for event in events:
            event.clear()
        await write()
        waits = [asyncio.create_task(event.wait()) for event in events]
        done, pending = await asyncio.wait(
            waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED
        )
        for wait in pending:
            wait.cancel()
        if not done:
            try:
                await officer_of(request, sign_of_life=False)
            except ApiError:
                await response.write(_event("signed_out", {}))
                return
            await response.write(b": alive\n\n")


def _event(name: str, data: Any, number: int | None = None) -> bytes:
    lines = [f"event: {name}", f"data: {json.dumps(data, ensure_ascii=False)}"]
    if number is not None:
        lines.insert(0, f"id: {number}")
    return ("\n".join(lines) + "\n\n").encode()
