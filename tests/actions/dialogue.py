"""A traveler and the actions, with slots and loop carried on as Rasa does, for tests."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import short_form
from actions.appointment import Appointment
from actions.cancel_request import CancelRequest
from actions.complaint import Complaint
from actions.interpreter import Interpreter
from actions.lost_and_found import LostItem
from actions.request_status import RequestStatus
from bot.clocks import PORT_TIME
from bot.language import Language
from hub.database import requests
from hub.keys import DATABASE, SETTINGS
from hub.words import supported
from tests.desk.officer_page import traveler_of
from tests.talk import Traveler

NOON = datetime(2026, 11, 24, 12, tzinfo=PORT_TIME)
"""A Tuesday."""

PRESS = re.compile(r'/(\w+)\{"(\w+)": "([^"]+)"\}')
FALLBACK, ELSEWHERE = "nlu_fallback", "policy"

ACTIONS: dict[str, type[Action]] = {
    "lost_and_found": LostItem,
    "complaint": Complaint,
    "need_interpreter": Interpreter,
    "request_appointment": Appointment,
    "request_status": RequestStatus,
    "cancel_request": CancelRequest,
}
LOOPS = {
    f"{action.form}_form": action for action in (LostItem, Complaint, Interpreter, Appointment)
}

Said = list[dict[str, Any]]


class Dialogue:
    """What a traveler says, and the replies as the actions give them."""

    def __init__(self, language: Language, traveler: Traveler) -> None:
        self.language, self.traveler = language, traveler
        self.sender = traveler.conversation["id"]
        self.slots: dict[str, Any] = {}
        self.loop: str | None = None
        self.next: str | None = None
        self.messages = 0
        self.buttons: list[dict[str, str]] = []

    async def say(
        self,
        text: str,
        intent: str = FALLBACK,
        confidence: float = 0.9,
        *,
        again: bool = False,
        rejected: bool = False,
    ) -> Said:
        """The replies; ``again`` is another try of the last message, after a kill."""
        entities = []
        if match := PRESS.fullmatch(text):
            intent = match.group(1)
            entities = [{"entity": match.group(2), "value": match.group(3)}]
        self.messages += not (again or rejected)
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "language": {"code": self.language.code, "script": self.language.script},
        }
        events: list[dict[str, Any]] = [
            {"event": "user", "text": text, "message_id": f"{self.sender}:{self.messages}"}
        ]
        if rejected:
            events.append({"event": "action_execution_rejected", "name": self.loop})
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker(self.sender, dict(self.slots), latest, events, False, None, loop, "")
        dispatcher = CollectingDispatcher()
        action = LOOPS[self.loop]() if self.loop in LOOPS else ACTIONS[intent]()
        found = await action.run(dispatcher, tracker, {})
        if again:
            return dispatcher.messages
        for event in found:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            elif event["event"] == "active_loop":
                self.loop = event["name"]
            else:
                self.next = event["name"]
        self.buttons = [b for m in dispatcher.messages for b in m.get("buttons") or []]
        return dispatcher.messages

    async def digress(self, text: str, intent: str = ELSEWHERE, confidence: float = 0.9) -> Said:
        """Another topic, answered by another action; what the form says after it."""
        with pytest.raises(ActionExecutionRejection):
            await self.say(text, intent, confidence)
        return await self.say(text, intent, confidence, rejected=True)

    async def goes(self, turns: list[tuple[str, str, str]]) -> Said:
        """Text, intent and the response it gets, one after another; "~" marks another topic."""
        said: Said = []
        for text, intent, expected in turns:
            if text.startswith("~"):
                said = await self.digress(text[1:], intent)
            else:
                said = await self.say(text, intent)
            assert " ".join(responses(said)) == expected, (text, self.slots)
        return said


def responses(said: Said) -> list[str]:
    """Names of the responses, without what all begin with."""
    return [str(message["response"]).removeprefix("utter_") for message in said]


Meet = Callable[..., Awaitable[Dialogue]]


def meeting(hub: TestClient, monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Travelers whose actions reach this test's hub, at noon of a Tuesday."""
    monkeypatch.setattr(short_form, "now", lambda: NOON)
    monkeypatch.setenv("HUB_INTERNAL_URL", str(hub.make_url("")).rstrip("/"))
    monkeypatch.setenv("SERVICE_TOKEN", hub.app[SETTINGS].service_token)

    async def arrive(code: str = "en", script: str = "") -> Dialogue:
        language = supported(code, script or None)
        assert language
        return Dialogue(language, await traveler_of(hub, code, language.script))

    return arrive


async def kept(hub: TestClient) -> list[Any]:
    """Rows of all requests."""
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(requests).order_by(requests.c.id)
        return list((await connection.execute(query)).mappings())
