"""Telegram: how messages go out, and the connection on which updates come in.

python-telegram-bot speaks the Bot API. Its own updater confirms updates to Telegram before they
are worked on; here an update is confirmed when it is in the log, so that a crash loses none.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from telegram import (
    Bot,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.language import Language
from channels.base import (
    Arrival,
    BlockedError,
    Carries,
    Channel,
    ChatMovedError,
    GiveUpError,
    Outgoing,
    Pace,
    Part,
    Plan,
    Rate,
    Route,
    TryAgainError,
    short,
    split,
    utf16,
    wording_of,
)
from channels.intake import COMMANDS, Intake
from channels.telegram_updates import Updates
from channels.wording import is_personal, say
from hub.clock import Clock, pause
from hub.conversation import Message
from hub.outbox import URGENT, Outbox
from hub.settings import Settings

log = logging.getLogger(__name__)

NAME = "telegram"

PATH = "/telegram/webhook"

ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
"""Kinds of updates that are asked for."""

POLL = 25
"""Seconds that Telegram waits for an update before it says that there is none."""

READ_TIMEOUT = 10.0
"""Seconds that Telegram may take to answer."""

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries to connect."""

# core.telegram.org/bots/faq: 1 a second in a chat, 20 a minute in a group, about 30 a second in
# all. A little wider, since messages travel for different times.
_OVERALL = [Rate(30, 1.1, kept=5)]
_CHAT = [Rate(1, 1.0)]
_GROUP = [*_CHAT, Rate(20, 61.0, kept=3)]

_LANGUAGES = {"": Language("en", "Latn")} | {
    code: Language(code, script)
    for code, script in (("zh", "Hans"), ("kk", "Cyrl"), ("ru", "Cyrl"))
}
"""Under which of Telegram's language codes the commands are described in which language."""


@dataclass(frozen=True)
class _Call:
    """One ``sendMessage``: ``buttons`` are titles and what they carry, ``alone`` is the
    conversation that a link button leads into the private chat."""

    text: str
    thread: str = ""
    reply_to: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    alone: str = ""
    alone_title: str = ""


