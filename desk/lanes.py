"""The desk's API of the queue: what each lane's figure is, and officers entering them by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from desk.accounts import audit
from desk.history import officer_json
from desk.queue import colleagues_of
from desk.sessions import changing, now_of, officer_of
from hub.bodies import json_body
from hub.errors import ApiError
from hub.keys import DATABASE, LANES
from hub.lane_figures import STALE_AFTER, BadFigureError, lanes

router = web.RouteTableDef()


@router.get("/desk/api/lanes")
async def show_lanes(request: web.Request) -> web.Response:
    """``{"lanes": [{"lane", "counts", "waiting", "minutes", "at", "known", "officer"}],
    "stale_after"}``, the last in seconds."""
    await officer_of(request)
    return web.json_response(await _shown(request, now_of(request)))


@router.post("/desk/api/lanes")
async def enter_figures(request: web.Request) -> web.Response:
    """``{"figures": [{"lane", "waiting", "minutes"?}]}`` → the list as it is now.

    ``"waiting": null`` takes a figure back. All are taken, or none.
    """
    officer = await changing(request)
    figures = _figures(await json_body(request))
    now = now_of(request)

    async def note(connection: AsyncConnection) -> None:
        for lane, (waiting, minutes) in figures.items():
            detail = {"lane": lane, "waiting": waiting, "minutes": minutes}
            await audit(connection, officer.id, "lane_figure", **detail)

    try:
        await request.app[LANES].enter(figures, officer.id, now, note)
    except BadFigureError as error:
        raise ApiError("bad_request") from error
    return web.json_response(await _shown(request, now))


async def _shown(request: web.Request, now: datetime) -> dict[str, Any]:
    async with request.app[DATABASE].read() as connection:
        colleagues = await colleagues_of(connection)
    return {
        "lanes": [
            {
                **figure.as_json(),
                "counts": lanes()[figure.lane]["counts"],
                "officer": officer_json(figure.officer, colleagues),
            }
            for figure in await request.app[LANES].latest(now)
        ],
        "stale_after": STALE_AFTER.total_seconds(),
    }


def _figures(body: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """``(waiting, minutes)`` by lane; the numbers are not checked yet."""
    given = body.get("figures")
    if not isinstance(given, list) or not given:
        raise ApiError("bad_request")
    found = {}
    for each in given:
        if not isinstance(each, dict) or not isinstance(each.get("lane"), str):
            raise ApiError("bad_request")
        found[each["lane"]] = (each.get("waiting"), each.get("minutes"))
    return found
