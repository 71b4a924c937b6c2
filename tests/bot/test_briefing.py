"""The briefing: the same facts in all languages, each with its source and how sure it is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.briefing import BRIEFING, Step, load
from bot.language import SCRIPTS
from bot.policies import LANGUAGES
from bot.policies import load as policies
from bot.policy_texts import numbers_of, unnamed_emergency_number
from bot.scripts import to_script

STEPS = {step.key: step for step in load()}


def texts(step: Step) -> list[dict[str, str]]:
    return [step.title, step.text, *(item.text for item in step.items)]


def test_the_steps_come_in_the_order_of_the_trip() -> None:
    assert list(STEPS) == [
        "documents",
        "checks",
        "hall",
        "customs_out",
        "group",
        "time",
        "money",
        "emergency",
        "customs_back",
        "return",
    ]


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_states_the_same_numbers_and_dates_in_all_languages(step: Step) -> None:
    for text in texts(step):
        numbers = {language: numbers_of(text[language], language) for language in LANGUAGES}
        for language in LANGUAGES:
            assert numbers[language] == numbers["en"], (language, text[language])


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_states_no_number_that_its_policies_do_not(step: Step) -> None:
    known: set[str] = set()
    for policy in policies().values():
        known |= numbers_of(policy.answer["en"], "en")
        for source in policy.sources:
            known |= numbers_of(source.name["en"], "en") | numbers_of(source.date, "en")
    told = numbers_of(step.text["en"], "en")
    assert told - known == set()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_no_emergency_number_stands_without_its_country(step: Step) -> None:
    for text in texts(step):
        for language in LANGUAGES:
            assert unnamed_emergency_number(text[language], language) is None, text[language]


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_is_short_and_has_something_to_tick(step: Step) -> None:
    assert 1 <= len(step.items) <= 4
    for language in LANGUAGES:
        assert len(step.title[language]) <= 40
        sentences = step.text[language].count("。" if language == "zh" else ". ")
        assert sentences <= 4, language


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_names_each_source_with_its_date_in_every_language(step: Step) -> None:
    assert step.sources
    for language in LANGUAGES:
        line = step.sources_line(language)
        for source in step.sources:
            assert source.name[language] in line
            assert source.date[:4] in line


def test_what_is_not_flat_says_so_and_whom_to_ask() -> None:
    assert {key for key, step in STEPS.items() if step.certain} == {"time", "emergency"}
    for step in STEPS.values():
        for language in LANGUAGES:
            caution = step.caution(language, step.checked)
            assert ("12367" in caution) is not step.certain


def test_past_its_day_even_a_certain_step_says_when_it_was_checked() -> None:
    step = STEPS["time"]
    assert step.caution("en", step.check_by) == ""
    caution = step.caution("en", step.check_by + timedelta(days=1))
    assert "31 March 2026" in caution
    assert "12367" in caution


def test_kazakh_can_be_written_in_every_script() -> None:
    for step in STEPS.values():
        for text in texts(step):
            for script in SCRIPTS["kk"][1:]:
                assert not set("әғқңөұүһіыё") & set(to_script(text["kk"], "kk", script).lower())


def test_ids_of_items_are_unique_over_all_steps() -> None:
    ids = [step.item_id(item) for step in STEPS.values() for item in step.items]
    assert len(ids) == len(set(ids)) == 27


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("hall_rules: []", "hal_rules: []", "hal_rules is no policy"),
        ('inspection_steps: ["2025-01-14"', 'inspection_steps: ["2025-01-15"', "no source of"),
        ("- key: hall\n", "- key: checks\n", "a key stands twice"),
        (", en: Money}", "}", "needs the languages"),
    ],
)
def test_a_mistake_in_the_file_is_refused(tmp_path: Path, old: str, new: str, problem: str) -> None:
    text = BRIEFING.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / "briefing.yml"
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        load(changed)
