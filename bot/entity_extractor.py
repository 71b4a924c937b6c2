"""Rasa component: counts, dates, times, places, help wanted and the like as entities."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.clocks import PORT_TIME
from bot.entities import find
from bot.language import SCRIPTS
from bot.language_detector import LANGUAGE


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityExtractor(GraphComponent):
    """Adds ``{"entity": kind, "value": value}`` for everything that ``bot.entities`` finds."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EntityExtractor:
        # the first message in a language would wait for its patterns to be compiled
        for language, scripts in SCRIPTS.items():
            find("", language, scripts[0], date.today())
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        now = datetime.now(PORT_TIME)
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            language = message.get(LANGUAGE)
            found = [
                {"entity": each.kind, "value": each.value, "extractor": type(self).__name__}
                for each in find(text, language["code"], language["script"], now.date(), now)
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages
