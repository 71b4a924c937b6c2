"""A local server that speaks Meta's Cloud API of WhatsApp, as strictly as Meta, and its people.

What is demanded stands below https://developers.facebook.com/documentation/business-messaging/whatsapp
in ``messages/`` (text-messages, interactive-reply-buttons-messages, interactive-list-messages,
template-messages, mark-message-as-read), ``throughput``, ``support/error-codes``,
``webhooks/reference/messages`` and its ``status``, and ``business-scoped-user-ids``; the webhook's
signature in https://developers.facebook.com/docs/graph-api/webhooks/getting-started, proof of the
app's secret in https://developers.facebook.com/docs/graph-api/guides/secure-requests.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp import web

from hub.clock import Clock
from hub.settings import Settings

TOKEN = "EAAtestTESTtestTESTtestTEST"
PHONE_ID = "106540352242922"
APP_SECRET = "0123456789abcdef0123456789abcdef"
VERIFY_TOKEN = "port-of-baktu"
VERSION = "v25.0"
ACCOUNT = "102290129340398"
NUMBER = "15550783881"

WINDOW = 24 * 3600
"""Seconds after a user's message in which anything may be sent."""


@dataclass(frozen=True)
class Text:
    """A string of a length, and of a form if one is given."""

    most: int
    least: int = 1
    form: str = ""


@dataclass(frozen=True)
class Many:
    """A list of so many."""

    item: Any
    most: int
    least: int = 1


_REPLY = {"type": "reply", "reply": {"id": Text(256, form=r"\S(.*\S)?"), "title": Text(20)}}
_ROW = {"id": Text(200), "title": Text(24), "description?": Text(72)}
_PARAMETER = {"type": "text", "text": Text(1024, form=r"(?!.*[\n\t]| {5}).*")}

_INTERACTIVE = {
    "button": {
        "type": "button",
        "body": {"text": Text(1024)},
        "footer?": {"text": Text(60)},
        "action": {"buttons": Many(_REPLY, 3)},
    },
    "list": {
        "type": "list",
        "body": {"text": Text(1024)},
        "footer?": {"text": Text(60)},
        "action": {
            "button": Text(20),
            "sections": Many({"title?": Text(24), "rows": Many(_ROW, 10)}, 10),
        },
    },
}
_CONTENT = {
    "text": {"body": Text(4096), "preview_url?": bool},
    "template": {
        "name": Text(512, form=r"[a-z0-9_]+"),
        "language": {"code": Text(16), "policy?": "deterministic"},
        "components?": Many({"type": "body", "parameters": Many(_PARAMETER, 10)}, 3),
    },
}
_ENVELOPE = {
    "messaging_product": "whatsapp",
    "recipient_type?": "individual",
    "to?": Text(20, form=r"\+?\d+"),
    "recipient?": Text(131, form=r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}"),
    "type": Text(32),
    "context?": {"message_id": Text(128)},
    "biz_opaque_callback_data?": Text(512),
}
_READ = {"messaging_product": "whatsapp", "status": "read", "message_id": Text(128)}


