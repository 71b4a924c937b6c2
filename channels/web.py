"""The web channel: the traveler API and its event stream; ``web_page`` serves the page."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import replace
from typing import Any

from aiohttp import web

from bot.language import Language, LanguageState
from hub.bodies import json_body, number, written
from hub.conversation import Conversation, Draft, Message
from hub.dispatch import Dispatcher
from hub.emergency_guide import SOS, is_emergency
from hub.errors import ApiError
from hub.handoffs import DESK
from hub.keys import (
    DATABASE,
    DISPATCHER,
    HANDOFFS,
    HEALTH,
    LIMITS,
    LOG,
    RECEPTION,
    REQUESTS,
    SETTINGS,
    SIGNS,
    WAKEUPS,
)
from hub.log import ConversationLog, UnknownConversationError, row_of
from hub.rate_limits import ADDRESS_CONVERSATIONS, ADDRESS_MESSAGES, MESSAGES, Limit, address_of
from hub.signs import TRAVELER
from hub.translations import LOOKED_BACK, for_traveler
from hub.words import preferred, supported, words

CHANNEL = "web"
ENGLISH = Language("en", "Latn")

HEARTBEAT = 15.0
"""Seconds of silence after which a stream says that it is alive."""

router = web.RouteTableDef()


@router.post("/api/conversations")
async def open_conversation(request: web.Request) -> web.Response:
    _limit(request, ADDRESS_CONVERSATIONS, _address(request))
    body = await json_body(request) if request.can_read_body else {}
    language = _language(body) if "language" in body else None
    conversation_id, token = await request.app[LOG].open(
        CHANNEL, language or preferred(request.headers.get("Accept-Language", ""))
    )
    return web.json_response({"id": conversation_id, "token": token}, status=201)


@router.post("/api/conversations/{id}/messages")
async def send_message(request: web.Request) -> web.Response:
    conversation = await _conversation(request)
    log = request.app[LOG]
    body = await json_body(request)
    client_id = body.get("client_id")
    if not isinstance(client_id, str) or not 0 < len(client_id) <= 64 or not client_id.isascii():
        raise ApiError("bad_request")
    seq = await log.sequence_of(conversation.id, client_id)
    if seq is None:
        # who needs help may be quick; the limit of the address holds
        if not is_emergency(body.get("payload")):
            _limit(request, MESSAGES, conversation.id)
        _limit(request, ADDRESS_MESSAGES, _address(request))
        draft = await _draft(body, conversation, log)
        seq = await request.app[RECEPTION].receive(
            conversation.id, replace(draft, client_id=client_id)
        )
    return web.json_response({"seq": seq}, status=202)


@router.get("/api/conversations/{id}/messages")
async def list_messages(request: web.Request) -> web.Response:
    conversation = await _conversation(request)
    found = await request.app[LOG].messages_after(
        conversation.id, _number(request.query.get("after"))
    )
    translated = await _translated(request, conversation.id)
    return web.json_response({"messages": [_shown(message, translated) for message in found]})


@router.patch("/api/conversations/{id}")
async def choose_language(request: web.Request) -> web.Response:
    conversation = await _conversation(request)
    language = _language(await json_body(request))
    state = LanguageState(current=language, chosen=language)
    await request.app[LOG].choose_language(conversation.id, state)
    request.app[WAKEUPS].wake(conversation.id)
    request.app[WAKEUPS].wake(DESK)
    return web.json_response({"language": language.code, "script": language.script})


@router.delete("/api/conversations/{id}")
async def delete_conversation(request: web.Request) -> web.Response:
    conversation = await _conversation(request)
    await request.app[LOG].delete(conversation.id)
    request.app[DISPATCHER].forget_soon()
    request.app[WAKEUPS].wake(conversation.id)
    # wakes the whole desk: the conversation's requests went with it
    request.app[REQUESTS].touch()
    return web.Response(status=204)


@router.delete("/api/conversations/{id}/handoff")
async def call_off(request: web.Request) -> web.Response:
    """The traveler no longer waits for an officer."""
    conversation = await _conversation(request)
    await request.app[HANDOFFS].call_off(conversation.id)
    return web.Response(status=204)


@router.post("/api/conversations/{id}/typing")
async def tell_typing(request: web.Request) -> web.Response:
    """The traveler is typing; officers who have the conversation open see it."""
    conversation = await _conversation(request)
    request.app[SIGNS].typing(conversation.id, TRAVELER)
    return web.Response(status=204)


@router.post("/api/conversations/{id}/received")
async def confirm(request: web.Request) -> web.Response:
    """``{"seq"}``: the page has shown so far; a smaller number than before changes nothing."""
    conversation = await _conversation(request)
    await request.app[LOG].confirm(conversation.id, number(await json_body(request), "seq"))
    request.app[WAKEUPS].wake(conversation.id)
    return web.Response(status=204)


@router.get("/api/conversations/{id}/events")
async def stream_events(request: web.Request) -> web.StreamResponse:
    """Messages with their number as the event's id, and the state around them."""
    conversation = await _conversation(request)
    seen = _number(request.headers.get("Last-Event-ID"))
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    )
    await response.prepare(request)
    # a page that was closed needs no word in the log
    quietly = contextlib.suppress(ConnectionResetError)
    with request.app[WAKEUPS].listen(conversation.id) as changed, quietly:
        try:
            await _stream(request, response, conversation.id, seen, changed)
        except UnknownConversationError:
            await response.write(_event("gone", {}))
    return response


