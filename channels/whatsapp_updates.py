"""What WhatsApp's deliveries mean: what travelers wrote, and what became of our messages."""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.language import Language, detect
from channels.intake import COMMANDS, ENGLISH, Incoming, Intake
from channels.whatsapp_api import why
from channels.whatsapp_messages import ID, shows_numbers
from hub.carrier import Address, Arrival
from hub.clock import Clock
from hub.emergency import recognize
from hub.log import NotOfferedError
from hub.outbox import Outbox

log = logging.getLogger(__name__)

NAME = "whatsapp"

WINDOW = timedelta(hours=24)
"""How long after a traveler's message it may be answered."""

_GRAIN = timedelta(minutes=5)
"""Steps in which the window moves."""

SOON = timedelta(minutes=1)
"""How long word of a message may come before our own note that it was sent."""

_KINDS = {
    "image": "photo",
    "audio": "voice",
    "video": "video",
    "sticker": "sticker",
    "document": "file",
    "contacts": "contact",
    "reaction": "reaction",
}
"""Types of messages that can't be read, and their names in ``messaging.yml``; others: ``other``."""

_SAY_NOTHING = ("system", "revoke")
"""Types that no traveler wrote to be answered: a new number, a message taken back."""

_BY_NUMBER = {"86": Language("zh", "Hans"), "7": Language("ru", "Cyrl")}
"""The language of a country's numbers, for who begins without words. Russian is read by nearly
everybody with +7, and a first word of Kazakh is enough to change it."""

_LONGEST_NUMBER = 4
"""Characters of "11." and the like; longer texts are no choice."""

_KEPT = 10_000
"""Messages that are remembered for a quote, and that are known to have arrived."""


class EarlyError(Exception):
    """Word of a message that is not yet noted as sent: WhatsApp is to come again."""


class Updates:
    """Takes deliveries apart and hands them on."""

    def __init__(self, number: str, clock: Clock, intake: Intake, outbox: Outbox) -> None:
        self._number = number
        self._clock = clock
        self._intake = intake
        self._outbox = outbox
        self._heard: OrderedDict[str, str] = OrderedDict()
        self._newest: OrderedDict[str, str] = OrderedDict()
        self._arrived: OrderedDict[str, None] = OrderedDict()

    async def take(self, delivery: dict[str, Any]) -> list[str]:
        """Returns when everything in it is stored: each traveler's last message, by its id.

        What can't be read is left out.

        Raises:
            EarlyError, DBAPIError: it is to be brought again.
        """
        values = list(_values(delivery, self._number))
        newest: dict[str, str] = {}
        for message in _in_order(values, "messages"):
            try:
                if sender := await self._message(message):
                    newest[sender] = message["id"]
            except sa.exc.DBAPIError:
                raise
            except Exception:
                log.exception("WhatsApp: a message of type %s is left out", message.get("type"))
        for status in _in_order(values, "statuses"):
            try:
                await self._status(status)
            except (EarlyError, sa.exc.DBAPIError):
                raise
            except Exception:
                log.exception("WhatsApp: a status is left out")
        return list(newest.values())

    def quoted(self, chat: str, update: str) -> str | None:
        """The id of the message that an answer has to quote, since another one came after it."""
        return None if self._newest.get(chat) == update else self._heard.get(update)

    # -- what travelers write

    async def _message(self, message: dict[str, Any]) -> str | None:
        """Stores it; returns who wrote it, ``None`` when it is nothing to answer."""
        # who has taken a user name may keep the number from us
        sender = str(message.get("from") or message["from_user_id"])
        kind = message["type"]
        content = message.get(kind) or {}
        if kind in _SAY_NOTHING or len(sender) > 64:
            return None
        if kind == "reaction" and not content.get("emoji"):
            return None  # taken back
        update = hashlib.sha256(message["id"].encode()).hexdigest()[:32]
        incoming = Incoming(
            Address(NAME, sender, sender),
            Arrival(NAME, update, "", ""),
            payload=ID,
            open_until=_open_until(_time_of(message)),
        )
        incoming = replace(incoming, **_read(kind, content))
        if incoming.command is None and incoming.button is None:
            if await self._intake.addresses.knows(incoming.address):
                incoming = await self._picked(incoming)
            else:
                incoming = await self._greeted(incoming)
        try:
            await self._intake.take(incoming)
        except NotOfferedError:
            await self._intake.tell(incoming.address, incoming.arrival, "not_yours")
        _keep(self._heard, update, message["id"])
        _keep(self._newest, sender, update)
        return sender

    async def _picked(self, incoming: Incoming) -> Incoming:
        """A short answer may be the number of a choice, where choices were shown so."""
        if not incoming.text or len(incoming.text) > _LONGEST_NUMBER:
            return incoming
        addresses = self._intake.addresses
        conversation_id = await addresses.conversation_at(incoming.address, None)
        shown = await addresses.choices_shown(conversation_id)
        return replace(incoming, numbered=shows_numbers(shown))

    async def _greeted(self, incoming: Incoming) -> Incoming:
        """Welcomes who writes for the first time, unless it is a call for help; there is no button
        to start with here."""
        if incoming.text:
            language = detect(incoming.text).language
            if recognize(incoming.text, language):
                return incoming
        else:
            sender = incoming.address.sender
            guess = (_BY_NUMBER[each] for each in _BY_NUMBER if sender.startswith(each))
            language = next(guess, ENGLISH)
        welcome = replace(incoming.arrival, message="welcome")
        await self._intake.tell(incoming.address, welcome, "welcome", device=language)
        return replace(incoming, language=language)

    # -- what became of ours

    async def _status(self, status: dict[str, Any]) -> None:
        state, network_id = status.get("status"), str(status.get("id"))
        place = _place(status)
        if state in ("delivered", "read"):
            first = network_id not in self._arrived
            _keep(self._arrived, network_id, None)
            if place and first:
                await self._outbox.arrived(*place)
        elif state == "failed" and place and network_id not in self._arrived:
            errors = status.get("errors") or [{}]
            code = errors[0].get("code")
            log.warning("WhatsApp: a message did not arrive: %s %s", code, errors[0].get("title"))
            known = await self._outbox.lost(*place, why=why(code))
            if not known and self._clock.now() - _time_of(status) < SOON:
                raise EarlyError


