"""A conversation to take away, as text or JSON: numbers of people and cars covered, and noted."""

from __future__ import annotations

import json

from aiohttp import web

from bot.clocks import PORT_TIME
from bot.masking import masked
from desk.accounts import audit
from desk.sessions import officer_of
from hub.conversation import Message
from hub.errors import ApiError
from hub.keys import DATABASE, LOG

router = web.RouteTableDef()


@router.get("/desk/api/conversations/{id}/transcript")
async def download(request: web.Request) -> web.Response:
    """``?format=text`` or ``json``; each download stands in the audit log."""
    officer = await officer_of(request)
    kind = request.query.get("format", "text")
    if kind not in ("text", "json"):
        raise ApiError("bad_request")
    conversation = await request.app[LOG].conversation(request.match_info["id"])
    said: list[Message] = []
    while page := await request.app[LOG].messages_after(
        conversation.id, said[-1].seq if said else 0
    ):
        said += page
    said = [message for message in said if not message.hidden]
    async with request.app[DATABASE].write() as connection:
        await audit(connection, officer.id, "downloaded", conversation.id, format=kind)
    name = f"conversation-{conversation.id[:8]}.{'txt' if kind == 'text' else 'json'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    if kind == "text":
        return web.Response(text="\n\n".join(map(as_text, said)) + "\n", headers=headers)
    exported = [{**each.as_json(), "text": masked(each.text)} for each in said]
    return web.Response(
        text=json.dumps({"messages": exported}, ensure_ascii=False, indent=1),
        content_type="application/json",
        headers=headers,
    )


def as_text(message: Message) -> str:
    """``7  2026-11-24 20:18 (UTC+8)  traveler``, then what was said."""
    at = message.created_at
    when = f"{at.astimezone(PORT_TIME):%Y-%m-%d %H:%M} (UTC+8)" if at else ""
    return f"{message.seq}  {when}  {message.author}\n{masked(message.text)}"
