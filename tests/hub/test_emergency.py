"""Recognizing calls for help: on lists by other writers than the examples', and without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.language import Language
from bot.text_model import TextModel
from hub import emergency, emergency_training
from hub.emergency import recognize
from hub.emergency_guide import KINDS

LIST = Path(__file__).parent.parent / "data" / "emergencies.tsv"
EXPRESSIONS = LIST.with_name("expressions.tsv")
"""How many they are, when and how they come: what dialogues ask for."""

LANGUAGES = ("zh", "kk", "ru", "en")
MOST_TAKEN = 0.02
"""Share of ordinary messages with words of emergency that may be taken for a call."""

MOST_ANSWERS_TAKEN = 0.04
"""The same for answers to what a dialogue asked; some tell of illness."""


def listed(language: str) -> list[tuple[str, str]]:
    """Kind and text of the messages of a language in the list."""
    rows = (line.split("\t") for line in LIST.read_text(encoding="utf-8").splitlines())
    return [(kind, text) for code, kind, _, text in rows if code == language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_call_of_the_list_is_caught(language: str) -> None:
    calls = [text for kind, text in listed(language) if kind != emergency.CALM]
    assert len(calls) >= 75
    assert [text for text in calls if recognize(text) is None] == []


def test_of_near_misses_hardly_any_is_taken() -> None:
    calm = [text for code in LANGUAGES for kind, text in listed(code) if kind == emergency.CALM]
    assert len(calm) >= 300
    taken = [(text, recognize(text)) for text in calm if recognize(text)]
    assert len(taken) <= MOST_TAKEN * len(calm), taken


def test_of_answers_to_what_is_asked_hardly_any_is_taken() -> None:
    rows = [line.split("\t") for line in EXPRESSIONS.read_text("utf-8").splitlines()[1:]]
    assert len(rows) >= 400
    answers = [(Language(code, script), text) for code, script, text, *_ in rows]
    taken = [text for language, text in answers if recognize(text, language)]
    assert len(taken) <= MOST_ANSWERS_TAKEN * len(answers), taken


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_not_among_the_examples(language: str) -> None:
    file = emergency.DATA / f"{language}.tsv"
    known = {line.split("\t")[2].strip() for line in file.read_text("utf-8").splitlines()}
    assert not known & {text for _, text in listed(language)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("he is not breathing!!", "collapse"),
        ("heart attack, hall 2", "medical"),
        ("баламды таба алмай жатырмын", "child_lost"),
        ("у него нож", "danger"),
        ("着火了快来人", "fire"),
        ("一个孩子噎住了", "choking"),
        ("ол есінен танып қалды", "collapse"),
        ("көмектесіңіздер!", "help"),
        ("comektesinizder kan toktamay jatyr", "bleeding"),
        ("救命啊", "help"),
        ("救命啊，有人掉進水裡了", None),
    ],
)
def test_the_kind_decides_what_is_said_first(text: str, kind: str | None) -> None:
    found = recognize(text)
    assert found in KINDS
    assert kind is None or found == kind


@pytest.mark.parametrize("word", ["help", "SOS!!!", "помогитеее", "救命", "көмек", "ambulance now"])
def test_a_bare_cry_is_always_a_call(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emergency, "_model", lambda: None)
    assert recognize(word) == "help"


@pytest.mark.parametrize(
    "text",
    [
        "quick",
        "?!",
        "быстро",
        "хорошее",
        "плохое",
        "快",
        "жақсы",
        "hello",
        "can I take my heart medicine through customs",
        "цены просто огонь",
        "一部关于火灾的电影叫什么",
        "телефон умер, где зарядить",
        "2026-03-03 – 2026-03-20",
        "05.12.2026",
        "12:30",
        "у сестры с 5 апреля по 4 мая",
    ],
)
def test_ordinary_words_are_left_to_the_assistant(text: str) -> None:
    assert recognize(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("my husband is unconscious", "collapse"),
        ("у мужа нет пульса", "collapse"),
        ("балам жоғалып кетті", "child_lost"),
        ("车着火了", "fire"),
        ("last year he was unconscious, can i bring his medicine", None),
        ("если пожар, куда идти", None),
    ],
)
def test_without_a_model_the_signs_of_the_phrases_decide(
    text: str, kind: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emergency, "_model", lambda: None)
    assert recognize(text) == kind


def test_a_model_that_is_not_there_is_said_and_does_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(emergency, "MODEL", tmp_path)
    emergency._model.cache_clear()
    assert emergency._model() is None
    assert "make train" in caplog.text
    emergency._model.cache_clear()


@pytest.mark.parametrize("broken", ["model.npz", "model.json"])
def test_a_broken_model_costs_neither_the_hub_nor_the_phrases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    for name in ("model.npz", "model.json"):
        content = (emergency.MODEL / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2] if name == broken else content)
    monkeypatch.setattr(emergency, "MODEL", tmp_path)
    emergency._model.cache_clear()
    assert recognize("my husband is unconscious") == "collapse"
    emergency._model.cache_clear()


def test_two_files_of_different_models_are_not_used_together(tmp_path: Path) -> None:
    model = TextModel.fit(["help me", "hello you"], ["fire", "calm"], c=1.0)
    model.save(tmp_path)
    json_of_another = (emergency.MODEL / "model.json").read_bytes()
    (tmp_path / "model.json").write_bytes(json_of_another)
    with pytest.raises(ValueError, match="do not belong together"):
        TextModel.read(tmp_path)


def test_a_conversations_language_decides_where_the_text_does_not_tell_it() -> None:
    kazakh = Language("kk", "Latn")
    assert emergency.read("komek", kazakh) == emergency.read("көмек")


@pytest.mark.parametrize("line", ["sick\tLatn\thelp", "calm\tLatn", "calm", "calm\tLatn\t  "])
def test_an_example_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "en.tsv").write_text(f"calm\tLatn\thello\n{line}\n", encoding="utf-8")
    with pytest.raises(emergency_training.BadExampleError, match=r"en\.tsv:2: needs kind"):
        list(emergency_training.examples(tmp_path))