class RefusedError(Exception):
    """An error body of the Graph API."""

    def __init__(
        self,
        status: int,
        code: int | None,
        message: str,
        details: str = "",
        subcode: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": str(retry_after)} if retry_after else {}
        error: dict[str, Any] = {
            "message": f"(#{code}) {message}" if code else message,
            "type": "OAuthException",
            "code": code,
            "fbtrace_id": "AXm4Xiv1fake",
        }
        if details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": details}
        if subcode:
            error["error_subcode"] = subcode
        self.body = {"error": error}


def turned_on(settings: Settings, server: FakeWhatsApp) -> Settings:
    """Settings of a hub that reaches the server."""
    return replace(
        settings,
        whatsapp_token=TOKEN,
        whatsapp_phone_id=PHONE_ID,
        whatsapp_app_secret=APP_SECRET,
        whatsapp_verify_token=VERIFY_TOKEN,
        whatsapp_api_url=server.url,
    )


def text_of(sent: dict[str, Any]) -> str:
    """What a person reads in a message that was sent."""
    if sent["type"] == "interactive":
        return str(sent["interactive"]["body"]["text"])
    if sent["type"] == "template":
        return str(sent["template"]["components"][0]["parameters"][0]["text"])
    return str(sent["text"]["body"])


def bad_token() -> RefusedError:
    return RefusedError(401, 190, "Invalid OAuth access token - Cannot parse access token")


def window_closed() -> RefusedError:
    return RefusedError(
        400,
        131047,
        "Re-engagement message",
        "Message failed to send because more than 24 hours have passed since the customer last "
        "replied to this number.",
    )


def undeliverable() -> RefusedError:
    return RefusedError(400, 131026, "Message undeliverable", "Message Undeliverable.")


def _wrong(details: str) -> RefusedError:
    return RefusedError(400, 131009, "Parameter value is not valid", details)


@dataclass
class Person:
    """A user of WhatsApp; one with a ``user_id`` only keeps the number to themselves."""

    whatsapp: FakeWhatsApp
    name: str
    number: str = ""
    user_id: str = ""
    wrote_at: float | None = None

    @property
    def id(self) -> str:
        return self.number or self.user_id

    def message(self, kind: str = "text", at: float | None = None, **content: Any) -> Any:
        """A message of theirs, not yet brought to the webhook."""
        self.wrote_at = self.whatsapp.clock.seconds()
        sender = {"from": self.number} if self.number else {}
        if self.user_id:
            sender["from_user_id"] = self.user_id
        return {
            **sender,
            "id": self.whatsapp.next_id(incoming=True),
            "timestamp": str(int(self.whatsapp.now() if at is None else at)),
            "type": kind,
            **({kind: content} if content else {}),
        }

    async def say(self, text: str) -> int:
        return await self.send("text", body=text)

    async def send(self, kind: str, **content: Any) -> int:
        return await self.whatsapp.deliver(self.message(kind, **content))

    async def press(self, shown: dict[str, Any], title: str) -> int:
        """Taps a button, or a row of a list, of a message that was sent."""
        interactive = shown["interactive"]
        if interactive["type"] == "button":
            found = [each["reply"] for each in interactive["action"]["buttons"]]
        else:
            found = [row for each in interactive["action"]["sections"] for row in each["rows"]]
        (chosen,) = [each for each in found if each["title"] == title]
        return await self.press_id(shown, chosen["id"], title)

    async def press_id(self, shown: dict[str, Any], id_: str, title: str) -> int:
        kind = f"{shown['interactive']['type']}_reply"
        message = self.message("interactive", type=kind, **{kind: {"id": id_, "title": title}})
        message["context"] = {"from": NUMBER, "id": shown["id"]}
        return await self.whatsapp.deliver(message)


class FakeWhatsApp:
    """The server. ``sent`` holds what it took, in order, each with its ``id``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.hook = ""
        """Where the webhook is; tests set it."""
        self.sent: list[dict[str, Any]] = []
        self.read: list[str] = []
        self.refused: list[dict[str, Any]] = []
        self.people: dict[str, Person] = {}
        self.templates = {("port_notice", code) for code in ("zh_CN", "zh_HK", "kk", "ru", "en")}
        self.scopes = ["whatsapp_business_messaging", "whatsapp_business_management"]
        self.expires_at = 0
        self.subscribed = True
        self.down = False
        self.tried_while_down = 0
        self.go_wrong: list[RefusedError | str] = []
        """What happens to the next messages: an error, ``"lose"`` the answer, or ``"hang"``."""
        self.go_on = asyncio.Event()
        self._ids = 0
        self._incoming: set[str] = set()
        self._times: list[float] = []
        self._pairs: dict[str, tuple[float, float]] = {}

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        app = web.Application()
        app.router.add_route("*", "/{version}/{path:.+}", self._called)
        server = await serve(app)
        self.url = f"http://127.0.0.1:{server.port}"

    def now(self) -> float:
        return self.clock.now().timestamp()

    def person(self, name: str, country: str = "7", hidden: bool = False) -> Person:
        number = f"{country}701{len(self.people):07}"
        user_id = f"KZ.{13_491_208_655_302_741_918 + len(self.people)}"
        person = Person(self, name, "" if hidden else number, user_id if hidden else "")
        self.people[person.id] = person
        return person

    def to(self, who: Person) -> list[dict[str, Any]]:
        """What a person was sent, in order."""
        return [sent for sent in self.sent if sent.get("to", sent.get("recipient")) == who.id]

    def next_id(self, incoming: bool = False) -> str:
        self._ids += 1
        raw = base64.b64encode(f"\x1d\x0b7701000{self._ids:08}\x15\x02\xff/?".encode("latin-1"))
        id_ = f"wamid.{raw.decode()}"
        if incoming:
            self._incoming.add(id_)
        return id_

    # -- what the webhook is brought

    def delivery(self, *messages: Any, statuses: Any = (), number: str = PHONE_ID) -> Any:
        """A delivery with one entry and one change for each message, and one for the statuses."""
        metadata = {"display_phone_number": NUMBER, "phone_number_id": number}
        common = {"messaging_product": "whatsapp", "metadata": metadata}
        values = [{**common, "messages": [message]} for message in messages]
        if statuses:
            values.append({**common, "statuses": list(statuses)})
        return {
            "object": "whatsapp_business_account",
            "entry": [
                {"id": ACCOUNT, "changes": [{"value": value, "field": "messages"}]}
                for value in values
            ],
        }

    def status(self, shown: dict[str, Any], state: str, code: int = 0, at: float = 0) -> Any:
        """Word of what became of a message that was sent."""
        status: dict[str, Any] = {
            "id": shown["id"],
            "status": state,
            "timestamp": str(int(at or self.now())),
            "recipient_id": shown.get("to", ""),
        }
        if "biz_opaque_callback_data" in shown:
            status["biz_opaque_callback_data"] = shown["biz_opaque_callback_data"]
        if state == "failed":
            status["errors"] = [
                {"code": code, "title": "told to", "message": "told to", "error_data": {}}
            ]
        return status

    async def deliver(self, *messages: Any, statuses: Any = ()) -> int:
        """Brings messages to the webhook, signed; returns the status of the answer."""
        return await self.bring(self.delivery(*messages, statuses=statuses))

    async def bring(self, delivery: Any, signature: str | None = None) -> int:
        raw = json.dumps(delivery).encode()
        signed = "sha256=" + hmac.new(APP_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signed if signature is None else signature,
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.hook, data=raw, headers=headers) as response,
        ):
            return response.status

    # -- what is called

    async def _called(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        if self.down:
            self.tried_while_down += 1
            request.transport.close()
            return web.Response()
        try:
            result = await self._answer(request)
        except RefusedError as error:
            self.refused.append(error.body["error"])
            return web.json_response(error.body, status=error.status, headers=error.headers)
        if result is None:
            request.transport.close()
            return web.Response()
        return web.json_response(result)

    async def _answer(self, request: web.Request) -> dict[str, Any] | None:
        if request.match_info["version"] != VERSION:
            raise RefusedError(400, 2500, "Unknown path components")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise bad_token()
        path = request.match_info["path"]
        proof = hmac.new(APP_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        if request.query.get("appsecret_proof", proof) != proof:
            raise RefusedError(400, 100, "Invalid appsecret_proof provided in the API argument")
        if (request.method, path) == ("POST", f"{PHONE_ID}/messages"):
            try:
                body = await request.json()
            except ValueError:
                raise RefusedError(400, 100, "Invalid parameter", "Body is no JSON") from None
            if not isinstance(body, dict):
                raise RefusedError(400, 100, "Invalid parameter", "Body is no object")
            return await self._message(body)
        asked = {
            PHONE_ID: self._about_number,
            "debug_token": self._about_token,
            f"{ACCOUNT}/subscribed_apps": self._about_apps,
            f"{ACCOUNT}/message_templates": self._about_templates,
        }
        if request.method != "GET" or path not in asked:
            raise RefusedError(
                400,
                100,
                f"Unsupported {request.method.lower()} request. Object with ID "
                f"'{path.partition('/')[0]}' does not exist, cannot be loaded due to missing "
                "permissions, or does not support this operation",
                subcode=33,
            )
        return asked[path](request)

    def _about_number(self, request: web.Request) -> dict[str, Any]:
        known = {
            "display_phone_number": "+1 555-078-3881",
            "webhook_configuration": {"application": self.hook} if self.hook else {},
        }
        fields = request.query.get("fields", "display_phone_number").split(",")
        if unknown := [field for field in fields if field not in known]:
            raise RefusedError(400, 100, f"Tried accessing nonexisting field ({unknown[0]})")
        return {**{field: known[field] for field in fields}, "id": PHONE_ID}

    def _about_token(self, request: web.Request) -> dict[str, Any]:
        if request.query.get("input_token") != TOKEN:
            raise RefusedError(400, 100, "The parameter input_token is required")
        granular = [{"scope": scope, "target_ids": [ACCOUNT]} for scope in self.scopes]
        return {
            "data": {
                "app_id": "1",
                "type": "SYSTEM_USER",
                "is_valid": True,
                "expires_at": self.expires_at,
                "scopes": self.scopes,
                "granular_scopes": granular,
            }
        }

    def _about_apps(self, request: web.Request) -> dict[str, Any]:
        app = {"whatsapp_business_api_data": {"id": "1", "name": "Baktu"}}
        return {"data": [app] if self.subscribed else []}

    def _about_templates(self, request: web.Request) -> dict[str, Any]:
        return {
            "data": [
                {"name": name, "language": code, "status": "APPROVED", "id": "1"}
                for name, code in sorted(self.templates)
                if request.query.get("name") in (None, name)
            ]
        }

    async def _message(self, body: dict[str, Any]) -> dict[str, Any] | None:
        if "status" in body:
            _fits(body, _READ, "")
            if body["message_id"] not in self._incoming:
                raise _wrong("Invalid message_id")
            self.read.append(body["message_id"])
            return {"success": True}
        wrong = self.go_wrong.pop(0) if self.go_wrong else None
        if isinstance(wrong, RefusedError):
            raise wrong
        if wrong == "hang":
            await self.go_on.wait()
        self._check(body)
        person = self._recipient(body)
        self._count(person)
        closed = person.wrote_at is None or self.clock.seconds() - person.wrote_at > WINDOW
        if closed and body["type"] != "template":
            raise window_closed()
        id_ = self.next_id()
        self.sent.append({**body, "id": id_})
        if wrong == "lose":
            return None
        contact = {"input": person.id, "wa_id": person.number or None, "user_id": person.user_id}
        return {
            "messaging_product": "whatsapp",
            "contacts": [{key: value for key, value in contact.items() if value}],
            "messages": [{"id": id_}],
        }

    def _check(self, body: dict[str, Any]) -> None:
        """Refuses what the documentation does not know, or what is too long or too much."""
        kind = body.get("type", "text")
        if kind == "interactive":
            interactive = body.get(kind)
            form = interactive.get("type") if isinstance(interactive, dict) else None
            if form not in _INTERACTIVE:
                raise _wrong(f"Invalid interactive type {form}")
            content: Any = _INTERACTIVE[form]
        elif kind in _CONTENT:
            content = _CONTENT[kind]
        else:
            raise RefusedError(400, 131051, "Unsupported message type", f"Type {kind}")
        _fits(body, {**_ENVELOPE, kind: content}, "")
        if kind == "interactive":
            _is_unambiguous(body["interactive"]["action"])
        if kind == "template":
            self._check_template(body["template"])
        quoted = body.get("context", {}).get("message_id")
        if quoted and quoted not in {*self._incoming, *(sent["id"] for sent in self.sent)}:
            raise _wrong("Invalid context message_id")

    def _check_template(self, template: dict[str, Any]) -> None:
        if (template["name"], template["language"]["code"]) not in self.templates:
            raise RefusedError(
                404,
                132001,
                "Template name does not exist in the translation",
                f"template name ({template['name']}) does not exist in "
                f"{template['language']['code']}",
            )
        given = [each for part in template.get("components", []) for each in part["parameters"]]
        if len(given) != 1:
            raise RefusedError(
                400,
                132000,
                "Number of parameters does not match the expected number of params",
                f"body: number of localizable_params ({len(given)}) does not match the expected "
                "number of params (1)",
            )

    def _recipient(self, body: dict[str, Any]) -> Person:
        if "to" not in body and "recipient" not in body:
            raise RefusedError(400, 100, "The parameter to is required.")
        person = self.people.get(body.get("to", body.get("recipient")).removeprefix("+"))
        if person is None:
            raise undeliverable()
        return person

    def _count(self, person: Person) -> None:
        """80 messages a second; to one user one in six seconds, of which 45 may come at once."""
        now = self.clock.seconds()
        self._times = [at for at in self._times if at > now - 1.0]
        if len(self._times) >= 80:
            raise RefusedError(429, 130429, "Rate limit hit", "Cloud API message throughput")
        left, at = self._pairs.get(person.id, (45.0, now))
        left = min(45.0, left + (now - at) / 6)
        if left < 1:
            raise RefusedError(
                400,
                131056,
                "(Business Account, Consumer Account) pair rate limit hit",
                "Message failed to send because there were too many messages sent from this phone "
                "number to the same phone number in a short period of time.",
            )
        self._pairs[person.id] = (left - 1, now)
        self._times.append(now)


def _fits(value: Any, shape: Any, path: str) -> None:
    """Refuses a value that has not the shape: unknown fields, missing ones, types, lengths."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            raise _wrong(f"{path} must be an object")
        names = {name.removesuffix("?"): name for name in shape}
        for name in value:
            if name not in names:
                raise RefusedError(400, 100, "Invalid parameter", f"Unexpected key {path}{name}")
        for name, written in names.items():
            if name in value:
                _fits(value[name], shape[written], f"{path}{name}.")
            elif name == written:
                raise RefusedError(
                    400, 131008, "Required parameter is missing", f"{path}{name} is required"
                )
    elif isinstance(shape, Many):
        if not isinstance(value, list) or not shape.least <= len(value) <= shape.most:
            raise _wrong(f"{path} must have {shape.least} to {shape.most} items")
        for number, item in enumerate(value):
            _fits(item, shape.item, f"{path}{number}.")
    elif isinstance(shape, Text):
        if not isinstance(value, str):
            raise RefusedError(400, 100, "Invalid parameter", f"{path} must be a string")
        # an emoji counts as two, which is the stricter way
        if not shape.least <= len(value.encode("utf-16-le")) // 2 <= shape.most:
            raise _wrong(f"{path} length must be {shape.least} to {shape.most}")
        if not value.strip() or (shape.form and not re.fullmatch(shape.form, value, re.DOTALL)):
            raise _wrong(f"{path} is malformed")
    elif shape is bool:
        if not isinstance(value, bool):
            raise RefusedError(400, 100, "Invalid parameter", f"{path} must be a boolean")
    elif value != shape:
        raise _wrong(f"{path} must be {shape}")


def _is_unambiguous(action: dict[str, Any]) -> None:
    if buttons := action.get("buttons"):
        chosen = [each["reply"] for each in buttons]
    else:
        chosen = [row for each in action["sections"] for row in each["rows"]]
        if len(chosen) > 10:
            raise _wrong("Total row count exceed max allowed count: 10")
        if len(action["sections"]) > 1 and any("title" not in each for each in action["sections"]):
            raise _wrong("Section title is required if there are more than one")
    for key in ("id", "title"):
        values = [each[key] for each in chosen]
        if len(set(values)) < len(values):
            raise _wrong(f"Duplicated {key}")
