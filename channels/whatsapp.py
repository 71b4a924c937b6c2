"""WhatsApp: the Cloud API of Meta. How messages go out, and the webhook on which updates come in.

What a message looks like there is in ``whatsapp_messages``, what a delivery means in
``whatsapp_updates``, what an error means in ``whatsapp_api``.
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
from datetime import UTC, datetime
from typing import Any

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
_OVERALL = [Rate(60, 1.1, kept=10)]
_CHAT = [Rate(45, 270.0, kept=10)]

_RIGHTS = ("whatsapp_business_messaging", "whatsapp_business_management")


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
                    log.warning("WhatsApp: %s; trying again", _trouble(error), exc_info=not known)
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
        settings = self._settings
        key = settings.whatsapp_app_secret.encode()
        proof = hmac.new(key, settings.whatsapp_token.encode(), hashlib.sha256).hexdigest()
        try:
            number = await self._api.get(
                self._number,
                fields="display_phone_number,webhook_configuration",
                appsecret_proof=proof,
            )
            token = await self._api.get("debug_token", input_token=settings.whatsapp_token)
            data = token.get("data") or {}
            wrong = [*_about_token(data), *self._about_webhook(number)]
            if account := _account(data):
                wrong += await self._about_account(account)
        except GraphError as error:
            return [_trouble(error)]
        return wrong

    def _about_webhook(self, number: dict[str, Any]) -> list[str]:
        ours = self._settings.public_url.rstrip("/") + PATH
        wrong = []
        if not ours.startswith("https://"):
            wrong.append(f"Meta calls https:// only; PUBLIC_URL makes it {ours}.")
        set_ = number.get("webhook_configuration") or {}
        # the narrower setting wins
        places = ("phone_number", "whatsapp_business_account", "application")
        called = next((set_[place] for place in places if set_.get(place)), "not set")
        if called != ours:
            wrong.append(f"The webhook is {called}, not {ours}.")
        return wrong

    async def _about_account(self, account: str) -> list[str]:
        wrong = []
        subscribed = await self._api.get(f"{account}/subscribed_apps")
        if not subscribed.get("data"):
            wrong.append(
                "No app gets this account's messages: "
                f"POST /{account}/subscribed_apps, or switch the webhook field messages on anew."
            )
        for language, named in self._settings.whatsapp_templates.items():
            name, _, code = named.partition(":")
            found = await self._api.get(
                f"{account}/message_templates", name=name, fields="name,language,status"
            )
            approved = [
                each["language"]
                for each in found.get("data") or []
                if each["name"] == name and each["status"] == "APPROVED"
            ]
            wanted = [code] if code else [template_code(each) for each in _languages(language)]
            if missing := [each for each in wanted if each not in approved]:
                wrong.append(f"The template {name} is not approved in {', '.join(missing)}.")
        return wrong


def _languages(code: str) -> list[Language]:
    """The languages of a setting: one, or with ``""`` those that have a template at least."""
    scripts = {"zh": "Hans", "kk": "Cyrl", "ru": "Cyrl", "en": "Latn"}
    return [Language(each, scripts[each]) for each in ([code] if code else scripts)]


def _about_token(data: dict[str, Any]) -> list[str]:
    wrong = []
    if ends := data.get("expires_at"):
        day = datetime.fromtimestamp(ends, UTC).date()
        wrong.append(f"WHATSAPP_TOKEN runs out on {day}: use a system user's, which never does.")
    scopes = data.get("scopes") or []
    wrong += [
        f"WHATSAPP_TOKEN lacks the right {right}." for right in _RIGHTS if right not in scopes
    ]
    return wrong


def _account(data: dict[str, Any]) -> str | None:
    """The business account that a token is for, when it names one."""
    for scope in data.get("granular_scopes") or []:
        if scope.get("scope") == _RIGHTS[1] and scope.get("target_ids"):
            return str(scope["target_ids"][0])
    return None


def _equal(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _trouble(error: Exception) -> str:
    """What is wrong, as who runs the hub can mend it."""
    if not isinstance(error, GraphError):
        return f"{type(error).__name__}: {error}"
    if "appsecret_proof" in str(error):
        return "WHATSAPP_APP_SECRET is not this app's: copy it from App settings, Basic"
    if error.is_about_token:
        return "WHATSAPP_TOKEN is refused: make one anew (Business settings, System users)"
    if error.code == 33 or (error.code == 100 and error.subcode == 33):
        return "WHATSAPP_PHONE_ID is no number of this token's: it is the id beside the number"
    if error.status == 0:
        return f"Meta can't be reached ({error})"
    return str(error)
