"""The example messages: enough of each, none twice, none under two labels."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

import pytest
import yaml

from tests.system import ROOT

LANGUAGES = ("zh", "kk", "ru", "en")
AT_LEAST = 40
"""Examples of a label in a language."""


@lru_cache(maxsize=1)
def examples() -> dict[tuple[str, str], list[str]]:
    """Example messages by language and label."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for language in LANGUAGES:
        for path in (ROOT / "data" / "nlu" / language).rglob("*.yml"):
            for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
                assert block["metadata"] == {"language": language}, path
                lines = block["examples"].splitlines()
                found[language, block["intent"]] += [line[2:] for line in lines]
    return found


def labels() -> list[str]:
    return list(yaml.safe_load((ROOT / "data" / "titles.yml").read_text(encoding="utf-8")))


def plain(text: str) -> str:
    """A message without case and punctuation."""
    return re.sub(r"[\W_]+", " ", text.casefold()).strip() or text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_has_enough_examples(language: str) -> None:
    few = {
        label: len(examples()[language, label])
        for label in labels()
        if len(examples()[language, label]) < AT_LEAST
    }
    assert not few


def test_no_example_stands_twice_or_under_two_labels() -> None:
    places = defaultdict(list)
    for place, texts in examples().items():
        for text in texts:
            places[plain(text)].append(place)
    assert not {text: found for text, found in places.items() if len(found) > 1}


def test_examples_stand_under_known_labels_only() -> None:
    assert {label for _, label in examples()} == set(labels())


def test_kazakh_is_there_in_all_its_scripts_for_every_label() -> None:
    for label in labels():
        texts = examples()["kk", label]
        for script in ("[а-яәғқңөұүһі]", "[ا-ە]", "^[^а-яА-ЯӘәҒғҚқҢңӨөҰұҮүҺһІіا-ە]*[a-z]"):
            assert sum(bool(re.search(script, text)) for text in texts) >= 2, (label, script)


def test_chinese_is_there_in_traditional_characters_for_every_label() -> None:
    from bot.scripts.convert import chinese_script

    for label in labels():
        texts = examples()["zh", label]
        assert sum(chinese_script(text) == "Hant" for text in texts) >= 2, label


def test_test_messages_are_no_examples() -> None:
    known = {plain(text) for texts in examples().values() for text in texts}
    lines = (ROOT / "tests" / "data" / "messages.tsv").read_text(encoding="utf-8").splitlines()
    texts = [plain(line.split("\t")[4]) for line in lines[1:]]
    assert not known.intersection(texts)
