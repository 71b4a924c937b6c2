"""What officers see of groups' briefings: how many are ready, and who is not."""

from __future__ import annotations

from aiohttp import web

from desk.sessions import now_of, officer_of
from hub.keys import BRIEFINGS

router = web.RouteTableDef()


@router.get("/desk/api/briefings")
async def show_briefings(request: web.Request) -> web.Response:
    """→ ``{"briefings": [{"code", "day", "people", "language", "script", "ready", "not_opened",
    "members", "conversation_id"}]}``, the next day first; those of past days are not told."""
    # the page asks by itself again and again: that keeps no session alive
    await officer_of(request, sign_of_life=False)
    found = await request.app[BRIEFINGS].listed(now_of(request))
    return web.json_response({"briefings": found})