class Telegram(Channel):
    """The bot of one token."""

    name = NAME
    carries = Carries(text=4096, units=utf16, buttons=100, payload=64, groups=True)

    def __init__(self, settings: Settings, clock: Clock) -> None:
        # it logs addresses, and Telegram's hold the token
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._settings = settings
        self._clock = clock
        self.pace = Pace(_OVERALL, lambda chat: _GROUP if chat.startswith("-") else _CHAT, clock)
        self.bot = Bot(
            settings.telegram_token,
            base_url=f"{settings.telegram_api_url}/bot",
            base_file_url=f"{settings.telegram_api_url}/file/bot",
            request=HTTPXRequest(
                connection_pool_size=64, read_timeout=READ_TIMEOUT, pool_timeout=30
            ),
            get_updates_request=HTTPXRequest(connection_pool_size=2, read_timeout=READ_TIMEOUT),
        )
        self._offset = 0
        self._username = ""
        self._updates: Updates | None = None

    def meet(self, intake: Intake, outbox: Outbox) -> None:
        self._updates = Updates(self.bot, intake, outbox)

    # -- out

    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        address = route.address
        if not address.is_group:
            return Plan(self._parts(outgoing.message, address.chat, address.thread))
        target = _in_group(outgoing, route)
        if target is not None and not outgoing.held:
            return Plan(self._parts(outgoing.message, address.chat, address.thread, target.message))
        asked = _of_the_group(outgoing.asked, route)
        language = Language(outgoing.message.language, outgoing.message.script)
        if route.private:
            parts = self._parts(outgoing.message, route.private)
            if asked and not outgoing.held:
                told = _Call(say("answered_alone", language), address.thread, _id_in(route, asked))
                parts.append(Part(address.chat, told))
            return Plan(parts)
        if outgoing.holding and not asked:
            return Plan([], hold=True)
        reply_to = asked or _of_the_group(outgoing.heard, route)
        told = _Call(
            say("personal", language),
            address.thread,
            _id_in(route, reply_to) if reply_to else "",
            alone=route.conversation_id,
            alone_title=say("go_on_alone", language),
        )
        return Plan([Part(address.chat, told)], hold=True)

    def _parts(
        self, message: Message, chat: str, thread: str = "", reply_to: str = ""
    ) -> list[Part]:
        texts = split(wording_of(message), self.carries.text, utf16)
        buttons = tuple(
            (button["title"], short(button["payload"], self.carries.payload))
            for button in message.buttons or []
        )
        last = len(texts) - 1
        return [
            Part(chat, _Call(text, thread, reply_to, buttons if number == last else ()))
            for number, text in enumerate(texts)
        ]

    async def send(self, part: Part) -> str:
        call: _Call = part.call
        keyboard = [
            [InlineKeyboardButton(title, callback_data=carried)] for title, carried in call.buttons
        ]
        if call.alone:
            if not self._username:
                raise TryAgainError("not connected yet")
            url = f"https://t.me/{self._username}?start=g{call.alone}"
            keyboard.append([InlineKeyboardButton(call.alone_title, url=url)])
        reply = None
        if call.reply_to:
            # who deletes their question gets the answer nevertheless
            reply = ReplyParameters(int(call.reply_to), allow_sending_without_reply=True)
        try:
            sent = await self.bot.send_message(
                int(part.chat),
                call.text,
                message_thread_id=int(call.thread) if call.thread else None,
                reply_markup=InlineKeyboardMarkup(keyboard) if keyboard else None,
                reply_parameters=reply,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except TelegramError as error:
            raise _classed(error) from error
        return f"{part.chat}:{sent.message_id}"

    # -- in

    async def run(self) -> None:
        wait, told = FIRST_WAIT, ""
        while True:
            try:
                await self._connect()
                log.info("Telegram: connected as @%s", self._username)
                wait, told = FIRST_WAIT, ""
                if self._settings.telegram_webhook:
                    await asyncio.Event().wait()
                while True:
                    await self._poll()
                    wait, told = FIRST_WAIT, ""
            except Exception as error:
                # a channel that ended in silence would help nobody
                known = isinstance(error, TelegramError | sa.exc.DBAPIError)
                if str(error) != told:
                    told = str(error)
                    log.warning("Telegram: %s; trying again", _trouble(error), exc_info=not known)
                seconds = _seconds(error) if isinstance(error, RetryAfter) else wait
                await pause(self._clock, seconds)
                wait = min(2 * wait, LONGEST_WAIT)

    async def _connect(self) -> None:
        me = await self.bot.get_me()
        self._username = me.username or ""
        if self._settings.telegram_webhook:
            await self.bot.set_webhook(
                self._url(),
                secret_token=self._secret(),
                allowed_updates=ALLOWED,
                # one after another, so that they come in order
                max_connections=1,
            )
        else:
            await self.bot.delete_webhook(drop_pending_updates=False)
        for code, language in _LANGUAGES.items():
            described = [(name, say(f"commands.{name}", language)) for name in COMMANDS]
            leader = ("leader", say("commands.leader", language))
            for scope, commands in (
                (BotCommandScopeAllPrivateChats(), described),
                (BotCommandScopeAllGroupChats(), [*described, leader]),
            ):
                await self.bot.set_my_commands(commands, scope, code or None)

    async def _poll(self) -> None:
        """Takes the next updates, each confirmed by the next call only when it is in the log."""
        # not parsed all at once: one that the library can't read must not hold up the others
        found: list[dict[str, Any]] = await self.bot.do_api_request(
            "getUpdates",
            {"offset": self._offset, "timeout": POLL, "allowed_updates": ALLOWED},
            read_timeout=POLL + 10,
        )
        for raw in sorted(found, key=lambda update: update["update_id"]):
            await self._take(raw)
            self._offset = raw["update_id"] + 1

    async def _take(self, raw: dict[str, Any]) -> None:
        """Raises ``DBAPIError`` when it can't be stored now; what can't be read is left out."""
        try:
            update = Update.de_json(raw, self.bot)
            if self._updates is not None:
                await self._updates.take(update)
        except sa.exc.DBAPIError:
            raise
        except Exception:
            log.exception("Telegram: update %s is left out", raw.get("update_id"))

    def routes(self) -> list[web.RouteDef]:
        return [web.post(PATH, self._called)] if self._settings.telegram_webhook else []

    async def _called(self, request: web.Request) -> web.Response:
        sent = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(sent.encode(), self._secret().encode()):
            return web.Response(status=403)
        try:
            raw = json.loads(await request.text())
            int(raw["update_id"])
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        if not self._username:
            # who we are tells whom a group speaks to; Telegram comes again
            return web.Response(status=503)
        await self._take(raw)
        return web.Response()

    async def close(self) -> None:
        if self._updates is not None:
            await self._updates.close()
        for request in self.bot._request:
            with contextlib.suppress(Exception):
                await request.shutdown()

    def _url(self) -> str:
        return self._settings.public_url.rstrip("/") + PATH

    def _secret(self) -> str:
        key = self._settings.service_token.encode()
        return hmac.new(key, self._settings.telegram_token.encode(), hashlib.sha256).hexdigest()

    # -- set-up

    async def check(self) -> list[str]:
        try:
            me = await self.bot.get_me()
            hook = await self.bot.get_webhook_info()
        except TelegramError as error:
            return [_trouble(error)]
        wrong = []
        if not me.can_join_groups:
            wrong.append("The bot can't be added to groups: BotFather, /setjoingroups, Enable.")
        if me.can_read_all_group_messages:
            wrong.append(
                "Privacy mode is off, so everything said in groups is sent here: "
                "BotFather, /setprivacy, Enable."
            )
        if self._settings.telegram_webhook:
            if not self._url().startswith("https://"):
                wrong.append(f"Telegram calls https:// only; PUBLIC_URL makes it {self._url()}.")
            if hook.url != self._url():
                wrong.append(f"The webhook is {hook.url or 'not set'}, not {self._url()}.")
            if hook.last_error_message:
                wrong.append(f"Telegram could not call the webhook: {hook.last_error_message}.")
        elif hook.url:
            wrong.append(f"A webhook is set ({hook.url}); the hub removes it when it starts.")
        return wrong


def _in_group(outgoing: Outgoing, route: Route) -> Arrival | None:
    """The group's message to which this one is a reply; ``None`` if it is for the traveler alone.

    Officers and notices speak to the traveler alone, unless somebody is in danger.
    """
    asked, heard = outgoing.asked, outgoing.heard
    own_word = Arrival.of(outgoing.message.client_id)
    if own_word:
        public = True
    elif asked:
        meant = outgoing.understood[0] if outgoing.understood else {}
        public = "emergency" in meant or not is_personal(outgoing.understood)
    else:
        public = outgoing.reason in URGENT
    return _of_the_group(asked or heard, route) if public else None


def _of_the_group(arrival: Arrival | None, route: Route) -> Arrival | None:
    """What was written in the group, whatever id the group had then."""
    return arrival if arrival and arrival.chat != route.address.sender else None


def _id_in(route: Route, arrival: Arrival) -> str:
    """The message to reply to; a group that got another id numbers its messages anew."""
    return arrival.message if arrival.chat == route.address.chat else ""


def _classed(error: TelegramError) -> Exception:
    """What an error means for a delivery."""
    if isinstance(error, RetryAfter):
        return TryAgainError(str(error), _seconds(error))
    if isinstance(error, ChatMigrated):
        return ChatMovedError(str(error.new_chat_id))
    if isinstance(error, Forbidden):
        return BlockedError(str(error))
    if isinstance(error, BadRequest):
        gone = ("chat not found", "user is deactivated", "kicked")
        if any(words in str(error).lower() for words in gone):
            return BlockedError(str(error))
        return GiveUpError(str(error))
    return TryAgainError(str(error))


def _seconds(error: RetryAfter) -> float:
    wanted = error.retry_after
    return float(wanted if isinstance(wanted, int) else wanted.total_seconds())


def _trouble(error: Exception) -> str:
    """What is wrong, as who runs the hub can mend it."""
    if isinstance(error, InvalidToken):
        return "TELEGRAM_TOKEN is refused: copy it anew from BotFather (/mybots, API Token)"
    if isinstance(error, Conflict):
        return "another program reads this bot's messages: stop it, or give it a bot of its own"
    return f"{type(error).__name__}: {error}"
