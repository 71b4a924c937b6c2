"""The console API: how an officer's page sees and changes conversations."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.language import SCRIPTS, Language, LanguageState, detect
from desk import phrases
from desk.accounts import audit
from desk.history import (
    changes_after,
    delivery_json,
    message_json,
    notes_after,
    officer_json,
    understood_in,
)
from desk.officer import Officer
from desk.queue import colleagues_of, picture, shown
from desk.sessions import changing, officer_of
from desk.tables import reads
from hub import ownership
from hub.bodies import json_body, number, written
from hub.conversation import Draft
from hub.database import conversations, emergencies, notes
from hub.errors import ApiError
from hub.handoffs import DESK
from hub.keys import DATABASE, HANDOFFS, HOURS, LOG, SIGNS, WAKEUPS
from hub.log import UnknownConversationError, row_of
from hub.outbox import delivery_of
from hub.ownership import Ownership, RefusedError
from hub.translations import translations_of
from hub.words import words

router = web.RouteTableDef()

_ONE = "/desk/api/conversations/{id}"


@router.get("/desk/api/queue")
async def show_queue(request: web.Request) -> web.Response:
    officer = await officer_of(request)
    async with request.app[DATABASE].read() as connection:
        found = await picture(connection, datetime.now(UTC), request.app[HOURS])
    return web.json_response(found.seen_by(officer.id))


@router.get("/desk/api/phrases")
async def show_phrases(request: web.Request) -> web.Response:
    await officer_of(request)
    return web.json_response({"phrases": phrases.listed()})


@router.get(_ONE)
async def show_conversation(request: web.Request) -> web.Response:
    """The whole history with what the assistant understood, and the notes beside it."""
    officer = await officer_of(request)
    conversation_id = request.match_info["id"]
    async with request.app[DATABASE].write() as connection:
        row = await row_of(connection, conversation_id)
        if row["closed"]:
            await audit(connection, officer.id, "read_closed", conversation_id)
        understood = await understood_in(connection, conversation_id)
        colleagues = await colleagues_of(connection)
        noted = await notes_after(connection, conversation_id, 0, colleagues)
        history = await changes_after(connection, conversation_id, 0, colleagues)
        translated = await translations_of(connection, conversation_id)
        delivered = await delivery_of(connection, conversation_id)
    said: list[dict[str, Any]] = []
    while page := await request.app[LOG].messages_after(
        conversation_id, said[-1]["seq"] if said else 0
    ):
        said += [
            {
                **message_json(each, colleagues, understood.get(each.seq)),
                "translations": translated.get(each.seq, {}),
                **delivery_json(delivered.get(each.seq)),
            }
            for each in page
        ]
    return web.json_response(
        {
            "conversation": shown(row, colleagues, officer.id, datetime.now(UTC), said),
            "messages": said,
            "notes": noted,
            "history": history,
        }
    )


@router.post(_ONE + "/claim")
@router.post(_ONE + "/reopen")
async def claim(request: web.Request) -> web.Response:
    """Takes it: out of the queue, from the assistant while it runs, or after it was closed."""
    officer = await changing(request)
    now = datetime.now(UTC)
    return await _change(
        request,
        officer,
        "claimed",
        lambda state: ownership.claim(state, officer.id, now),
        "officer_joined",
    )


@router.post(_ONE + "/renew")
async def renew(request: web.Request) -> web.Response:
    """A sign that the officer's page is still there."""
    officer = await changing(request)
    now = datetime.now(UTC)
    return await _change(
        request, officer, None, lambda state: ownership.renew(state, officer.id, now), None
    )


@router.post(_ONE + "/release")
async def release(request: web.Request) -> web.Response:
    """Back to the assistant."""
    officer = await changing(request)
    return await _change(
        request,
        officer,
        "released",
        lambda state: ownership.give_back(state, officer.id),
        "officer_left",
    )


@router.post(_ONE + "/close")
async def close(request: web.Request) -> web.Response:
    officer = await changing(request)
    return await _change(
        request,
        officer,
        "closed",
        lambda state: ownership.give_back(state, officer.id, closed=True),
        "closed",
    )


