"""Calls for help as the board shows them: where, what was done when and by whom, and the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.accounts import audit
from desk.alarms import CALLED_FALSE, ESCALATED, PUSHED, RAISED
from desk.days import day_at_port
from desk.history import Colleagues, officer_json
from desk.queue import ALARMS, colleagues_of
from desk.sessions import changing, now_of, officer_of
from desk.tables import audit_log
from hub.database import conversations, emergencies
from hub.errors import ApiError
from hub.handoffs import DESK
from hub.keys import DATABASE, WAKEUPS
from hub.log import utc

SHOWN = timedelta(days=1)
"""How long after it was raised a call stands on the board where no day is asked for."""

ACKNOWLEDGED, CLOSED, PLACED = "acknowledged", "alarm_closed", "alarm_placed"

OF_THE_CALL = (CALLED_FALSE, ESCALATED, PUSHED, ACKNOWLEDGED, CLOSED)
OF_THE_CONVERSATION = ("claimed", "passed_on", "released", "closed")
"""Entries of the audit log that are steps of a call."""

router = web.RouteTableDef()


@router.get("/desk/api/emergencies")
async def show_emergencies(request: web.Request) -> web.Response:
    """``?day=`` → ``{"emergencies": [...]}``, the newest first.

    ``day`` is one at the port (``2026-11-24``); without it those of the last 24 hours are listed.
    """
    await officer_of(request)
    now = now_of(request)
    async with request.app[DATABASE].read() as connection:
        if day := request.query.get("day"):
            try:
                begin, end = day_at_port(day)
            except (ValueError, OverflowError) as error:
                raise ApiError("bad_request") from error
            found = await calls_between(connection, begin, end)
        else:
            found = await calls_now(connection, now)
    return web.json_response({"emergencies": found})


@router.post("/desk/api/alarms/{id}/{seq:\\d{1,9}}/close")
async def close(request: web.Request) -> web.Response:
    """It is over. Whoever closes a call that nobody acknowledged has acknowledged it, too."""
    officer = await changing(request)
    conversation_id, seq = request.match_info["id"], int(request.match_info["seq"])
    now = datetime.now(UTC)
    this = sa.and_(
        emergencies.c.conversation_id == conversation_id,
        emergencies.c.seq == seq,
        emergencies.c.mistaken.is_(False),
        emergencies.c.closed_at.is_(None),
    )
    async with request.app[DATABASE].write() as connection:
        unheard = await connection.execute(
            emergencies.update()
            .where(this)
            .where(emergencies.c.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=officer.id)
        )
        closed = await connection.execute(
            emergencies.update().where(this).values(closed_at=now, closed_by=officer.id)
        )
        if unheard.rowcount:
            await audit(connection, officer.id, ACKNOWLEDGED, conversation_id, seq=seq)
        if closed.rowcount:
            await audit(connection, officer.id, CLOSED, conversation_id, seq=seq)
    request.app[WAKEUPS].wake(DESK)
    return web.Response(status=204)


async def calls_now(connection: AsyncConnection, now: datetime) -> list[dict[str, Any]]:
    """The calls of the last 24 hours, the newest first."""
    return await calls_between(connection, now - SHOWN, now + SHOWN)


async def calls_between(
    connection: AsyncConnection, begin: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Calls raised from ``begin`` until before ``end`` (UTC), the newest first.

    ``deleted``: the conversation is gone; ``state`` is ``raised``, ``acknowledged``, ``closed`` or
    ``false``; ``steps`` are ``{"what", "at", "officer", "place"}`` in order.
    """
    query = (
        sa.select(emergencies, conversations.c.id.label("kept"))
        .outerjoin(conversations, conversations.c.id == emergencies.c.conversation_id)
        .where(emergencies.c.created_at >= begin)
        .where(emergencies.c.created_at < end)
        .order_by(emergencies.c.created_at.desc(), emergencies.c.seq.desc())
    )
    calls = list((await connection.execute(query)).mappings())
    if not calls:
        return []
    noted = await _noted(connection, {call["conversation_id"] for call in calls})
    colleagues = await colleagues_of(connection)
    return [_shown(call, noted.get(call["conversation_id"], []), colleagues) for call in calls]


async def _noted(connection: AsyncConnection, ids: Iterable[str]) -> dict[str, list[Any]]:
    """What the audit log has of conversations, in order."""
    query = (
        sa.select(audit_log)
        .where(audit_log.c.conversation_id.in_(ids))
        .where(audit_log.c.what.in_((*OF_THE_CALL, *OF_THE_CONVERSATION)))
        .order_by(audit_log.c.at, audit_log.c.id)
    )
    found: dict[str, list[Any]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["conversation_id"], []).append(row)
    return found


def _shown(call: Any, noted: list[Any], colleagues: Colleagues) -> dict[str, Any]:
    names = ("conversation_id", "seq", "kind", "place", "language", "script")
    return {
        **{name: call[name] for name in names},
        "deleted": call["kept"] is None,
        "state": _state(call),
        "escalated": call["escalated_at"] is not None,
        "officer": officer_json(call["acknowledged_by"], colleagues),
        "closed_by": officer_json(call["closed_by"], colleagues),
        "created_at": utc(call["created_at"]).isoformat(),
        "steps": _steps(call, noted, colleagues),
    }


def _state(call: Any) -> str:
    if call["mistaken"]:
        return "false"
    if call["closed_at"]:
        return "closed"
    return "acknowledged" if call["acknowledged_at"] else "raised"


def _steps(call: Any, noted: list[Any], colleagues: Colleagues) -> list[dict[str, Any]]:
    begin = utc(call["created_at"])
    end = utc(call["closed_at"]) if call["closed_at"] else begin + ALARMS
    steps = [_step(RAISED, begin)]
    if call["placed_at"]:
        steps.append(_step(PLACED, utc(call["placed_at"]), place=call["place"]))
    for entry in noted:
        what, at = entry["what"], utc(entry["at"])
        of_it = what in OF_THE_CALL and entry["detail"].get("seq") == call["seq"]
        meanwhile = what in OF_THE_CONVERSATION and begin <= at <= end
        if of_it or meanwhile:
            steps.append(_step(what, at, officer_json(entry["officer_id"], colleagues)))
    return sorted(steps, key=lambda step: str(step["at"]))


def _step(
    what: str, at: datetime, officer: dict[str, Any] | None = None, place: str | None = None
) -> dict[str, Any]:
    # always with microseconds, so that texts sort as moments do
    at_text = at.isoformat(timespec="microseconds")
    return {"what": what, "at": at_text, "officer": officer, "place": place}
