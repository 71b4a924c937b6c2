"""A local server that speaks WeChat's API for official accounts, strictly, and its users.

Sources: developers.weixin.qq.com, /doc/service/api/base/api_getstableaccesstoken (tokens),
/doc/service/guide/product/kf/intro.html (how many answers, how long),
/doc/subscription/api/customer/message/api_sendcustommessage (messages),
/doc/service/api/custommenu/api_createcustommenu (the menu), Global_Return_Code (errors). How long a
text may be is said in the community only: 2,048 bytes. WeChat itself overlooks unknown fields; here
they are refused, so that none is sent in vain.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hub.clock import Clock

APP_ID = "wx0123456789abcdef"
SECRET = "0123456789abcdef0123456789abcdef"
TOKEN = "porttoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_0123456789ab"

LASTS = 7200
"""Seconds for which an access token is good."""

MESSAGE, CLICK = (5, 48 * 3600), (3, 60)
"""Answers, and the seconds in which they are taken, after a message and after anything else."""

_MESSAGES = {
    "text": {"content": str},
    "msgmenu": {"head_content": str, "list": list, "tail_content": str},
}

_TEXTS = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40008: "invalid message type",
    40013: "invalid appid",
    40016: "invalid button size",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40023: "invalid sub button size",
    40025: "invalid sub button name size",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail!",
    40125: "invalid appsecret",
    40164: "invalid ip 192.0.2.7, not in whitelist",
    40200: "invalid account type",
    41001: "access_token missing",
    42001: "access_token expired",
    43002: "require POST method",
    43004: "require subscribe",
    43019: "require remove blacklist",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    48002: "user block receive message",
    45098: "msgmenu list size is out of limit",
    47001: "data format error",
    48001: "api unauthorized",
}


class RefusedError(Exception):
    """An error body of WeChat's API; it comes with HTTP status 200."""

    def __init__(self, code: int) -> None:
        super().__init__(_TEXTS[code])
        self.body = {"errcode": code, "errmsg": f"{_TEXTS[code]} rid: 656d6d2f-14532dc3-2ed875c3"}


@dataclass
class Person:
    """A user of WeChat, who follows the account."""

    wechat: FakeWeChat
    id: str
    follows: bool = True
    grants: list[list[float]] = field(default_factory=list)
    """``[until, answers left]`` of each."""

    async def say(self, text: str, **more: Any) -> int:
        """Writes; returns the status that the hub answered with at last."""
        return await self.wechat.deliver(self.message("text", Content=text, **more))

    async def send(self, kind: str, **content: Any) -> int:
        """Sends a message of any type: ``image``, ``voice``, ``location`` …"""
        return await self.wechat.deliver(self.message(kind, **content))

    async def event(self, event: str, key: str = "") -> int:
        return await self.wechat.deliver(self.happening(event, key))

    async def tap(self, shown: dict[str, Any], title: str) -> int:
        """Taps an item of a menu message."""
        (item,) = [each for each in shown["items"] if each["content"].endswith(title)]
        tapped = {} if self.wechat.is_test_account else {"bizmsgmenuid": item["id"]}
        return await self.say(item["content"], **tapped)

    async def subscribe(self, key: str = "") -> int:
        self.follows = True
        return await self.event("subscribe", key)

    async def unsubscribe(self) -> int:
        self.follows = False
        return await self.event("unsubscribe")

    def message(self, kind: str, **content: Any) -> dict[str, Any]:
        self._granted(CLICK if "bizmsgmenuid" in content else MESSAGE)
        self.wechat.numbers += 1
        return {
            **self._envelope(kind),
            **content,
            "MsgId": 24_000_000_000_000_000 + self.wechat.numbers,
        }

    def happening(self, event: str, key: str = "") -> dict[str, Any]:
        if event in ("subscribe", "scan", "SCAN", "CLICK"):
            self._granted(CLICK)
        return {**self._envelope("event"), "Event": event, "EventKey": key}

    def _granted(self, grant: tuple[int, float]) -> None:
        self.grants.append([self.wechat.clock.seconds() + grant[1], grant[0]])

    def _envelope(self, kind: str) -> dict[str, Any]:
        created = int(self.wechat.clock.now().timestamp())
        return {
            "ToUserName": ACCOUNT,
            "FromUserName": self.id,
            "CreateTime": created,
            "MsgType": kind,
        }


