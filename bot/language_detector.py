"""Rasa component: which language and script a message is in.

The hub has already decided for the messages it sends; they carry the result
in their metadata. For everything else (``rasa shell``, training) the same pure
function decides here, so that both ways see one rule.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.language import SCRIPTS, Language, detect

LANGUAGE = "language"
"""Property of a message, and key of its parse data: ``{"code", "script"}``."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LanguageDetector(GraphComponent):
    """Puts ``{"code": "kk", "script": "Cyrl"}`` on every message."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LanguageDetector:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            language = _language_of(message)
            message.set(
                LANGUAGE, {"code": language.code, "script": language.script}, add_to_output=True
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data


def _language_of(message: Message) -> Language:
    told = message.get("metadata") or {}
    if told.get("language") and told.get("script"):
        return Language(told["language"], told["script"])
    # an example of data/nlu names its language, as a conversation would
    code = (told.get("intent") or {}).get("language")
    current = Language(code, SCRIPTS[code][0]) if code else None
    return detect(message.get(TEXT) or "", current).language
