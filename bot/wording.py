"""Rasa's NLG: picks the variation of a response in the traveler's language and script.

A response has one variation a language, marked ``metadata: {language: kk}``.
Kazakh stands in Cyrillic and Chinese in simplified characters; other scripts
are made from them.
"""

from __future__ import annotations

import copy
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.language_detector import LANGUAGE
from bot.scripts import to_script
from bot.turn import current_turn

DEFAULT = {"code": "en", "script": "Latn"}


class MissingWordingError(LookupError):
    """A response that the dialogue needs has no wording in the language asked for."""


class Wording(TemplatedNaturalLanguageGenerator):
    """Generates responses in the language of the tracker's last message."""

    def __init__(
        self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None
    ) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Like ``_worded``; marks the turn when that fails, since Rasa goes on without."""
        try:
            return self._worded(utter_action, tracker, **kwargs)
        except Exception as error:
            if turn := current_turn.get():
                turn.failures.append(f"wording: {error!r}")
            raise

    def _worded(
        self, utter_action: str, tracker: DialogueStateTracker, **kwargs: Any
    ) -> dict[str, Any]:
        """Returns ``{"text", "buttons", …, "metadata": {"language", "script"}}``.

        Raises:
            MissingWordingError: no variation in the language; a turn must not
                end in silence or in another language.
        """
        language = language_of(tracker)
        for variation in self.responses.get(utter_action, []):
            if (variation.get("metadata") or {}).get("language") == language["code"]:
                break
        else:
            raise MissingWordingError(f"{utter_action} has no wording in {language['code']}")
        message = self._fill_response(
            copy.deepcopy(variation), tracker.current_slot_values(), **kwargs
        )
        message["text"] = _in_script(message.get("text", ""), language)
        for button in message.get("buttons", []):
            button["title"] = _in_script(button["title"], language)
        message["metadata"] = {"language": language["code"], "script": language["script"]}
        return message


def language_of(tracker: DialogueStateTracker) -> dict[str, str]:
    """``{"code", "script"}`` of the traveler's last message."""
    latest = tracker.latest_message
    return (latest.parse_data.get(LANGUAGE) if latest else None) or DEFAULT


def _in_script(text: str, language: dict[str, str]) -> str:
    return to_script(text, language["code"], language["script"])