async def _stream(
    request: web.Request,
    response: web.StreamResponse,
    conversation_id: str,
    seen: int,
    changed: asyncio.Event,
) -> None:
    """Writes what is new whenever something changed, until the connection ends.

    Raises:
        UnknownConversationError: the traveler deleted the conversation.
    """
    log, health, dispatcher = request.app[LOG], request.app[HEALTH], request.app[DISPATCHER]
    shown: dict[str, Any] = {}
    looked = time.monotonic()
    told: dict[int, dict[str, Any]] = {}
    while True:
        changed.clear()
        translated = await _translated(request, conversation_id, seen - LOOKED_BACK)
        while found := await log.messages_after(conversation_id, seen):
            for message in found:
                seen = message.seq
                await response.write(_event("message", _shown(message, translated), seen))
                told[seen] = translated.get(seen, {})
        for seq, translation in sorted(translated.items()):
            if seq <= seen and told.get(seq) != translation:
                told[seq] = translation
                await response.write(_event("translation", {"seq": seq, **translation}))
        conversation = await log.conversation(conversation_id)
        for name, state in _state(conversation, dispatcher, health.state).items():
            if shown.get(name) != state:
                shown[name] = state
                await response.write(_event(name, state))
        typed, looked = request.app[SIGNS].typed_since(conversation_id, looked), time.monotonic()
        if any(who != TRAVELER for who in typed):
            await response.write(_event("typing", {"author": "officer"}))
        # a heartbeat reads nothing: thousands of quiet pages would keep the database busy
        while not await _happens(changed, HEARTBEAT):
            await response.write(b": alive\n\n")


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether an event is set within so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def _translated(
    request: web.Request, conversation_id: str, after: int = 0
) -> dict[int, dict[str, Any]]:
    """What a machine made of officers' words, in the traveler's language, by message number."""
    async with request.app[DATABASE].read() as connection:
        row = await row_of(connection, conversation_id)
        language = LanguageState.from_dict(row["language_state"]).current
        return await for_traveler(connection, conversation_id, language, after)


def _shown(message: Message, translated: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """A message as the traveler's side gets it, with its translation if there is one."""
    translation = translated.get(message.seq)
    return {
        **message.as_json(),
        **({"translation": {**translation, "machine": True}} if translation else {}),
    }


def _state(
    conversation: Conversation, dispatcher: Dispatcher, health: dict[str, Any]
) -> dict[str, Any]:
    language = conversation.language
    return {
        "status": health,
        "working": {"working": conversation.id in dispatcher.working},
        "conversation": {
            "language": language.code if language else None,
            "script": language.script if language else None,
            "chosen": conversation.language_state.chosen is not None,
            "owner": conversation.owner,
            "reason": conversation.reason,
        },
    }


async def _draft(body: dict[str, Any], conversation: Conversation, log: ConversationLog) -> Draft:
    """The message in a body, in the conversation's language.

    Raises:
        ApiError, NotOfferedError
    """
    payload = body.get("payload")
    if payload is not None:
        if not isinstance(payload, str):
            raise ApiError("bad_request")
        if payload == SOS:
            text = words(conversation.language or ENGLISH)["page"]["sos"]
        else:
            text = await log.title_offered(conversation.id, payload)
    else:
        text = written(body.get("text"))
    language = conversation.language or ENGLISH
    return Draft("traveler", text, language.code, language.script, payload=payload)


async def _conversation(request: web.Request) -> Conversation:
    """The conversation of the path, if the request carries its token."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise ApiError("no_token")
    if not token.isascii():
        raise ApiError("wrong_token")
    conversation = await request.app[LOG].authenticate(request.match_info["id"], token.strip())
    request["language"] = conversation.language
    return conversation


def _language(body: dict[str, Any]) -> Language:
    code, script = body.get("language"), body.get("script")
    language = supported(code, script) if isinstance(code, str) else None
    if language is None:
        raise ApiError("unsupported_language")
    return language


def _number(text: str | None) -> int:
    """A message number from a query or header; none, or one that no log reaches, is refused."""
    if text is None or text == "":
        return 0
    if not text.isdecimal() or len(text) > 9:
        raise ApiError("bad_request")
    return int(text)


def _limit(request: web.Request, limit: Limit, key: str) -> None:
    if seconds := request.app[LIMITS].wait(limit, key):
        raise ApiError("rate_limited", retry_after=seconds)


def _address(request: web.Request) -> str:
    return address_of(request, request.app[SETTINGS].trusted_proxies)


def _event(name: str, data: Any, number: int | None = None) -> bytes:
    lines = [f"event: {name}", f"data: {json.dumps(data, ensure_ascii=False)}"]
    if number is not None:
        lines.insert(0, f"id: {number}")
    return ("\n".join(lines) + "\n\n").encode()
