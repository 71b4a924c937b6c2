"""WeChat Official Account: the webhook by which messages come in, and how they go out.

Every message is acknowledged with an empty "success" as soon as it is in the log, and answered by
the customer-service API. An answer in the acknowledgement itself would cost nothing of the quota,
but WeChat never says whether it arrived: what went missing there could not be sent again.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import yaml
from aiohttp import web
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException
from wechatpy.parser import parse_message
from wechatpy.utils import WeChatSigner

from bot.language import Language
from channels.base import (
    BlockedError,
    Carries,
    Channel,
    GiveUpError,
    Outgoing,
    Pace,
    Part,
    Plan,
    Rate,
    Route,
    TryAgainError,
    WindowClosedError,
    short,
    split,
    utf8,
    wording_of,
)
from channels.choices import numbered
from channels.intake import Intake
from channels.wechat_api import UnreachableError, WeChatApi, WeChatError
from channels.wechat_updates import CLICK, NAME, PAYLOAD, Updates
from channels.wording import DATA, say
from hub.clock import Clock, pause
from hub.outbox import Outbox
from hub.settings import Settings

log = logging.getLogger(__name__)

PATH = "/wechat/webhook"

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between two tries to set the menu."""

LONGEST_TEXT = 2048
"""Bytes of a text that WeChat takes."""

ROOM = 300
"""Of these, what is kept for a sentence of ``messaging.yml`` below it."""

# of a menu message, by WeChat's customer service for companies: this one's are not written down
MENU_HEAD, MENU_ITEMS, MENU_ITEM = 1024, 10, 128

# developers.weixin.qq.com/doc/service/guide/product/kf/intro.html
PER_MESSAGE, PER_CLICK = 5, 3
"""Answers that WeChat takes to what a user wrote within 48 hours, and to a tap within a minute."""

_OVERALL = [Rate(50, 1.0, kept=10)]
"""WeChat names no rate; this is no more than a port needs."""

_LATER = {
    45009: 600.0,  # today's calls are used up
    45011: 60.0,  # this minute's are
}
"""Codes of limits on all calls, and the seconds after which to ask again."""

_AGAIN = (-1, 40001, 40013, 40014, 40125, 40164, 42001, 48001, 50001, 50002)
"""Busy, or not set up rightly: what waits goes out once that is mended."""

_GONE = (40003, 43004, 43019, 48002)
"""No such user or no subscriber, blacklisted, refuses our messages."""

_NO_MENU = (40008, 40200, 45098, 48001)
"""This account, such as one for tests, or this list can't be a menu message."""

_KEPT = 20_000
"""Users whose quota is remembered."""


@dataclass(frozen=True)
class _Call:
    """One message: ``text``, with ``items`` (what each carries, and its line) as a menu where the
    account may send one, else with their lines below it."""

    text: str
    language: Language
    items: tuple[tuple[str, str], ...] = ()


@dataclass
class _Allowed:
    """How many answers WeChat takes for a user until when, as far as this process has seen."""

    grants: list[tuple[datetime, int]] = field(default_factory=list)
    wants_person: bool = False

    def left(self, now: datetime) -> int:
        return sum(count for until, count in self.grants if until > now)

    def grant(self, now: datetime, window: timedelta, count: int) -> None:
        kept = [each for each in self.grants if each[0] > now]
        if window != CLICK:
            # a message renews what an earlier one gave
            kept = [each for each in kept if each[0] <= now + CLICK]
        self.grants = sorted([*kept, (now + window, count)])

    def use(self, now: datetime) -> None:
        """One answer is taken, from what ends first."""
        for number, (until, count) in enumerate(self.grants):
            if until > now and count:
                self.grants[number] = (until, count - 1)
                return


