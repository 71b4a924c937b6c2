"""The desk's API of travelers' requests: the board's list, and what officers do with each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.language import SCRIPTS
from desk.accounts import audit
from desk.console import named
from desk.days import day_at_port
from desk.history import Colleagues, officer_json
from desk.officer import Officer
from desk.queue import colleagues_of
from desk.sessions import changing, now_of, officer_of
from hub import request_rules
from hub.bodies import json_body, number, written
from hub.database import request_history, requests
from hub.errors import ApiError
from hub.keys import DATABASE, REQUESTS
from hub.log import utc
from hub.ownership import RefusedError
from hub.request_rules import KINDS, STATES, Request
from hub.request_words import places
from hub.requests import UnknownRequestError, request_of

SHOWN = 500
"""Requests in the list at most, the next ones first."""

LONGEST_REASON = 300
"""Characters of why one was refused or cancelled; travelers read it."""

router = web.RouteTableDef()

_ONE = "/desk/api/requests/{number}"


@router.get("/desk/api/requests")
async def show_requests(request: web.Request) -> web.Response:
    """``?state=&kind=&language=&day=`` → ``{"requests", "places"}``.

    ``day`` is one at the port (``2026-11-24``); without it all are listed that are open or of the
    last day.
    """
    await officer_of(request)
    now = now_of(request)
    query = sa.select(requests).where(*_filters(request.query, now))
    # the next ones first
    when = sa.func.coalesce(requests.c.due_at, requests.c.created_at)
    query = query.order_by(when, requests.c.id).limit(SHOWN)
    async with request.app[DATABASE].read() as connection:
        rows = (await connection.execute(query)).mappings().all()
        history = await _history(connection, [row["id"] for row in rows])
        colleagues = await colleagues_of(connection)
    return web.json_response(
        {
            "requests": [_shown(row, history.get(row["id"], []), colleagues, now) for row in rows],
            "places": list(places()),
        }
    )


@router.post(_ONE + "/accept")
async def accept(request: web.Request) -> web.Response:
    """``{"place", "at"?, "version"}``: who, where and when; once more changes them.

    Without ``place`` only where ``needs_place`` is false.
    """
    officer = await changing(request)
    body = await json_body(request)
    place, at = body.get("place"), _moment(body.get("at"))
    if place is not None and place not in places():
        raise ApiError("bad_request")
    now = now_of(request)
    if place is None and await _needs_place(request):
        raise ApiError("bad_request")
    return await _change(
        request,
        officer,
        body,
        "request_accepted",
        lambda before: request_rules.accept(before, officer.id, place, at, now),
    )


@router.post(_ONE + "/start")
async def start(request: web.Request) -> web.Response:
    """``{"version"}``: the officer is with the traveler."""
    officer = await changing(request)
    return await _change(
        request,
        officer,
        await json_body(request),
        "request_started",
        lambda before: request_rules.start(before, officer.id),
    )


@router.post(_ONE + "/finish")
async def finish(request: web.Request) -> web.Response:
    """``{"version"}``: done."""
    officer = await changing(request)
    return await _change(
        request,
        officer,
        await json_body(request),
        "request_finished",
        lambda before: request_rules.finish(before, officer.id),
    )


@router.post(_ONE + "/refuse")
async def refuse(request: web.Request) -> web.Response:
    """``{"reason", "version"}``: the traveler reads why."""
    officer = await changing(request)
    body = await json_body(request)
    reason = _reason(body)
    return await _change(
        request,
        officer,
        body,
        "request_refused",
        lambda before: request_rules.refuse(before, officer.id, reason),
    )


@router.post(_ONE + "/cancel")
async def cancel(request: web.Request) -> web.Response:
    """``{"reason", "version"}``: the traveler reads why."""
    officer = await changing(request)
    body = await json_body(request)
    reason = _reason(body)
    return await _change(
        request,
        officer,
        body,
        "request_cancelled",
        lambda before: request_rules.cancel(before, reason),
    )


async def _change(
    request: web.Request,
    officer: Officer,
    body: dict[str, Any],
    what: str,
    rule: Callable[[Request], Request],
) -> web.Response:
    """Applies a rule to the version that the page has seen, notes it, and shows the outcome."""
    version = number(body, "version")

    def seen(before: Request) -> Request:
        request_rules.must_be_at(before, version)
        return rule(before)

    async def note(connection: AsyncConnection, row: Any) -> None:
        conversation_id = row["conversation_id"] or None
        await audit(connection, officer.id, what, conversation_id, number=row["number"])

    try:
        row = await request.app[REQUESTS].change(
            request.match_info["number"],
            seen,
            "officer",
            officer=officer.id,
            named=lambda language: named(officer, language),
            also=note,
        )
    except UnknownRequestError as error:
        raise ApiError("not_found") from error
    except RefusedError as error:
        raise ApiError(error.code) from error
    async with request.app[DATABASE].read() as connection:
        history = await _history(connection, [row["id"]])
        colleagues = await colleagues_of(connection)
    return web.json_response(_shown(row, history[row["id"]], colleagues, now_of(request)))


async def _needs_place(request: web.Request) -> bool:
    number = request_rules.number_said(request.match_info["number"])
    async with request.app[DATABASE].read() as connection:
        kind = await connection.scalar(
            sa.select(requests.c.kind).where(requests.c.number == number)
        )
    return kind in request_rules.MET


def _filters(query: Any, now: datetime) -> list[Any]:
    conditions = []
    for name, known in (("state", STATES), ("kind", KINDS), ("language", SCRIPTS)):
        if value := query.get(name):
            if value not in known:
                raise ApiError("bad_request")
            conditions.append(requests.c[name] == value)
    if day := query.get("day"):
        try:
            begin, end = day_at_port(day)
        except (ValueError, OverflowError) as error:
            raise ApiError("bad_request") from error
        # what has no time of its own stands on the day it was asked for
        on = sa.func.coalesce(requests.c.due_at, requests.c.created_at)
        conditions.append(sa.and_(on >= begin, on < end))
    elif not query.get("state"):
        recent = requests.c.updated_at > now - timedelta(days=1)
        conditions.append(sa.or_(requests.c.state.in_(request_rules.OPEN), recent))
    return conditions


async def _history(connection: AsyncConnection, ids: list[int]) -> dict[int, list[Any]]:
    if not ids:
        return {}
    query = (
        sa.select(request_history)
        .where(request_history.c.request_id.in_(ids))
        .order_by(request_history.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in (await connection.execute(query)).mappings():
        found.setdefault(row["request_id"], []).append(row)
    return found


def _shown(row: Any, history: list[Any], colleagues: Colleagues, now: datetime) -> dict[str, Any]:
    """A request as the board shows it; an anonymous one has no conversation."""
    state = request_of(row)
    names = ("number", "kind", "state", "details", "people", "direction", "language", "script")
    return {
        **{name: row[name] for name in (*names, "place", "reason", "version")},
        "conversation_id": row["conversation_id"] or None,
        "needs_place": row["kind"] in request_rules.MET,
        "due_at": state.due_at.isoformat() if state.due_at else None,
        "late": request_rules.is_late(state, now),
        "officer": officer_json(row["officer"], colleagues),
        "created_at": utc(row["created_at"]).isoformat(),
        "updated_at": utc(row["updated_at"]).isoformat(),
        "history": [
            {
                "at": utc(entry["at"]).isoformat(),
                "state": entry["state"],
                "by": entry["by"],
                "officer": officer_json(entry["officer"], colleagues),
                "place": entry["detail"].get("place"),
                "reason": entry["detail"].get("reason"),
            }
            for entry in history
        ],
    }


def _reason(body: dict[str, Any]) -> str:
    reason = written(body.get("reason"))
    if len(reason) > LONGEST_REASON:
        raise ApiError("text_too_long")
    return reason


def _moment(value: Any) -> datetime | None:
    """An ISO moment with its zone, as UTC."""
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ApiError("bad_request")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise ApiError("bad_request") from error
