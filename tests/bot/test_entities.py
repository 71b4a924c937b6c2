"""Counts, dates, times, places, direction and vehicle in messages of four languages."""

from __future__ import annotations

import csv
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entities import MOST_PEOPLE, find
from bot.language import SCRIPTS
from tests.system import ROOT

TUESDAY = date(2026, 11, 24)


def expressions() -> list[list[str]]:
    path = ROOT / "tests" / "data" / "entities.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))[1:]


@pytest.mark.parametrize(
    ("language", "script", "text", "expected"), expressions(), ids=lambda value: value
)
def test_what_a_message_says(language: str, script: str, text: str, expected: str) -> None:
    found = find(text, language, script, TUESDAY)
    assert sorted(f"{each.kind}={each.value}" for each in found) == sorted(expected.split())


@pytest.mark.parametrize("text", ["31.02.2027", "30 February", "2026-13-01", "32 августа"])
def test_a_day_that_no_calendar_has_is_not_found(text: str) -> None:
    for language in ("en", "ru"):
        assert not [e for e in find(text, language, "Latn", TUESDAY) if e.kind == "date"]


def test_a_weekday_is_the_next_one_and_never_today() -> None:
    (found,) = find("on Tuesday", "en", "Latn", TUESDAY)
    assert found.value == "2026-12-01"


def test_a_number_too_large_for_a_party_is_no_count() -> None:
    assert not find(f"{MOST_PEOPLE + 1} people", "en", "Latn", TUESDAY)
    assert find(f"{MOST_PEOPLE} people", "en", "Latn", TUESDAY)


@given(st.text(max_size=120), st.sampled_from(sorted(SCRIPTS)), st.dates(date(2000, 1, 1)))
def test_no_message_is_too_odd(text: str, language: str, today: date) -> None:
    for each in find(text, language, SCRIPTS[language][0], today):
        assert each.value or each.value == 0