class WeChat(Channel):
    """One official account."""

    name = NAME
    carries = Carries(
        text=LONGEST_TEXT - ROOM,
        units=utf8,
        buttons=MENU_ITEMS,
        payload=PAYLOAD,
        window_hours=48,
    )

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self.pace = Pace(_OVERALL, lambda chat: [], clock)
        self._api = WeChatApi(settings, clock)
        self._updates: Updates | None = None
        self._allowed: OrderedDict[str, _Allowed] = OrderedDict()
        self._menus = True
        key, token = settings.wechat_aes_key, settings.wechat_token
        self._crypto = WeChatCrypto(token, key, settings.wechat_app_id) if key else None

    def meet(self, intake: Intake, outbox: Outbox) -> None:
        self._updates = Updates(intake, self._clock, self._window(), self._opened)

    def _window(self) -> timedelta:
        return timedelta(hours=self.carries.window_hours or 0)

    # -- out

    def plan(self, outgoing: Outgoing, route: Route) -> Plan:
        message, chat = outgoing.message, route.address.chat
        language = Language(message.language, message.script)
        text, buttons = wording_of(message), message.buttons or []
        texts = split(text, self.carries.text, utf8)
        if not buttons:
            return Plan([Part(chat, _Call(each, language)) for each in texts])
        lines = numbered(buttons)
        carried = [short(button["payload"], PAYLOAD) for button in buttons]
        below = "\n".join(lines)
        fits = len(texts) == 1 and utf8(f"{text}\n\n{below}") <= self.carries.text
        if fits and (
            utf8(text) <= MENU_HEAD
            and len(buttons) <= MENU_ITEMS
            and all(utf8(line) <= MENU_ITEM for line in lines)
        ):
            items = tuple(zip(carried, lines, strict=True))
            return Plan([Part(chat, _Call(text, language, items))])
        *before, last = texts
        if utf8(f"{last}\n\n{below}") <= self.carries.text:
            parts = [*before, f"{last}\n\n{below}"]
        else:
            parts = [*texts, *split(below, self.carries.text, utf8)]
        return Plan([Part(chat, _Call(each, language)) for each in parts])

    async def send(self, part: Part) -> str:
        call: _Call = part.call
        allowed = self._allowed.get(part.chat)
        hint = self._hint(allowed, call.language)
        try:
            if not (call.items and self._menus and await self._sent_as_menu(part.chat, call, hint)):
                lines = "\n".join(line for _, line in call.items)
                text = "\n\n".join(each for each in (call.text, lines, hint) if each)
                body = {"msgtype": "text", "text": {"content": text}}
                await self._api.call("/cgi-bin/message/custom/send", {"touser": part.chat, **body})
        except (WeChatError, UnreachableError) as error:
            raise _classed(error) from error
        if allowed:
            allowed.use(self._clock.now())
            allowed.wants_person = False
        return ""

    async def _sent_as_menu(self, chat: str, call: _Call, hint: str) -> bool:
        """Whether WeChat took it as a menu; ``False`` when this account can't send any."""
        listed = [{"id": carried, "content": line} for carried, line in call.items]
        menu = {"head_content": call.text, "list": listed, "tail_content": hint}
        body = {"touser": chat, "msgtype": "msgmenu", "msgmenu": menu}
        try:
            await self._api.call("/cgi-bin/message/custom/send", body)
        except WeChatError as error:
            if error.code not in _NO_MENU:
                raise
            log.info("WeChat: no menu message, numbers instead: %s", error)
            self._menus = error.code not in (40008, 40200)
            return False
        return True

    def _hint(self, allowed: _Allowed | None, language: Language) -> str:
        """A sentence below the message, where the traveler has to write to be answered further."""
        now = self._clock.now()
        if allowed is None:
            return ""
        if allowed.wants_person and not allowed.left(now + CLICK):
            return say("write_to_be_reached", language)
        return say("more_when_you_write", language) if allowed.left(now) == 1 else ""

    def _opened(self, chat: str, wrote: bool, wants_person: bool) -> None:
        allowed = self._allowed.pop(chat, None) or _Allowed()
        self._allowed[chat] = allowed
        if len(self._allowed) > _KEPT:
            self._allowed.popitem(last=False)
        allowed.wants_person = wants_person
        window, count = (self._window(), PER_MESSAGE) if wrote else (CLICK, PER_CLICK)
        allowed.grant(self._clock.now(), window, count)

    # -- in

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._verified), web.post(PATH, self._called)]

    async def _verified(self, request: web.Request) -> web.Response:
        """WeChat asks whether this server is ours."""
        if not self._is_signed(request):
            return web.Response(status=403)
        return web.Response(text=request.query.get("echostr", ""))

    async def _called(self, request: web.Request) -> web.Response:
        if not self._is_signed(request) or self._updates is None:
            return web.Response(status=403)
        try:
            message = parse_message(self._decrypted(request, await request.text()))
            known = bool(message.source)
        except (InvalidSignatureException, InvalidAppIdException):
            return web.Response(status=403)
        except Exception:
            # wechatpy lets through whatever its parts raise
            log.warning("WeChat: a call that can't be read", exc_info=True)
            return web.Response(status=400)
        if known:
            await self._take(message)
        return web.Response(text="success")

    async def _take(self, message: Any) -> None:
        """Raises ``DBAPIError`` when it can't be stored now; what can't be read is left out."""
        try:
            if self._updates is not None:
                await self._updates.take(message)
        except sa.exc.DBAPIError:
            raise
        except Exception:
            log.exception("WeChat: a message is left out")

    def _is_signed(self, request: web.Request) -> bool:
        query = request.query
        signer = WeChatSigner()
        signer.add_data(
            self._settings.wechat_token, query.get("timestamp", ""), query.get("nonce", "")
        )
        right: str = signer.signature
        return hmac.compare_digest(right.encode(), query.get("signature", "").encode())

    def _decrypted(self, request: web.Request, body: str) -> str:
        if self._crypto is None:
            return body
        query = request.query
        plain: str = self._crypto.decrypt_message(
            body, query.get("msg_signature", ""), query.get("timestamp", ""), query.get("nonce", "")
        )
        return plain

    async def run(self) -> None:
        wait, told = FIRST_WAIT, ""
        while True:
            try:
                await self._api.call("/cgi-bin/menu/create", {"button": menu()})
                log.info("WeChat: connected, the menu is set")
                await asyncio.Event().wait()
            except Exception as error:
                # a channel that ended in silence would help nobody
                known = isinstance(error, WeChatError | UnreachableError)
                if str(error) != told:
                    told = str(error)
                    log.warning("WeChat: %s; trying again", _trouble(error), exc_info=not known)
                await pause(self._clock, wait)
                wait = min(2 * wait, LONGEST_WAIT)

    async def close(self) -> None:
        await self._api.close()

    # -- set-up

    async def check(self) -> list[str]:
        wrong = []
        url = self._settings.public_url.rstrip("/") + PATH
        parts = urlsplit(url)
        if parts.hostname in ("localhost", "127.0.0.1") or parts.port not in (None, 80, 443):
            wrong.append(
                "WeChat calls ports 80 and 443 of a public address only; "
                f"PUBLIC_URL makes it {url}."
            )
        for path in ("/cgi-bin/customservice/getkflist", "/cgi-bin/get_current_selfmenu_info"):
            try:
                await self._api.call(path)
            except (WeChatError, UnreachableError) as error:
                trouble = f"{_trouble(error)}."
                if trouble not in wrong:
                    wrong.append(trouble)
        return wrong