def _read(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """What a message holds, as fields of ``Incoming``."""
    if kind == "text":
        text = content["body"]
        if not text.startswith("/"):
            return {"text": text}
        name, _, argument = text[1:].partition(" ")
        known = name.lower() in COMMANDS
        return {"command": name.lower() if known else "help", "argument": argument.strip()}
    if kind == "edit":
        changed = content["message"]
        return _read(changed["type"], changed[changed["type"]])
    if kind == "request_welcome":
        return {"command": "start"}
    if kind == "interactive":
        pressed = content.get("button_reply") or content.get("list_reply")
        return {"button": pressed["id"]} if pressed else {"kind": "other"}
    if kind == "button":
        # of a template, which has no choices of ours
        return {"text": content["text"]}
    if kind == "location":
        return {"place": (float(content["latitude"]), float(content["longitude"]))}
    if caption := content.get("caption") if isinstance(content, dict) else None:
        return {"text": caption}
    return {"kind": _KINDS.get(kind, "other")}


def _values(delivery: dict[str, Any], number: str) -> Iterator[dict[str, Any]]:
    """What a delivery says of our number; an account may have several."""
    if delivery.get("object") != "whatsapp_business_account":
        return
    for entry in delivery.get("entry") or []:
        for change in entry.get("changes") or []:
            value = change.get("value") or {}
            ours = (value.get("metadata") or {}).get("phone_number_id") == number
            if change.get("field") == "messages" and ours:
                yield value


def _in_order(values: list[dict[str, Any]], what: str) -> list[dict[str, Any]]:
    """Messages or statuses of a delivery, the oldest first."""
    found = [each for value in values for each in value.get(what) or []]
    return sorted(found, key=_time_of)


def _open_until(written: datetime) -> datetime:
    """When the window closes, a little early: so most messages find it noted already."""
    late = timedelta(seconds=written.timestamp() % _GRAIN.total_seconds())
    return written - late + WINDOW


def _time_of(what: dict[str, Any]) -> datetime:
    seconds = str(what.get("timestamp"))
    return datetime.fromtimestamp(int(seconds) if seconds.isdecimal() else 0, UTC)


def _place(status: dict[str, Any]) -> tuple[str, int] | None:
    """Conversation and number of the message that a status is about, as it was sent with them."""
    conversation_id, _, seq = str(status.get("biz_opaque_callback_data") or "").rpartition("/")
    return (conversation_id, int(seq)) if conversation_id and seq.isdecimal() else None


def _keep(memory: OrderedDict[str, Any], key: str, value: Any) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _KEPT:
        memory.popitem(last=False)
