"""Reads rules with the intent ``policy`` known, which Rasa adds to the domain only later.

Rasa knows a retrieval intent from its examples, but checks rules before it
has read them: naming it in ``domain.yml`` or not, every command warned of it.
"""

from __future__ import annotations

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.rasa import RasaFileImporter


class Importer(RasaFileImporter):
    """Rasa's own importer of files, for ``importers`` in ``config.yml``."""

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        retrieval = Domain.from_dict({"intents": ["policy"]})
        return utils.story_graph_from_paths(
            self._story_files, self.get_domain().merge(retrieval), exclusion_percentage
        )