@lru_cache(maxsize=1)
def menu() -> list[dict[str, Any]]:
    """The menu as WeChat wants it."""
    listed = yaml.safe_load((DATA / "channels" / "wechat.yml").read_text(encoding="utf-8"))
    return [_item(each) for each in listed]


def _item(item: dict[str, Any]) -> dict[str, Any]:
    if below := item.get("below"):
        return {"name": item["name"], "sub_button": [_item(each) for each in below]}
    return {"type": "click", "name": item["name"], "key": item["key"]}


def _classed(error: WeChatError | UnreachableError) -> Exception:
    """What an error means for a delivery."""
    if isinstance(error, UnreachableError):
        return TryAgainError(str(error))
    if error.code == 45015:
        return WindowClosedError(str(error))
    if error.code == 45047:
        return WindowClosedError(str(error), "used_up")
    if error.code in _LATER:
        return TryAgainError(str(error), _LATER[error.code])
    if error.code in _AGAIN:
        return TryAgainError(_trouble(error))
    if error.code in _GONE:
        return BlockedError(str(error))
    return GiveUpError(str(error))


def _trouble(error: Exception) -> str:
    """What is wrong, as who runs the hub can mend it."""
    code = error.code if isinstance(error, WeChatError) else 0
    told = {
        40013: "WECHAT_APP_ID is refused: copy it anew (基本配置, 开发者ID)",
        40125: "WECHAT_SECRET is refused: reset it (基本配置, 开发者密码) and copy it anew",
        40001: "WECHAT_SECRET is refused: reset it (基本配置, 开发者密码) and copy it anew",
        40164: "this server's address is not on the account's list: add it (基本配置, IP白名单)",
        48001: "the account may not do this: customer service takes a verified account "
        "(设置与开发, 接口权限)",
    }
    return f"{told[code]} – {error}" if code in told else f"{type(error).__name__}: {error}"
