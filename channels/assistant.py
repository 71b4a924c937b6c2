"""The connector that Rasa loads: one message of the hub in, its whole turn out.

``POST /webhooks/hub/webhook`` answers with the replies and what was understood.
The same ``message_id`` twice gets the stored result. A turn in which anything
failed is answered 503 and leaves the tracker as it was, so that the hub can
ask again and the traveler gets the answer late instead of never.

``POST /webhooks/hub/events`` tells that an officer's stretch began or ended.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.constants import REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from structlog.tracebacks import ExceptionDictTransformer

from bot.action_server import WatchedEndpoint, check_responses_once
from bot.graph_runner import PlannedRunner
from bot.language_detector import LANGUAGE
from bot.process_log import cover_numbers
from bot.tracker_store import AssistantMemory
from bot.turn import Turn, current_turn

log = structlog.get_logger()


class TurnOutput(OutputChannel):
    """Collects what the assistant says in a turn."""

    @classmethod
    def name(cls) -> str:
        return "hub"

    def __init__(self) -> None:
        self.replies: list[dict[str, Any]] = []

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        language = message.get("metadata") or {}
        self.replies.append(
            {
                "text": message.get("text") or "",
                "language": language.get("language"),
                "script": language.get("script"),
                "buttons": message.get("buttons") or None,
                "card": (message.get("custom") or {}).get("card"),
            }
        )


class HubInput(InputChannel):
    """``credentials.yml``: ``channels.assistant.HubInput: {token: …}``; no token, no check."""

    @classmethod
    def name(cls) -> str:
        return "hub"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HubInput:
        return cls((credentials or {}).get("token"))

    def __init__(self, token: str | None = None) -> None:
        self._token = token
        check_responses_once()
        cover_numbers()
        log_no_variables()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("hub_webhook", "hub_webhook")

        @routes.middleware("request")
        async def check_token(request: Request) -> HTTPResponse | None:
            sent = request.headers.get("authorization", "")
            if self._token and not hmac.compare_digest(sent, f"Bearer {self._token}"):
                return _problem(401, "wrong_token", "the service token is missing or wrong")
            return None

        @routes.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            if _agent(request) is None:
                return _problem(503, "not_ready", "no model is loaded")
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _problem(503, "not_ready", "no model is loaded")
            body = request.json
            problem = _problem_of(body)
            if problem:
                return _problem(400, "bad_request", problem)
            result, failures = await take_turn(agent, body)
            if result is None:
                log.warning("turn.failed", message_id=body["message_id"], failures=failures)
                return _problem(503, "turn_failed", "; ".join(failures))
            return response.json(result)

        @routes.route("/events", methods=["POST"])
        async def learn(request: Request) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _problem(503, "not_ready", "no model is loaded")
            body = request.json
            problem = _problem_of(body, ("sender", "event_id", "owner"))
            if problem:
                return _problem(400, "bad_request", problem)
            async with agent.lock_store.lock(body["sender"]):
                await _memory(agent).add(
                    body["sender"], body["event_id"], owner_events(body["owner"])
                )
            return response.empty()

        @routes.route("/conversations/<sender>", methods=["DELETE"])
        async def forget(request: Request, sender: str) -> HTTPResponse:
            agent = _agent(request)
            if agent is None:
                return _problem(503, "not_ready", "no model is loaded")
            async with agent.lock_store.lock(sender):
                _memory(agent).forget(sender)
            return response.empty()

        return routes


async def take_turn(agent: Agent, body: dict[str, Any]) -> tuple[dict[str, Any] | None, list[str]]:
    """Handles one message of the hub; ``body`` as the webhook takes it.

    Returns the result, or ``None`` and what failed. Turns of one conversation
    run one after another.
    """
    sender, message_id = body["sender"], body["message_id"]
    memory = _memory(agent)
    output = TurnOutput()
    turn = Turn(message_id, lambda tracker: _result(output, tracker))
    async with agent.lock_store.lock(sender):
        _prepare(agent)
        token = current_turn.set(turn)
        try:
            stored = memory.result_of(sender, message_id)
            if stored is not None:
                return stored, []
            message = UserMessage(
                body["message"],
                output,
                sender,
                input_channel=HubInput.name(),
                message_id=message_id,
                metadata=body.get("metadata") or {},
            )
            message.parse_data = await _parsed(agent, message)
            await agent.processor.handle_message(message)
        except Exception as error:
            log.exception("turn.crashed", message_id=message_id)
            turn.failures.append(repr(error))
        finally:
            current_turn.reset(token)
    return turn.stored, turn.failures or ["the turn was not stored"]


async def _parsed(agent: Agent, message: UserMessage) -> dict[str, Any]:
    """What is understood of a message, with the language that the hub tells.

    Rasa makes a button's payload into a message of its own, without what our components found.
    """
    parsed: dict[str, Any] = await agent.processor.parse_message(message)
    told = message.metadata or {}
    if told.get("language") and told.get("script"):
        parsed[LANGUAGE] = {"code": told["language"], "script": told["script"]}
    return parsed


def owner_events(owner: str) -> list[Event]:
    """What the assistant's memory holds of an officer's stretch.

    A form that was open when the officer came is over: the officer has dealt with it.
    """
    over: list[Event] = [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
    return [*(over if owner == "officer" else []), SlotSet("owner", owner)]


def _result(output: TurnOutput, tracker: DialogueStateTracker) -> dict[str, Any]:
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    intent = parsed.get("intent") or {}
    topics = [e["value"] for e in parsed.get("entities", []) if e["entity"] == "topic"]
    return {
        "replies": output.replies,
        "understood": {
            "intent": intent.get("name"),
            "topic": topics[-1] if topics else None,
            "confidence": intent.get("confidence"),
            "guesses": parsed.get("intent_ranking", []),
            "loop": _loop(tracker),
        },
    }


def _loop(tracker: DialogueStateTracker) -> str | None:
    """The dialogue that this turn belongs to, also when it has just ended."""
    if tracker.active_loop_name:
        return str(tracker.active_loop_name)
    ended = False
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return None
        if isinstance(event, ActiveLoop):
            ended = True
        elif ended and isinstance(event, ActionExecuted):
            return str(event.action_name)
    return None


def log_no_variables() -> None:
    """Has tracebacks in the log without variables: the words of travelers are in them."""
    processors = structlog.get_config()["processors"]
    without = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    # in place, since loggers that have been used keep the list
    for place, processor in enumerate(processors):
        if isinstance(processor, structlog.processors.ExceptionRenderer):
            processors[place] = without


def _prepare(agent: Agent) -> None:
    """Has the agent call actions and run its graph our way, again when a model is loaded anew."""
    processor = agent.processor
    if processor.action_endpoint and not isinstance(processor.action_endpoint, WatchedEndpoint):
        processor.action_endpoint = WatchedEndpoint(processor.action_endpoint)
    if not isinstance(processor.graph_runner, PlannedRunner):
        processor.graph_runner = PlannedRunner(processor.graph_runner)


def _agent(request: Request) -> Agent | None:
    agent: Agent | None = request.app.ctx.agent
    return agent if agent is not None and agent.is_ready() else None


def _memory(agent: Agent) -> AssistantMemory:
    """Our tracker store inside the wrapper that Rasa puts around every store.

    Raises:
        TypeError: ``endpoints.yml`` names another store.
    """
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    if not isinstance(store, AssistantMemory):
        raise TypeError("endpoints.yml must name bot.tracker_store.AssistantMemory")
    return store


def _problem_of(
    body: Any, texts: tuple[str, ...] = ("sender", "message", "message_id")
) -> str | None:
    if not isinstance(body, dict):
        return "the body must be a JSON object"
    for key in texts:
        if not isinstance(body.get(key), str) or not body[key].strip():
            return f"'{key}' must be a text that is not empty"
    if not isinstance(body.get("metadata") or {}, dict):
        return "'metadata' must be an object"
    return None


def _problem(status: int, code: str, message: str) -> HTTPResponse:
    return response.json({"error": {"code": code, "message": message}}, status)