@router.post(_ONE + "/pass-on")
async def pass_on(request: web.Request) -> web.Response:
    """``{"officer": id}``, ``{"language": "zh"}`` or ``{}`` for anyone."""
    officer = await changing(request)
    wanted = await _wanted(request)
    return await _change(
        request,
        officer,
        "passed_on",
        lambda state: ownership.pass_on(state, officer.id, wanted),
        "passed_on",
        wanted=wanted,
    )


@router.post("/desk/api/hand-over")
async def hand_over(request: web.Request) -> web.Response:
    """The end of a shift: passes on all of the officer's conversations, to whom the body says."""
    officer = await changing(request)
    wanted = await _wanted(request)
    query = (
        sa.select(conversations.c.id)
        .where(conversations.c.owner == "officer")
        .where(conversations.c.officer == officer.id)
    )
    async with request.app[DATABASE].read() as connection:
        held = [conversation_id for (conversation_id,) in await connection.execute(query)]
    count = 0
    for conversation_id in held:
        # one that was deleted, or that a colleague has by now, needs no handing over
        with contextlib.suppress(RefusedError, UnknownConversationError):
            await request.app[HANDOFFS].change(
                conversation_id,
                lambda state: ownership.pass_on(state, officer.id, wanted),
                "passed_on",
            )
            count += 1
    async with request.app[DATABASE].write() as connection:
        await audit(connection, officer.id, "handed_over", count=count, wanted=wanted)
    return web.json_response({"count": count})


@router.post(_ONE + "/typing")
async def tell_typing(request: web.Request) -> web.Response:
    officer = await changing(request)
    await request.app[LOG].conversation(request.match_info["id"])
    request.app[SIGNS].typing(request.match_info["id"], officer.id)
    return web.Response(status=204)


@router.post(_ONE + "/messages")
async def say(request: web.Request) -> web.Response:
    """``{"client_id", "text"}``, or ``{"client_id", "phrase", "values"}`` of the phrasebook."""
    officer = await changing(request)
    body = await json_body(request)
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 60 or not client_id.isascii():
        raise ApiError("bad_request")
    conversation = await request.app[LOG].conversation(request.match_info["id"])
    language = conversation.language or Language("en", "Latn")
    draft = _phrase(body, language) if "phrase" in body else _text(body, language)
    seq = await request.app[LOG].say(
        conversation.id,
        replace(draft, client_id=f"o:{client_id}", officer=officer.id),
        lambda state: ownership.officer_may_speak(state, officer.id),
    )
    request.app[WAKEUPS].wake(conversation.id)
    request.app[WAKEUPS].wake(DESK)
    return web.json_response({"seq": seq}, status=202)


@router.post(_ONE + "/notes")
async def write_note(request: web.Request) -> web.Response:
    officer = await changing(request)
    text = written((await json_body(request)).get("text"))
    async with request.app[DATABASE].write() as connection:
        row = await row_of(connection, request.match_info["id"])
        await connection.execute(
            notes.insert().values(
                conversation_id=row["id"],
                officer=officer.id,
                text=text,
                created_at=datetime.now(UTC),
            )
        )
    request.app[WAKEUPS].wake(row["id"])
    return web.Response(status=204)


@router.post(_ONE + "/read")
async def mark_read(request: web.Request) -> web.Response:
    """``{"seq"}``: this officer has read so far; a smaller number than before changes nothing."""
    officer = await changing(request)
    seq = number(await json_body(request), "seq")
    async with request.app[DATABASE].write() as connection:
        row = await row_of(connection, request.match_info["id"])
        mine = sa.and_(reads.c.conversation_id == row["id"], reads.c.officer_id == officer.id)
        before = await connection.scalar(sa.select(reads.c.seq).where(mine))
        if before is None:
            await connection.execute(
                reads.insert().values(conversation_id=row["id"], officer_id=officer.id, seq=seq)
            )
        elif seq > before:
            await connection.execute(reads.update().where(mine).values(seq=seq))
    request.app[WAKEUPS].wake(DESK)
    return web.Response(status=204)


