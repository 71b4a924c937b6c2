"""What Telegram's updates mean: who wrote where, whether it is for us, which command.

In a group only what is addressed to the bot is taken in: a command, a mention, a reply to it. Of
the rest, which Telegram sends only where the group's owner lets it, nothing but a call for help.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

from telegram import (
    Bot,
    CallbackQuery,
    ChatMemberUpdated,
    Message,
    MessageEntity,
    Update,
    User,
)
from telegram.constants import ChatMemberStatus, ChatType, MessageEntityType
from telegram.error import TelegramError

from bot.language import Language
from channels.intake import COMMANDS, Incoming, Intake
from channels.wording import say
from hub.carrier import Address, Arrival
from hub.emergency import OVERHEARD, recognize
from hub.log import NotOfferedError
from hub.outbox import Outbox
from hub.words import preferred, supported

NAME = "telegram"

_KINDS = {
    "photo": "photo",
    "voice": "voice",
    "audio": "voice",
    "video_note": "video",
    "video": "video",
    "animation": "video",
    "sticker": "sticker",
    "document": "file",
    "contact": "contact",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "invoice": "other",
}
"""What a message may hold besides text, and its name in ``messaging.yml``."""

_IN = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.RESTRICTED)


class Updates:
    """Takes updates apart and hands them on."""

    def __init__(self, bot: Bot, intake: Intake, outbox: Outbox) -> None:
        self._bot = bot
        self._intake = intake
        self._addresses = intake.addresses
        self._outbox = outbox
        self._answering: set[asyncio.Task[Any]] = set()

    async def take(self, update: Update) -> None:
        """Returns when everything in it is stored."""
        if update.callback_query:
            await self._press(update.update_id, update.callback_query)
        elif update.my_chat_member:
            await self._joined_or_left(update.update_id, update.my_chat_member)
        elif message := update.message or update.edited_message:
            await self._message(update.update_id, message, edited=update.message is None)

    async def close(self) -> None:
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def _message(self, update_id: int, message: Message, edited: bool) -> None:
        if message.migrate_to_chat_id:
            await self._addresses.move(NAME, str(message.chat.id), str(message.migrate_to_chat_id))
            return
        user, chat = message.from_user, message.chat
        # an anonymous administrator can't be told from another
        if user is None or user.is_bot or chat.type == ChatType.CHANNEL:
            return
        thread = str(message.message_thread_id or "") if message.is_topic_message else ""
        incoming = Incoming(
            Address(NAME, str(chat.id), str(user.id), thread),
            self._arrival(update_id, chat.id, message.message_id),
            _language_of(user),
            edited=edited,
        )
        in_group = chat.type != ChatType.PRIVATE
        if in_group and incoming.language is None:
            group = await self._addresses.group(NAME, str(chat.id))
            incoming = replace(incoming, language=group["language"])
        if command := self._command(message, in_group):
            if not edited:
                await self._command_given(incoming, *command, in_group)
            return
        text = message.text or message.caption
        if in_group:
            if not self._is_addressed(message) and not _calls_for_help(text):
                return
            text = self._without_mention(text or "") or text
        if text:
            await self._intake.take(replace(incoming, text=text))
        elif edited:
            return  # a location that moves, or another picture
        elif message.location:
            place = (message.location.latitude, message.location.longitude)
            await self._intake.take(replace(incoming, place=place))
        elif kind := next((_KINDS[name] for name in _KINDS if getattr(message, name)), None):
            await self._intake.take(replace(incoming, kind=kind))

    def _command(self, message: Message, in_group: bool) -> tuple[str, str] | None:
        """A command of ours at the beginning of a message, and what stands after it."""
        text = message.text or ""
        if not text.startswith("/") or not message.parse_entities([MessageEntity.BOT_COMMAND]):
            return None
        first, _, argument = text.partition(" ")
        name, _, whose = first[1:].partition("@")
        if whose and whose.lower() != self._bot.username.lower():
            return None
        name = name.lower()
        if name not in (*COMMANDS, "leader"):
            # in a group it may be another bot's
            return None if in_group and not whose else ("help", "")
        return name, argument.strip()

    async def _command_given(
        self, incoming: Incoming, command: str, argument: str, in_group: bool
    ) -> None:
        address = incoming.address
        if command == "leader":
            await self._lead(incoming, in_group)
        elif command == "start" and argument.startswith("g") and len(argument) > 20:
            await self._go_on_alone(incoming, argument[1:])
        elif command == "language" and in_group and argument:
            code, _, script = argument.partition("-")
            language = supported(code.lower(), script.title() or None)
            group = await self._addresses.group(NAME, address.chat)
            if language and group["leader"] == address.sender:
                await self._addresses.set_group(NAME, address.chat, language=language)
                await self._intake.tell(
                    address, incoming.arrival, "group_language", language=language
                )
            else:
                await self._intake.take(replace(incoming, command=command))
        else:
            await self._intake.take(replace(incoming, command=command, argument=argument))

    async def _go_on_alone(self, incoming: Incoming, conversation_id: str) -> None:
        """The link out of a group: the conversation that began there goes on here."""
        if not await self._addresses.go_on_alone(conversation_id, incoming.address):
            await self._intake.tell(
                incoming.address, incoming.arrival, "link_of_another", device=incoming.language
            )
        elif await self._outbox.holds(conversation_id):
            self._outbox.schedule(conversation_id)
        else:
            await self._intake.take(replace(incoming, command="start"))

    async def _lead(self, incoming: Incoming, in_group: bool) -> None:
        address = incoming.address
        if not in_group:
            key = "leader_only_in_group"
        else:
            leader = (await self._addresses.group(NAME, address.chat))["leader"]
            if leader in (None, address.sender) or await self._is_administrator(address):
                await self._addresses.set_group(NAME, address.chat, leader=address.sender)
                key = "leader_is_you"
            else:
                key = "leader_is_another"
        await self._intake.tell(address, incoming.arrival, key, device=incoming.language)

    async def _is_administrator(self, address: Address) -> bool:
        with contextlib.suppress(TelegramError):
            member = await self._bot.get_chat_member(int(address.chat), int(address.sender))
            return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)
        return False

    async def _joined_or_left(self, update_id: int, change: ChatMemberUpdated) -> None:
        """The bot was blocked or unblocked, added to a group or removed from it."""
        chat, user = change.chat, change.from_user
        was_in, is_in = change.old_chat_member.status in _IN, change.new_chat_member.status in _IN
        if not is_in:
            await self._addresses.block(NAME, str(chat.id))
        elif not was_in and chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
            language = _language_of(user)
            await self._addresses.set_group(
                NAME, str(chat.id), leader=str(user.id), language=language
            )
            await self._intake.tell(
                Address(NAME, str(chat.id), str(user.id)),
                self._arrival(update_id, chat.id, ""),
                "group_welcome",
                device=language,
                bot=self._bot.username,
            )

    async def _press(self, update_id: int, query: CallbackQuery) -> None:
        message, user = query.message, query.from_user
        if message is None or query.data is None:
            return
        chat = str(message.chat.id)
        address = Address(NAME, chat, str(user.id))
        shown = f"{chat}:{message.message_id}"
        conversation_id = await self._addresses.conversation_of_message(NAME, shown)
        incoming = Incoming(
            address,
            self._arrival(update_id, message.chat.id, message.message_id),
            _language_of(user),
            button=query.data,
            conversation_id=conversation_id,
        )
        alert = None
        try:
            if conversation_id is not None:
                sender = await self._addresses.sender_of(conversation_id)
                if sender != address.sender:
                    raise NotOfferedError(query.data)
            await self._intake.take(incoming)
        except NotOfferedError:
            language = _language_of(user) or Language("en", "Latn")
            alert = say("not_yours", language)
        self._answer(query, alert)

    def _answer(self, query: CallbackQuery, alert: str | None) -> None:
        """Ends the waiting sign on a button; nothing depends on it, so nothing waits for it."""

        async def answer() -> None:
            with contextlib.suppress(TelegramError):
                await self._bot.answer_callback_query(query.id, alert, show_alert=bool(alert))

        task = asyncio.create_task(answer())
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    def _is_addressed(self, message: Message) -> bool:
        replied = message.reply_to_message
        if replied and replied.from_user and replied.from_user.id == self._bot.id:
            return True
        wanted: list[str | None] = [MessageEntityType.MENTION, MessageEntityType.TEXT_MENTION]
        if message.text:
            found = message.parse_entities(wanted)
        elif message.caption:
            found = message.parse_caption_entities(wanted)
        else:
            return False
        mention = f"@{self._bot.username}".lower()
        return any(
            text.lower() == mention or (entity.user and entity.user.id == self._bot.id)
            for entity, text in found.items()
        )

    def _without_mention(self, text: str) -> str:
        mention = f"@{self._bot.username}"
        start = text.lower().find(mention.lower())
        if start < 0:
            return text
        return f"{text[:start]} {text[start + len(mention) :]}".strip(" ,:，：")

    def _arrival(self, update_id: int, chat: int, message: int | str) -> Arrival:
        return Arrival(NAME, f"{self._bot.id}.{update_id}", str(chat), str(message))


def _calls_for_help(text: str | None) -> bool:
    """Whether something said to others in a group calls for help; a command is another bot's."""
    if not text or text.startswith("/"):
        return False
    return recognize(text, taken_from=OVERHEARD) is not None


def _language_of(user: User) -> Language | None:
    """The language of somebody's Telegram, if it is one of ours."""
    code = (user.language_code or "").lower()
    return preferred(code) if code[:2] in ("zh", "kk", "ru", "en") else None
