"""WhatsApp: the Cloud API of Meta. How messages go out, and the webhook on which updates come in.

What a message looks like there is in ``whatsapp_messages``, what a delivery means in
``whatsapp_updates``, what an error means in ``whatsapp_api``, what can be wrong with the set-up in
``whatsapp_check``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from bot.language import Language
from channels.base import (
    Carries,
    Channel,
    Outgoing,
    Pace,
    Part,
    Plan,
    Rate,
    Route,
    utf16,
    wording_of,
)
from channels.intake import Intake
from channels.whatsapp_api import GraphApi, GraphError, classed
from channels.whatsapp_check import faults, trouble
from channels.whatsapp_messages import ID, ROWS, TEXT, Content, contents, template, template_code
from channels.whatsapp_updates import NAME, WINDOW, EarlyError, Updates
from channels.wording import say
from hub.clock import Clock, pause
from hub.outbox import Outbox
from hub.requests import NOTICE
from hub.settings import Settings

log = logging.getLogger(__name__)

PATH = "/whatsapp/webhook"

LARGEST_DELIVERY = 3 * 1024 * 1024
"""Bytes that Meta puts into one delivery at most."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries to reach Meta."""

# developers.facebook.com/documentation/business-messaging/whatsapp/throughput: 80 messages a second
# of a number, those that come in counted too. To one user one in six seconds, 45 of them at once.
_OVERALL = [Rate(40, 1.1, kept=8)]
_CHAT = [Rate(45, 270.0, kept=10)]


@dataclass(frozen=True)
class _Call:
    """One message: its ``content``, which one of ours it is (``place``), and the ``update`` that it
    answers."""

    content: Content
    place: str
    update: str = ""


class WhatsApp(Channel):
    """The assistant behind one business number."""

    name = NAME
    carries = Carries(
        text=TEXT,
        units=utf16,
        buttons=ROWS,
        payload=ID,
        window_hours=int(WINDOW.total_seconds()) // 3600,
    )

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._number = settings.whatsapp_phone_id
        self.pace = Pace(_OVERALL, lambda _chat: _CHAT, clock)
        address = f"{settings.whatsapp_api_url}/{settings.whatsapp_api_version}"
        self._api = GraphApi(address, settings.whatsapp_token)
        self._updates: Updates | None = None
        self._marking: set[asyncio.Task[None]] = set()
        # a thousand of them must not keep an answer waiting for a connection
        self._marks = asyncio.Semaphore(10)

    def meet(self, intake: Intake, outbox: Outbox) -> None:
        self._updates = Updates(self._number, self._clock, intake, outbox)

    # -- out

    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        # what says something of its own, such as a welcome, quotes nothing
        asked = outgoing.asked if outgoing.message.answers else None
        update = asked.update if asked else ""
        return Plan(
            [self._part(route, outgoing, content, update) for content in contents(outgoing.message)]
        )

    def knock(self, outgoing: Outgoing, route: Route) -> Plan | None:
        """A request's notice goes out as an approved template. An officer's words wait, since in
        a template nobody can talk; it says that there are some. The rest is not worth one."""
        message = outgoing.message
        approved = self._settings.whatsapp_templates
        named = approved.get(message.language) or approved.get("")
        waits = message.author == "officer"
        notice = (message.client_id or "").startswith(NOTICE)
        if not named or not (waits or notice):
            return None
        language = Language(message.language, message.script)
        name, _, code = named.partition(":")
        text = say("officer_waits", language) if waits else wording_of(message)
        content = template(name, code or template_code(language), text)
        return Plan([self._part(route, outgoing, content)], hold=waits)

    def _part(self, route: Route, outgoing: Outgoing, content: Content, update: str = "") -> Part:
        place = f"{route.conversation_id}/{outgoing.message.seq}"
        return Part(route.address.chat, _Call(content, place, update))

    async def send(self, part: Part) -> str:
        call: _Call = part.call
        # who keeps the number to themselves has an id with letters
        to = "to" if part.chat.isdecimal() else "recipient"
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            to: part.chat,
            "biz_opaque_callback_data": call.place,
            **call.content,
        }
        if self._updates and (quoted := self._updates.quoted(part.chat, call.update)):
            body["context"] = {"message_id": quoted}
        try:
            answer = await self._api.post(f"{self._number}/messages", body)
        except GraphError as error:
            raise classed(error) from error
        sent = answer.get("messages") or [{}]
        return str(sent[0].get("id") or "")

    # -- in

    async def run(self) -> None:
        wait, told = FIRST_WAIT, ""
        while True:
            try:
                found = await self._api.get(self._number, fields="display_phone_number")
                log.info("WhatsApp: connected as %s", found.get("display_phone_number"))
                await asyncio.Event().wait()
            except Exception as error:
                # a channel that ended in silence would help nobody
                if str(error) != told:
                    told = str(error)
                    known = isinstance(error, GraphError)
                    log.warning("WhatsApp: %s; trying again", trouble(error), exc_info=not known)
                await pause(self._clock, wait)
                wait = min(2 * wait, LONGEST_WAIT)

    def routes(self) -> list[web.RouteDef]:
        # Meta asks once whether the address is ours, and calls it from then on
        return [
            web.get(PATH, self._asked, allow_head=False),
            web.post(PATH, self._called),
        ]

    async def _asked(self, request: web.Request) -> web.Response:
        token = request.query.get("hub.verify_token", "")
        ours = _equal(token, self._settings.whatsapp_verify_token)
        if request.query.get("hub.mode") != "subscribe" or not ours:
            return web.Response(status=403)
        return web.Response(text=request.query.get("hub.challenge", ""))

    async def _called(self, request: web.Request) -> web.Response:
        signed = request.headers.get("X-Hub-Signature-256", "")
        if not signed.startswith("sha256="):
            return web.Response(status=403)
        raw = await request.clone(client_max_size=LARGEST_DELIVERY).read()
        if not _equal(signed, "sha256=" + self._signature(raw)):
            return web.Response(status=403)
        try:
            delivery = json.loads(raw)
        except ValueError:
            return web.Response(status=400)
        if self._updates is not None and isinstance(delivery, dict):
            try:
                self._mark(await self._updates.take(delivery))
            except EarlyError:
                return web.Response(status=503)
        return web.Response()

    def _signature(self, raw: bytes) -> str:
        key = self._settings.whatsapp_app_secret.encode()
        return hmac.new(key, raw, hashlib.sha256).hexdigest()

    def _mark(self, ids: Iterable[str]) -> None:
        """Shows that messages, and those before them, were read; nothing waits for it."""

        async def mark(network_id: str) -> None:
            read = {"messaging_product": "whatsapp", "status": "read", "message_id": network_id}
            async with self._marks:
                with contextlib.suppress(GraphError):
                    await self._api.post(f"{self._number}/messages", read)

        for network_id in ids:
            task = asyncio.create_task(mark(network_id))
            self._marking.add(task)
            task.add_done_callback(self._marking.discard)

    async def close(self) -> None:
        for task in self._marking:
            task.cancel()
        await asyncio.gather(*self._marking, return_exceptions=True)
        await self._api.close()

    # -- set-up

    async def check(self) -> list[str]:
        hook = self._settings.public_url.rstrip("/") + PATH
        return await faults(self._api, self._settings, hook)


def _equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
