"""A local server that speaks Telegram's Bot API, as strictly as Telegram does, and its people.

What https://core.telegram.org/bots/api demands is demanded here, with Telegram's own error bodies.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from hub.clock import Clock

TOKEN = "987654321:AAtestTESTtestTESTtestTESTtestTESTtes"
BOT = {
    "id": 987654321,
    "is_bot": True,
    "first_name": "Baktu",
    "username": "baktu_port_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}

_PARAMETERS: dict[str, dict[str, type]] = {
    "getMe": {},
    "getWebhookInfo": {},
    "deleteWebhook": {"drop_pending_updates": bool},
    "setWebhook": {
        "url": str,
        "secret_token": str,
        "allowed_updates": list,
        "max_connections": int,
        "drop_pending_updates": bool,
    },
    "getUpdates": {"offset": int, "limit": int, "timeout": int, "allowed_updates": list},
    "setMyCommands": {"commands": list, "scope": dict, "language_code": str},
    "sendMessage": {
        "chat_id": int,
        "text": str,
        "message_thread_id": int,
        "reply_markup": dict,
        "reply_parameters": dict,
        "link_preview_options": dict,
        "disable_notification": bool,
    },
    "answerCallbackQuery": {"callback_query_id": str, "text": str, "show_alert": bool},
    "getChatMember": {"chat_id": int, "user_id": int},
}
"""The methods that are spoken here, and their parameters. Others do not exist."""


class RefusedError(Exception):
    """An error body of the Bot API."""

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.status = status
        self.body: dict[str, Any] = {
            "ok": False,
            "error_code": status,
            "description": description,
        }
        if parameters:
            self.body["parameters"] = parameters


@dataclass
class Person:
    """A user of Telegram; ``at`` is the chat in which they write next."""

    telegram: FakeTelegram
    id: int
    name: str
    language: str | None
    blocks_us: bool = False

    def user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return {**user, "language_code": self.language} if self.language else user

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def say(self, text: str, group: Group | None = None, **more: Any) -> dict[str, Any]:
        """Writes, alone with the bot or in a group; returns the message."""
        entities = more.pop("entities", None) or _entities(text)
        return self.send(group, text=text, **({"entities": entities} if entities else {}), **more)

    def send(self, group: Group | None = None, **content: Any) -> dict[str, Any]:
        """Sends any content: ``sticker``, ``photo``, ``location`` …; returns the message."""
        message = self.message(group, **content)
        self.telegram.push(message=message)
        return message

    def edit(self, message: dict[str, Any], text: str) -> None:
        edited = {**message, "text": text, "edit_date": message["date"] + 1}
        self.telegram.push(edited_message=edited)

    def message(self, group: Group | None = None, **content: Any) -> dict[str, Any]:
        if group is None:
            self.telegram.started.add(self.id)
        return {
            "message_id": self.telegram.next_message(),
            "date": 1_790_000_000,
            "from": self.user(),
            "chat": group.chat() if group else self.chat(),
            **content,
        }

    def press(self, shown: dict[str, Any], title: str) -> None:
        """Taps a button of a message that the bot has sent."""
        rows = shown["reply_markup"]["inline_keyboard"]
        (data,) = [b["callback_data"] for row in rows for b in row if b["text"] == title]
        self.press_data(shown, data)

    def press_data(self, shown: dict[str, Any], data: str) -> None:
        message = {**shown["message"], "from": BOT}
        query = {
            "id": str(self.telegram.next_message()),
            "from": self.user(),
            "message": message,
            "chat_instance": "1",
            "data": data,
        }
        self.telegram.push(callback_query=query)

    def open_link(self, shown: dict[str, Any]) -> None:
        """Taps a deep link to the bot, and Start in the chat that opens."""
        url = shown["reply_markup"]["inline_keyboard"][-1][0]["url"]
        prefix = f"https://t.me/{BOT['username']}?start="
        assert url.startswith(prefix), url
        self.say(f"/start {url.removeprefix(prefix)}")

    def block(self, blocks: bool = True) -> None:
        self.blocks_us = blocks
        old, new = ("member", "kicked") if blocks else ("kicked", "member")
        self.telegram.push(my_chat_member=_member_change(self.chat(), self.user(), old, new))


@dataclass
class Group:
    """A group chat."""

    telegram: FakeTelegram
    id: int
    title: str
    members: dict[int, str] = field(default_factory=dict)
    removed: bool = False
    moved_to: int | None = None

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "supergroup", "title": self.title}

    def add_bot(self, by: Person) -> None:
        change = _member_change(self.chat(), by.user(), "left", "member")
        self.telegram.push(my_chat_member=change)


class FakeTelegram:
    """The server. ``sent`` holds what it took, in order, each with its ``message``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.sent: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.answered: list[dict[str, Any]] = []
        self.commands: dict[tuple[str, str], list[dict[str, str]]] = {}
        self.webhook: dict[str, Any] = {"url": ""}
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.started: set[int] = set()
        self.down = False
        self.tried_while_down = 0
        self.go_wrong: list[RefusedError | str] = []
        """What happens to the next ``sendMessage`` calls: an error, ``"lose"`` the answer, or
        ``"hang"``."""
        self.go_on = asyncio.Event()
        self.confirmed = 0
        self._updates: list[dict[str, Any]] = []
        self._next_update = 100
        self._next_message = 0
        self._changed = asyncio.Condition()
        self._polls = 0
        self._times: dict[int, list[float]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        server = await serve(app)
        self.url = f"http://127.0.0.1:{server.port}"

    def person(self, name: str, language: str | None = "en") -> Person:
        person = Person(self, 5_000_000 + len(self.people), name, language)
        self.people[person.id] = person
        return person

    def group(self, title: str) -> Group:
        group = Group(self, -1_001_000_000_000 - len(self.groups), title)
        self.groups[group.id] = group
        return group

    def to(self, who: Person | Group) -> list[dict[str, Any]]:
        """What was sent into a chat, in order."""
        return [sent for sent in self.sent if sent["chat_id"] == who.id]

    def next_message(self) -> int:
        self._next_message += 1
        return self._next_message

    def push(self, update_id: int | None = None, **content: Any) -> dict[str, Any]:
        """Has something happen: an update for whoever polls or has a webhook."""
        if update_id is None:
            update_id = self._next_update
            self._next_update += 1
        update = {"update_id": update_id, **content}
        self._updates.append(update)
        self._soon(self._notify())
        return update

    async def call_webhook(self, update: dict[str, Any], secret: str | None = None) -> int:
        """Brings an update to the webhook that was set; returns the status of the answer."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret or self.webhook["secret_token"]}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as response,
        ):
            return response.status

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def _soon(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _called(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            self.tried_while_down += 1
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        method = request.match_info["method"]
        try:
            if request.match_info["token"] != TOKEN:
                raise RefusedError(401, "Unauthorized")
            if method not in _PARAMETERS:
                raise RefusedError(404, "Not Found")
            body = _typed(dict(await request.post()), _PARAMETERS[method])
            result = await getattr(self, f"_{method}")(**body)
        except RefusedError as error:
            self.refused.append({"method": method, **error.body})
            return web.json_response(error.body, status=error.status)
        if result == "lose":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.json_response({"ok": True, "result": result})

    async def _getMe(self) -> dict[str, Any]:
        return BOT

    async def _getWebhookInfo(self) -> dict[str, Any]:
        shown = {key: value for key, value in self.webhook.items() if key != "secret_token"}
        info = {"has_custom_certificate": False, "pending_update_count": len(self._updates)}
        return {**info, **shown}

    async def _setWebhook(self, url: str, **more: Any) -> bool:
        if url and not url.startswith(("https://", "http://127.0.0.1")):
            raise RefusedError(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
            )
        secret = more.get("secret_token", "")
        if not all(letter.isalnum() or letter in "-_" for letter in secret) or len(secret) > 256:
            raise RefusedError(400, "Bad Request: secret token contains unallowed characters")
        self.webhook = {"url": url, **more}
        return True

    async def _deleteWebhook(self, drop_pending_updates: bool = False) -> bool:
        self.webhook = {"url": ""}
        if drop_pending_updates:
            self._updates.clear()
        return True

    async def _getUpdates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,  # noqa: ASYNC109 — it is Telegram's own parameter
        allowed_updates: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        if self.webhook["url"]:
            raise RefusedError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        self._polls += 1
        mine = self._polls
        await self._notify()
        self.confirmed = max(self.confirmed, offset)
        self._updates = [each for each in self._updates if each["update_id"] >= offset]

        def ready() -> bool:
            return bool(self._updates) or self._polls != mine or self.down

        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(ready), timeout)
            except TimeoutError:
                return []
        if self._polls != mine:
            raise RefusedError(
                409,
                "Conflict: terminated by other getUpdates request; "
                "make sure that only one bot instance is running",
            )
        return self._updates[:limit]

    async def _setMyCommands(
        self, commands: list[dict[str, str]], scope: dict[str, Any], language_code: str = ""
    ) -> bool:
        for each in commands:
            name = each["command"]
            if not (name.islower() and name.isascii() and 1 <= len(name) <= 32):
                raise RefusedError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(each["description"]) <= 256:
                raise RefusedError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[scope["type"], language_code] = commands
        return True

    async def _sendMessage(self, chat_id: int, text: str, **more: Any) -> dict[str, Any] | str:
        wrong = self.go_wrong.pop(0) if self.go_wrong else None
        if isinstance(wrong, RefusedError):
            raise wrong
        if wrong == "hang":
            await self.go_on.wait()
        self._allow(chat_id)
        if not text.strip():
            raise RefusedError(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise RefusedError(400, "Bad Request: message is too long")
        for row in more.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if len(button.get("callback_data", "").encode()) > 64:
                    raise RefusedError(400, "Bad Request: BUTTON_DATA_INVALID")
                if not button["text"]:
                    raise RefusedError(400, "Bad Request: inline keyboard button text is empty")
        self._count(chat_id)
        group = self.groups.get(chat_id)
        chat = group.chat() if group else self.people[chat_id].chat()
        message = {
            "message_id": self.next_message(),
            "date": 1_790_000_000,
            "from": BOT,
            "chat": chat,
            "text": text,
        }
        self.sent.append({"chat_id": chat_id, "text": text, "message": message, **more})
        return "lose" if wrong == "lose" else message

    async def _answerCallbackQuery(self, callback_query_id: str, **more: Any) -> bool:
        if len(more.get("text", "")) > 200:
            raise RefusedError(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered.append({"id": callback_query_id, **more})
        return True

    async def _getChatMember(self, chat_id: int, user_id: int) -> dict[str, Any]:
        status = self.groups[chat_id].members.get(user_id, "member")
        user = self.people[user_id].user()
        if status == "creator":
            return {"user": user, "status": status, "is_anonymous": False}
        return {"user": user, "status": status}

    def _allow(self, chat_id: int) -> None:
        person, group = self.people.get(chat_id), self.groups.get(chat_id)
        if person is None and group is None:
            raise RefusedError(400, "Bad Request: chat not found")
        if person and person.blocks_us:
            raise RefusedError(403, "Forbidden: bot was blocked by the user")
        if person and chat_id not in self.started:
            raise RefusedError(403, "Forbidden: bot can't initiate conversation with a user")
        if group and group.removed:
            raise RefusedError(403, "Forbidden: bot was kicked from the supergroup chat")
        if group and group.moved_to:
            raise RefusedError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=group.moved_to,
            )

    def _count(self, chat_id: int) -> None:
        """Refuses what is too much: 1 a second in a chat, 20 a minute in a group, 30 a second."""
        now = self.clock.seconds()
        limits = [(chat_id, 1, 1.0), (0, 30, 1.0)]
        if chat_id in self.groups:
            limits.append((chat_id, 20, 60.0))
        for key, count, seconds in limits:
            gone = [at for at in self._times.get(key, []) if at > now - seconds]
            if len(gone) >= count:
                wait = max(1, round(gone[-count] + seconds - now))
                raise RefusedError(429, f"Too Many Requests: retry after {wait}", retry_after=wait)
        for key in (chat_id, 0):
            self._times.setdefault(key, []).append(now)


def _typed(sent: dict[str, Any], wanted: dict[str, type]) -> dict[str, Any]:
    """Parameters as the method takes them; form fields hold JSON where they are no strings."""
    typed: dict[str, Any] = {}
    for name, value in sent.items():
        if name not in wanted:
            raise RefusedError(400, f"Bad Request: unknown parameter {name}")
        kind = wanted[name]
        if kind is str:
            typed[name] = value
            continue
        try:
            typed[name] = json.loads(value)
        except ValueError:
            typed[name] = None
        if type(typed[name]) is not kind:
            raise RefusedError(400, f"Bad Request: can't parse {name}")
    return typed


def _entities(text: str) -> list[dict[str, Any]]:
    entities = []
    if text.startswith("/"):
        command = text.split(" ", maxsplit=1)[0]
        entities.append({"type": "bot_command", "offset": 0, "length": len(command)})
    mention = f"@{BOT['username']}"
    if mention in text and not text.startswith("/"):
        offset = len(text[: text.index(mention)].encode("utf-16-le")) // 2
        entities.append({"type": "mention", "offset": offset, "length": len(mention)})
    return entities


def _member_change(
    chat: dict[str, Any], user: dict[str, Any], old: str, new: str
) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        return {"user": BOT, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    return {
        "chat": chat,
        "from": user,
        "date": 1_790_000_000,
        "old_chat_member": member(old),
        "new_chat_member": member(new),
    }