class FakeWeChat:
    """The server. ``sent`` holds what it took, in order: ``touser``, ``text`` as it is seen, and of
    a menu message its ``items``."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.url = ""
        self.hub = ""
        self.aes_key = ""
        self.is_test_account = False
        self.sent: list[dict[str, Any]] = []
        self.refused: list[dict[str, Any]] = []
        self.menu: list[dict[str, Any]] = []
        self.people: dict[str, Person] = {}
        self.numbers = 0
        self.down = False
        self.tried_while_down = 0
        self.unlisted = False
        self.unauthorized = False
        self.go_wrong: list[int | str] = []
        """What happens to the next messages: an error's code, ``"lose"`` the answer, ``"hang"`` or
        ``"page"``, an error page of a gateway."""
        self.go_on = asyncio.Event()
        self.tokens: dict[str, float] = {}
        """Access tokens that were given, and until when each is good."""
        self.asked_for_token = 0
        self.gives_tokens = asyncio.Event()
        self.gives_tokens.set()

    async def serve(self, serve: Callable[..., Awaitable[Any]]) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._called)
        server = await serve(app)
        self.url = f"http://127.0.0.1:{server.port}"

    def person(self, name: str) -> Person:
        person = Person(self, f"o{name[:10]}".ljust(28, "-")[:26] + f"{len(self.people):02}")
        self.people[person.id] = person
        return person

    def to(self, who: Person) -> list[dict[str, Any]]:
        """What was sent to a user, in order."""
        return [sent for sent in self.sent if sent["touser"] == who.id]

    # -- to the hub

    async def deliver(self, content: dict[str, Any]) -> int:
        """Brings a message to the hub, three times at most; returns the status it answered."""
        status = 0
        for _ in range(3):
            status = await self.call(content)
            if status in (200, 403):
                break
        return status

    async def call(self, content: dict[str, Any], **query: str) -> int:
        """One call of the webhook; ``query`` replaces what a true one would have."""
        xml = _xml(content)
        signed = self.signed()
        if self.aes_key:
            encrypted = _encrypted(xml, self.aes_key)
            signed["encrypt_type"] = "aes"
            signed["msg_signature"] = _sha1(TOKEN, signed["timestamp"], signed["nonce"], encrypted)
            xml = _xml({"ToUserName": ACCOUNT, "Encrypt": encrypted})
        return (await self.post(xml, {**signed, "openid": content["FromUserName"], **query}))[0]

    async def post(self, body: str, query: dict[str, str]) -> tuple[int, str]:
        """Whatever anybody sends to the webhook; returns status and text of the answer."""
        url = f"{self.hub.rstrip('/')}/wechat/webhook?{urlencode(query)}"
        headers = {"Content-Type": "text/xml"}
        timeout = aiohttp.ClientTimeout(5)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                async with session.post(url, data=body.encode(), headers=headers) as response:
                    answer = response.status, await response.text()
            except TimeoutError:
                return 0, ""
        # anything else would be shown to the user as a fault
        assert answer[0] != 200 or answer[1] in ("", "success"), answer
        return answer

    async def verify(self, **query: str) -> tuple[int, str]:
        """Asks whether the server is ours, as when it is entered."""
        url = f"{self.hub.rstrip('/')}/wechat/webhook"
        asked = {**self.signed(), "echostr": "3839475", **query}
        async with aiohttp.ClientSession() as session, session.get(url, params=asked) as response:
            return response.status, await response.text()

    def signed(self) -> dict[str, str]:
        timestamp, nonce = str(int(self.clock.now().timestamp())), os.urandom(4).hex()
        signature = _sha1(TOKEN, timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    # -- the API

    async def _called(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            self.tried_while_down += 1
            return _cut(request)
        path = request.match_info["path"]
        try:
            answer = await self._answer(request, path)
        except RefusedError as error:
            self.refused.append({"path": path, **error.body})
            return web.json_response(error.body)
        if answer == "lose":
            return _cut(request)
        if answer == "page":
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        return web.json_response(answer)

    async def _answer(self, request: web.Request, path: str) -> Any:
        known: dict[str, tuple[str, Any]] = {
            "cgi-bin/stable_token": ("POST", self._stable_token),
            "cgi-bin/message/custom/send": ("POST", self._send),
            "cgi-bin/menu/create": ("POST", self._create_menu),
            "cgi-bin/customservice/getkflist": ("GET", self._staff),
            "cgi-bin/get_current_selfmenu_info": ("GET", self._current_menu),
        }
        if path not in known:
            raise web.HTTPNotFound
        method, answer = known[path]
        if request.method != method:
            raise RefusedError(43002)
        body: dict[str, Any] = {}
        if method == "POST":
            text = await request.text()
            if "\\u" in text:
                raise RefusedError(40033)
            try:
                body = json.loads(text)
            except ValueError:
                raise RefusedError(47001) from None
        if path != "cgi-bin/stable_token":
            self._allow(request.query.get("access_token", ""))
        return await answer(**body)

    def _allow(self, token: str) -> None:
        if not token:
            raise RefusedError(41001)
        if token not in self.tokens:
            raise RefusedError(40001)
        if self.tokens[token] <= self.clock.seconds():
            raise RefusedError(42001)

    async def _stable_token(
        self, grant_type: str, appid: str, secret: str, force_refresh: bool = False
    ) -> dict[str, Any]:
        self.asked_for_token += 1
        await self.gives_tokens.wait()
        if grant_type != "client_credential" or appid != APP_ID:
            raise RefusedError(40013)
        if secret != SECRET:
            raise RefusedError(40125)
        if self.unlisted:
            raise RefusedError(40164)
        now = self.clock.seconds()
        for token, until in self.tokens.items():
            # a new one is made five minutes before the old one ends
            if until - now > 300 and not force_refresh:
                return {"access_token": token, "expires_in": int(until - now)}
        if force_refresh:
            self.tokens.clear()
        token = f"81_{os.urandom(24).hex()}"
        self.tokens[token] = now + LASTS
        return {"access_token": token, "expires_in": LASTS}

    async def _send(self, touser: str, msgtype: str, **content: Any) -> Any:
        wrong = self.go_wrong.pop(0) if self.go_wrong else None
        if isinstance(wrong, int):
            raise RefusedError(wrong)
        if wrong == "hang":
            await self.go_on.wait()
        if wrong == "page":
            return wrong
        if self.unauthorized:
            raise RefusedError(48001)
        if msgtype not in _MESSAGES:
            raise RefusedError(40008)
        if msgtype == "msgmenu" and self.is_test_account:
            raise RefusedError(40200)
        if set(content) != {msgtype}:
            raise RefusedError(47001)
        _typed(content[msgtype], _MESSAGES[msgtype])
        text, items = _seen(msgtype, content[msgtype])
        self._count(touser)
        self.sent.append({"touser": touser, "msgtype": msgtype, "text": text, "items": items})
        return "lose" if wrong == "lose" else {"errcode": 0, "errmsg": "ok"}

    def _count(self, touser: str) -> None:
        """Takes one of the answers that a user's doings allow, of those that end first."""
        person = self.people.get(touser)
        if person is None:
            raise RefusedError(40003)
        if not person.follows:
            raise RefusedError(43004)
        open_ones = [each for each in person.grants if each[0] > self.clock.seconds()]
        if not open_ones:
            raise RefusedError(45015)
        left = [each for each in open_ones if each[1]]
        if not left:
            raise RefusedError(45047)
        min(left)[1] -= 1

    async def _create_menu(self, button: list[dict[str, Any]]) -> dict[str, Any]:
        if self.unauthorized:
            raise RefusedError(48001)
        if not 1 <= len(button) <= 3:
            raise RefusedError(40016)
        for each in button:
            _name(each, 16, 40018)
            below = each.get("sub_button")
            if below is None:
                _key(each)
            elif not 1 <= len(below) <= 5 or set(each) != {"name", "sub_button"}:
                raise RefusedError(40023)
            else:
                for item in below:
                    # the page says 60 by now, older ones 40
                    _name(item, 40, 40025)
                    _key(item)
        self.menu = button
        return {"errcode": 0, "errmsg": "ok"}

    async def _staff(self) -> dict[str, Any]:
        if self.unauthorized:
            raise RefusedError(48001)
        return {"kf_list": []}

    async def _current_menu(self) -> dict[str, Any]:
        return {"is_menu_open": 1, "selfmenu_info": {"button": self.menu}}


