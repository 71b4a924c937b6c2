"""Counts, dates, times, places, help wanted and the like in messages of four languages."""

from __future__ import annotations

import csv
import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.entities import MOST_PEOPLE, find, number_in, time_in
from bot.entities.words import WORDS
from bot.language import SCRIPTS
from bot.scripts import to_script
from tests.system import ROOT

TUESDAY = date(2026, 11, 24)


def rows(name: str) -> list[list[str]]:
    path = ROOT / "tests" / "data" / name
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def found_in(text: str, language: str, script: str) -> list[str]:
    return [f"{each.kind}={each.value}" for each in find(text, language, script, TUESDAY)]


@pytest.mark.parametrize(
    ("language", "script", "text", "expected"),
    rows("entities.tsv") + rows("expressions.tsv"),
    ids=lambda value: value,
)
def test_what_a_message_says(language: str, script: str, text: str, expected: str) -> None:
    # what was written of a bad day may have spaces
    wanted = [each for each in re.split(r" (?=[a-z_]+=)", expected) if each]
    assert sorted(found_in(text, language, script)) == sorted(wanted)


def test_words_are_spelt_as_messages_are_read() -> None:
    """Without the letters that reading folds, nor Latin ones among Cyrillic."""
    listed = WORDS.read_text(encoding="utf-8").replace("\\w", " ")
    assert not re.findall(r"\S*(?:[әғқңөұүһіё]|[а-я][a-z]|[a-z][а-я])\S*", listed)


def test_every_language_and_script_is_tried() -> None:
    tried = [(language, script) for language, script, _, _ in rows("expressions.tsv")]
    for language, scripts in SCRIPTS.items():
        assert sum(code == language for code, _ in tried) >= 60
        assert {script for code, script in tried if code == language} == set(scripts)


@pytest.mark.parametrize("script", ["Arab", "Latn"])
@pytest.mark.parametrize(
    "text",
    [
        "үшеуміз",
        "төрт адамбыз",
        "анама арба керек",
        "жүкті әйел",
        "ертең сағат он бір жарымда",
        "екі күннен кейін",
        "сәрсенбі күні таңертең",
        "Қазақстан уақытымен сағат 10-да",
        "қазір",
        "сәбиім бар",
    ],
)
def test_kazakh_says_the_same_in_every_script(text: str, script: str) -> None:
    cyrillic = found_in(text, "kk", "Cyrl")
    assert cyrillic
    assert found_in(to_script(text, "kk", script), "kk", script) == cyrillic


@pytest.mark.parametrize("text", ["31.02.2027", "30 February", "2026-13-01", "32 августа"])
def test_a_day_that_no_calendar_has_comes_back_as_written(text: str) -> None:
    language = "ru" if "августа" in text else "en"
    assert found_in(text, language, SCRIPTS[language][0]) == [f"bad_date={text}"]


def test_a_bad_day_written_in_kazakh_words_has_its_proper_name() -> None:
    assert found_in("31 aqpan", "kk", "Latn") == ["bad_date=31 aqpan"]
    assert found_in("otyz bir aqpan", "kk", "Latn") == ["bad_date=31 ақпан"]


def test_a_weekday_is_the_next_one_and_never_today() -> None:
    assert found_in("on Tuesday", "en", "Latn") == ["date=2026-12-01"]
    assert found_in("this Tuesday", "en", "Latn") == ["date=2026-11-24"]


def test_a_day_without_a_year_that_just_passed_is_not_moved_to_next_year() -> None:
    assert found_in("20 ноября", "ru", "Cyrl") == ["date=2026-11-20"]
    assert found_in("20 августа", "ru", "Cyrl") == ["date=2027-08-20"]


