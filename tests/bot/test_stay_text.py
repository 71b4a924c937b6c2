"""Stays, plan and country in messages of four languages and all scripts."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import SCRIPTS
from bot.stay_text import Reading, Span, read
from tests.system import ROOT

TUESDAY = date(2026, 11, 24)


def expressions() -> list[list[str]]:
    path = ROOT / "tests" / "data" / "stays.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def told(reading: Reading) -> list[str]:
    """A reading as the list of expressions writes it."""
    said = [f"stay={_span(stay)}" for stay in reading.stays]
    if reading.plan:
        said.append(f"plan={_span(reading.plan)}")
    for name in ("days", "until", "since", "country"):
        if (value := getattr(reading, name)) is not None:
            said.append(f"{name}={value}")
    said += [f"bad={year}-{month}-{day}" for year, month, day in reading.impossible]
    return said + [name for name in ("corrects", "again") if getattr(reading, name)]


def _span(span: Span) -> str:
    return f"{span.first}..{span.last or ''}"


@pytest.mark.parametrize(
    ("language", "script", "text", "expected"), expressions(), ids=lambda value: value
)
def test_what_a_message_says_of_stays(language: str, script: str, text: str, expected: str) -> None:
    assert sorted(told(read(text, language, script, TUESDAY))) == sorted(expected.split())


def test_every_language_has_its_expressions() -> None:
    by_language = Counter(row[0] for row in expressions())
    assert min(by_language[code] for code in SCRIPTS) >= 15


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2–20 December"),
        ("zh", "12月2日到20日"),
        ("ru", "2–20 декабря"),
        ("kk", "2–20 желтоқсан"),
    ],
)
def test_days_without_year_are_the_last_ones_unless_a_plan_was_asked_for(
    language: str, text: str
) -> None:
    script = SCRIPTS[language][0]
    (stay,) = read(text, language, script, TUESDAY).stays
    assert stay == Span(date(2025, 12, 2), date(2025, 12, 20))
    plan = read(text, language, script, TUESDAY, "plan").plan
    assert plan == Span(date(2026, 12, 2), date(2026, 12, 20))


def test_a_plan_far_ahead_is_a_stay_remembered_late() -> None:
    reading = read("and 1-15 October", "en", "Latn", TUESDAY, "plan")
    assert reading.plan is None
    assert reading.stays == (Span(date(2026, 10, 1), date(2026, 10, 15)),)


def test_29_february_is_no_day_of_a_year_without_one() -> None:
    assert read("20-29 February", "en", "Latn", TUESDAY).impossible
    (stay,) = read("20-29 February 2024", "en", "Latn", TUESDAY).stays
    assert stay.last == date(2024, 2, 29)


def test_a_message_of_days_alone_is_told_from_one_about_something_else() -> None:
    assert read("no, until 22 March", "en", "Latn", TUESDAY).bare
    assert read("2026-03-03 – 2026-03-20", "kk", "Arab", TUESDAY).bare
    text = "I need a wheelchair for my grandmother on 5 December please"
    assert not read(text, "en", "Latn", TUESDAY).bare


@given(
    st.text(st.sampled_from("0123456789.-–/ мартаmarch月日到从with入境by по наурыз"), max_size=40),
    st.sampled_from(sorted(SCRIPTS)),
    st.dates(date(2000, 1, 1), date(2200, 1, 1)),
)
def test_no_message_is_too_odd(text: str, language: str, today: date) -> None:
    read(text, language, SCRIPTS[language][0], today)
