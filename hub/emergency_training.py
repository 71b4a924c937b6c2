"""Learns what a call for help looks like: ``python -m hub.emergency_training``, of ``make train``.

Calls and near misses stand in ``data/emergency/<language>.tsv`` (kind, script,
text). Every example of ``data/nlu`` is an ordinary message besides, but for the
topics that report an emergency.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from bot.language import SCRIPTS, Language
from bot.scripts import normalize
from bot.text_model import TextModel
from hub.emergency import CALM, DATA, MODEL, read
from hub.emergency_guide import KINDS

NLU = Path(__file__).parent.parent / "data" / "nlu"
REPORTS = {"report_medical_emergency": "medical", "report_danger": "danger"}
"""Topics whose examples are calls, and of which kind."""

C, WRITTEN_FOR_THIS = 30.0, 3.0
"""Inverse of the regularization, and what an example of ``data/emergency`` counts.

Measured on lists of other writers than the examples'.
"""

_MARKED = re.compile(r"\[([^\]]*)\][({][^)}]*[)}]")


class BadExampleError(ValueError):
    """A line of the examples can't be used; the message names it and says what it takes."""


def main() -> int:
    try:
        written = list(examples())
    except BadExampleError as error:
        print(error, file=sys.stderr)
        return 1
    ordinary = list(topic_examples())
    texts, labels = zip(*written, *ordinary)
    weights = [WRITTEN_FOR_THIS] * len(written) + [1.0] * len(ordinary)
    model = TextModel.fit(list(texts), list(labels), C, weights)
    MODEL.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=MODEL.parent) as folder:
        model.save(Path(folder))
        MODEL.mkdir(exist_ok=True)
        # make looks at the last of them
        for name in ("model.json", "model.npz"):
            (Path(folder) / name).replace(MODEL / name)
    calls = sum(label != CALM for label in labels)
    print(f"Emergencies: learnt from {calls} calls and {len(labels) - calls} other messages.")
    return 0


def examples(folder: Path = DATA) -> Iterator[tuple[str, str]]:
    """Normalized text and label of every line of ``<language>.tsv``.

    Twice where the language can't be told from the text alone: a traveler in
    need does not choose one first.

    Raises:
        BadExampleError
    """
    for file in sorted(folder.glob("*.tsv")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
            label, script, text = [*line.split("\t"), "", ""][:3]
            if label not in (*KINDS, CALM) or not text.strip():
                raise BadExampleError(
                    f"{file}:{number}: needs kind, script and text between tabs; "
                    f"a kind is one of {', '.join((*KINDS, CALM))}"
                )
            for reading in dict.fromkeys((normalize(text, file.stem, script), read(text))):
                yield reading, label


def topic_examples(folder: Path = NLU) -> Iterator[tuple[str, str]]:
    """Normalized text and label of every example of the assistant's topics."""
    for code, scripts in SCRIPTS.items():
        for file in sorted((folder / code).glob("**/*.yml")):
            for topic in yaml.safe_load(file.read_text("utf-8"))["nlu"]:
                label = REPORTS.get(topic["intent"], CALM)
                for example in topic["examples"].splitlines():
                    text = _MARKED.sub(r"\1", example.removeprefix("- "))
                    yield read(text, Language(code, scripts[0])), label


if __name__ == "__main__":
    sys.exit(main())