@router.post("/desk/api/alarms/{id}/{seq:\\d{1,9}}/acknowledge")
async def acknowledge(request: web.Request) -> web.Response:
    """A person has heard the alarm; it stops ringing on every page."""
    officer = await changing(request)
    conversation_id, seq = request.match_info["id"], int(request.match_info["seq"])
    async with request.app[DATABASE].write() as connection:
        changed = await connection.execute(
            emergencies.update()
            .where(emergencies.c.conversation_id == conversation_id)
            .where(emergencies.c.seq == seq)
            .where(emergencies.c.acknowledged_at.is_(None))
            .values(acknowledged_at=datetime.now(UTC), acknowledged_by=officer.id)
        )
        if changed.rowcount:
            await audit(connection, officer.id, "acknowledged", conversation_id, seq=seq)
    request.app[WAKEUPS].wake(DESK)
    return web.Response(status=204)


async def _wanted(request: web.Request) -> str | None:
    """To whom a body passes on: ``{"officer": id}``, ``{"language": "zh"}``, ``{}`` for anyone."""
    body = await json_body(request)
    colleague, language = body.get("officer"), body.get("language")
    if language is not None and language not in SCRIPTS:
        raise ApiError("unsupported_language")
    if colleague is None:
        return language
    if isinstance(colleague, bool) or not isinstance(colleague, int):
        raise ApiError("bad_request")
    async with request.app[DATABASE].read() as connection:
        known = (await colleagues_of(connection)).get(colleague)
        if known is None or known["disabled"]:
            raise ApiError("bad_request")
    return f"officer:{colleague}"


async def _change(
    request: web.Request,
    officer: Officer,
    what: str | None,
    rule: Any,
    entry: str | None,
    **detail: Any,
) -> web.Response:
    """Applies a rule of ownership, tells the traveler, notes it, and shows the outcome."""
    conversation_id = request.match_info["id"]
    state = (await request.app[LOG].conversation(conversation_id)).language_state
    told = named(officer, state)
    try:
        after: Ownership = await request.app[HANDOFFS].change(
            conversation_id, rule, entry, officer=told
        )
    except RefusedError as error:
        raise ApiError(error.code, by=await _holder(request, conversation_id)) from error
    if what:
        async with request.app[DATABASE].write() as connection:
            await audit(connection, officer.id, what, conversation_id, **detail)
        # a step of a call for help is told once it is noted
        request.app[WAKEUPS].wake(DESK)
    return web.json_response({"owner": after.owner, "mine": after.officer == officer.id})


async def _holder(request: web.Request, conversation_id: str) -> dict[str, Any] | None:
    """The officer who has a conversation."""
    async with request.app[DATABASE].read() as connection:
        row = await row_of(connection, conversation_id)
        return officer_json(row["officer"], await colleagues_of(connection))


def named(officer: Officer, state: LanguageState) -> str:
    """An officer as the traveler is told: by role and number, by name only if they want."""
    said = words(state.current or Language("en", "Latn"))["system"]
    key = "officer_named" if officer.name_shown and officer.name else "officer_numbered"
    text: str = said[key].format(number=officer.number, name=officer.name)
    return text[0].upper() + text[1:]


def _phrase(body: dict[str, Any], language: Language) -> Draft:
    """A sentence of the phrasebook in the traveler's language and script."""
    key, values = body.get("phrase"), body.get("values") or {}
    if not isinstance(key, str) or not isinstance(values, dict):
        raise ApiError("bad_request")
    try:
        text = phrases.say(key, values, language)
    except phrases.PhraseError as error:
        raise ApiError("bad_request") from error
    return Draft("officer", text, language.code, language.script)


def _text(body: dict[str, Any], language: Language) -> Draft:
    """Free text, as written and marked with the language that it shows."""

    text = written(body.get("text"))
    found = detect(text, language).language
    return Draft("officer", text, found.code, found.script)
