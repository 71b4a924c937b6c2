"""How the assistant calls the action server: a failed call fails the turn, a good one is quick."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import aiohttp
import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.turn import current_turn

ACTION_TIMEOUT = 10.0
"""Seconds that one custom action may take before the turn counts as failed."""

REJECTED = 400
"""Status by which an action says that it can't be run now; Rasa goes on without it."""


class WatchedEndpoint(EndpointConfig):
    """The action server, as Rasa calls it; a failed call marks the turn."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        self.__dict__.update(endpoint.__dict__)
        self._session: aiohttp.ClientSession | None = None

    def session(self) -> AbstractAsyncContextManager[aiohttp.ClientSession]:
        """One session that keeps its connection; Rasa opens one anew for every action."""
        if self._session is None:
            self._session = super().session()
        return nullcontext(self._session)

    async def request(self, *arguments: Any, **options: Any) -> Any:
        options["timeout"] = aiohttp.ClientTimeout(total=ACTION_TIMEOUT)
        try:
            return await super().request(*arguments, **options)
        except Exception as error:
            rejected = isinstance(error, ClientResponseError) and error.status == REJECTED
            turn = current_turn.get()
            if turn is not None and not rejected:
                turn.failures.append(f"action: {error!r}")
            raise


def check_responses_once() -> None:
    """Has Rasa check each response of an action with a validator made once.

    Rasa 3.6 checks its own JSON schema anew before every response: 17 of the
    25 ms that a turn with an action took.
    """
    validator = jsonschema.validators.validator_for(RemoteAction.action_response_format_spec())(
        RemoteAction.action_response_format_spec()
    )

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        try:
            validator.validate(result)
        except jsonschema.ValidationError as error:
            if turn := current_turn.get():
                turn.failures.append(f"action's response: {error.message}")
            raise
        return True

    RemoteAction._validate_action_result = validate