def _seen(msgtype: str, content: dict[str, Any]) -> tuple[str, list[dict[str, str]]]:
    """What the user sees, and what of it can be tapped."""
    if msgtype == "text":
        if not content["content"].strip():
            raise RefusedError(44004)
        if len(content["content"].encode()) > 2048:
            raise RefusedError(45002)
        return content["content"], []
    items = content["list"]
    # the limits of companies' customer service, for want of this one's
    if not 1 <= len(items) <= 10:
        raise RefusedError(45098)
    for item in items:
        _typed(item, {"id": str, "content": str})
        if not 1 <= len(item["id"].encode()) <= 64 or len(item["content"].encode()) > 128:
            raise RefusedError(45002)
    for part in ("head_content", "tail_content"):
        if len(content[part].encode()) > 1024:
            raise RefusedError(45002)
    lines = "\n".join(item["content"] for item in items)
    seen = [content["head_content"], lines, content["tail_content"]]
    return "\n\n".join(each for each in seen if each), items


def _name(button: dict[str, Any], longest: int, code: int) -> None:
    if not 1 <= len(button["name"].encode()) <= longest:
        raise RefusedError(code)


def _key(button: dict[str, Any]) -> None:
    if set(button) != {"type", "name", "key"} or button["type"] != "click":
        raise RefusedError(47001)
    if not 1 <= len(button["key"].encode()) <= 128:
        raise RefusedError(40019)


def _typed(given: Any, wanted: dict[str, type]) -> None:
    if not isinstance(given, dict) or set(given) != set(wanted):
        raise RefusedError(47001)
    if any(type(given[name]) is not kind for name, kind in wanted.items()):
        raise RefusedError(47001)


def _cut(request: web.Request) -> web.Response:
    """The connection ends without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def _sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 — WeChat's own


def _xml(content: dict[str, Any]) -> str:
    lines = [
        f"<{name}>{value}</{name}>"
        if isinstance(value, int)
        else f"<{name}><![CDATA[{value}]]></{name}>"
        for name, value in content.items()
    ]
    return f"<xml>{''.join(lines)}</xml>"


def _encrypted(xml: str, aes_key: str, app_id: str = APP_ID) -> str:
    """As the documentation of WeChat's encryption says: AES-256-CBC, padded to 32 bytes."""
    key = base64.b64decode(aes_key + "=")
    plain = os.urandom(16) + struct.pack(">I", len(xml.encode())) + xml.encode() + app_id.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    cipher = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(cipher).decode()
