"""What WeChat's messages and events mean: text, choices, the menu, coming and going, the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from wechatpy.messages import BaseMessage

from bot.language import Language
from channels.intake import COMMANDS, TOPICS, Incoming, Intake
from hub.carrier import Address, Arrival
from hub.clock import Clock
from hub.emergency_guide import is_emergency
from hub.log import NotOfferedError

NAME = "wechat"

CHINESE = Language("zh", "Hans")
"""WeChat tells nothing of a user's language; the first words do."""

PAYLOAD = 64
"""Bytes of an item's id in a menu message."""

CLICK = timedelta(minutes=1)
"""How long answers are taken after a tap, a scan or the subscribing."""

_KINDS = {
    "image": "photo",
    "voice": "voice",
    "video": "video",
    "shortvideo": "video",
    "file": "file",
    "link": "other",
    "miniprogrampage": "other",
}
"""Types of messages without text, and their names in ``messaging.yml``."""

_STICKER = "收到不支持的消息类型"
"""Begins, in brackets, the text that stands for what WeChat does not hand on, such as stickers."""

_LONGEST_ID = 27
"""Characters of an update's id: with the user's 28, and the network's name, they make 64."""

Opened = Callable[[str, bool, bool], None]
"""Told of a user who may be answered now: by a message, not a tap; with need of a person."""


class Updates:
    """Takes messages and events apart and hands them on."""

    def __init__(self, intake: Intake, clock: Clock, window: timedelta, opened: Opened) -> None:
        self._intake = intake
        self._clock = clock
        self._window = window
        self._opened = opened

    async def take(self, message: BaseMessage) -> None:
        """Returns when everything in it is stored."""
        kind = str(message._data.get("MsgType", "")).lower()
        if kind == "event":
            await self._event(message)
            return
        incoming = self._from(message, str(message.id or message.time), self._window)
        carried = message._data.get("bizmsgmenuid")
        if carried:
            await self._pick(replace(incoming, open_until=self._until(CLICK)), str(carried))
            return
        self._opened(incoming.address.chat, True, False)
        if kind == "text":
            await self._text(incoming, message.content or "")
        elif kind == "location":
            place = (float(message.location_x), float(message.location_y))
            await self._intake.take(replace(incoming, place=place))
        else:
            await self._intake.take(replace(incoming, kind=_KINDS.get(kind, "other")))

    async def _text(self, incoming: Incoming, text: str) -> None:
        if text[1:].startswith(_STICKER):
            await self._intake.take(replace(incoming, kind="sticker"))
            return
        name, _, argument = text.removeprefix("/").strip().partition(" ")
        # WeChat writes its own smileys as "/::)", which are none of our commands
        if text.startswith("/") and name.lower() in COMMANDS:
            await self._command(incoming, name.lower(), argument.strip())
        else:
            await self._intake.take(replace(incoming, text=text, numbered=True))

    async def _pick(self, incoming: Incoming, carried: str) -> None:
        """An item of a menu message was tapped."""
        wanted = carried.startswith((f"/{TOPICS['officer']}", "#")) or is_emergency(carried)
        self._opened(incoming.address.chat, False, wanted)
        try:
            await self._intake.take(replace(incoming, button=carried, payload=PAYLOAD))
        except NotOfferedError:
            await self._intake.tell(incoming.address, incoming.arrival, "not_yours", CHINESE)

    async def _command(self, incoming: Incoming, name: str, argument: str = "") -> None:
        await self._intake.take(replace(incoming, command=name, argument=argument))

    async def _event(self, message: BaseMessage) -> None:
        event = str(message._data.get("Event", "")).lower()
        key = str(message._data.get("EventKey") or "")
        user = str(message.source)
        if event == "unsubscribe":
            await self._intake.addresses.block(NAME, user)
            return
        if event not in ("subscribe", "subscribe_scan", "scan", "click"):
            return  # among them where a phone is, every five seconds: that is nobody's business
        incoming = self._from(message, f"{message.time}.{event}.{key}"[:_LONGEST_ID], CLICK)
        if event == "click":
            name, _, argument = key.partition(" ")
            if name in COMMANDS:
                self._opened(user, False, name in ("officer", "sos"))
                await self._command(incoming, name, argument)
            return
        self._opened(user, False, False)
        # a code with a parameter begins as a link to Telegram's bot does
        await self._command(incoming, "start" if key else "greet", key)

    def _from(self, message: BaseMessage, update: str, window: timedelta) -> Incoming:
        user = str(message.source)
        return Incoming(
            Address(NAME, user, user),
            Arrival(NAME, update.replace("/", "_"), user, ""),
            CHINESE,
            open_until=self._until(window),
        )

    def _until(self, window: timedelta) -> datetime:
        """By our own clock: a repeated message comes within seconds, and theirs may differ."""
        return self._clock.now() + window