def test_a_number_too_large_for_a_party_is_no_count() -> None:
    assert found_in(f"{MOST_PEOPLE} people", "en", "Latn") == [f"count={MOST_PEOPLE}"]
    assert not found_in("20000人", "zh", "Hans")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("in half an hour", "en"),
        ("через полчаса", "ru"),
        ("半小时后", "zh"),
        ("жарты сағаттан кейін", "kk"),
    ],
)
def test_minutes_from_now_count_on_the_port_s_clock_past_midnight(text: str, language: str) -> None:
    now = datetime(2026, 11, 24, 23, 40)
    found = find(text, language, SCRIPTS[language][0], TUESDAY, now)
    assert [(each.kind, each.value) for each in found] == [
        ("date", "2026-11-25"),
        ("time", "00:10"),
        ("zone", "beijing"),
    ]
    assert not find(text, language, SCRIPTS[language][0], TUESDAY)


def test_now_is_no_time_of_a_trip_on_another_day() -> None:
    assert found_in("сейчас в Алматы, приеду завтра", "ru", "Cyrl")[0] == "date=2026-11-25"
    assert not [e for e in found_in("сейчас дома, приеду завтра", "ru", "Cyrl") if "time" in e]


def test_a_phone_number_is_neither_a_day_nor_a_count() -> None:
    assert found_in("+7 705 121 23 45, 2 человека", "ru", "Cyrl") == [
        "count=2",
        "contact=+77051212345",
    ]


def test_identity_numbers_are_no_phones() -> None:
    for number in ("650103198001011234", "800101300123", "N12345678"):
        assert not found_in(f"my number {number}", "en", "Latn")


@pytest.mark.parametrize(
    ("text", "language", "script", "number"),
    [
        ("four", "en", "Latn", 4),
        ("4.", "en", "Latn", 4),
        ("three, no, four", "en", "Latn", 4),
        ("not 3 but 4", "en", "Latn", 4),
        ("4, at 10 am", "en", "Latn", 4),
        ("a couple", "en", "Latn", 2),
        ("zero", "en", "Latn", 0),
        ("me", "en", "Latn", 1),
        ("вчетвером", "ru", "Cyrl", 4),
        ("четыре", "ru", "Cyrl", 4),
        ("двадцать один", "ru", "Cyrl", 21),
        ("я с мамой", "ru", "Cyrl", 2),
        ("одна", "ru", "Cyrl", 1),
        ("төртеу", "kk", "Cyrl", 4),
        ("4-еу", "kk", "Cyrl", 4),
        ("төрт", "kk", "Cyrl", 4),
        ("біреу", "kk", "Cyrl", 1),
        ("tórteu", "kk", "Latn", 4),
        ("ٴتورتەۋ", "kk", "Arab", 4),
        ("四个", "zh", "Hans", 4),
        ("四", "zh", "Hans", 4),
        ("兩個", "zh", "Hant", 2),
        ("俩", "zh", "Hans", 2),
        ("二十三", "zh", "Hans", 23),
        ("tomorrow at 10", "en", "Latn", None),
        ("не знаю", "ru", "Cyrl", None),
        ("13812345678", "zh", "Hans", None),
    ],
)
def test_a_bare_number_answers_how_many(
    text: str, language: str, script: str, number: int | None
) -> None:
    assert number_in(text, language, script) == number


@pytest.mark.parametrize(
    ("text", "language", "time"),
    [
        ("10", "en", "10:00"),
        ("ten thirty", "en", "10:30"),
        ("now", "en", "now"),
        ("десять вечера", "ru", "22:00"),
        ("10 30", "ru", "10:30"),
        ("он", "kk", "10:00"),
        ("кешкі 7", "kk", "19:00"),
        ("下午三", "zh", "15:00"),
        ("25", "en", None),
        ("later", "en", None),
    ],
)
def test_a_bare_hour_answers_when(text: str, language: str, time: str | None) -> None:
    assert time_in(text, language, SCRIPTS[language][0]) == time


@given(st.text(max_size=120), st.sampled_from(sorted(SCRIPTS)), st.dates())
def test_no_message_is_too_odd(text: str, language: str, today: date) -> None:
    script = SCRIPTS[language][0]
    now = datetime(2026, 11, 24) + timedelta(hours=5)
    for each in find(text, language, script, today, now):
        assert each.value or each.value == 0
    number_in(text, language, script)
    time_in(text, language, script)
