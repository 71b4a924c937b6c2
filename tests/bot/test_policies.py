"""Policies: an editor's mistake is refused with file and line; each day has its wording."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import policies
from bot.policies import LANGUAGES, POLICIES, load, problems_of
from bot.policy_texts import numbers_of, unnamed_emergency_number

GOOD = POLICIES / "cash_limits.yml"


def problems_with(tmp_path: Path, old: str, new: str, source: Path = GOOD) -> list[str]:
    """The problems of a policy in which one piece of text was replaced."""
    text = source.read_text(encoding="utf-8")
    assert old in text
    changed = tmp_path / source.name
    changed.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(problem) for problem in problems_of(changed)]


def line_of(text: str) -> int:
    lines = GOOD.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, start=1) if text in line)


def test_all_policies_load() -> None:
    assert load()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("topic: cash_limits", "topic: cash", "topic is 'cash' but the file is 'cash_limits.yml'"),
        (
            "jurisdiction: both",
            "jurisdiction: RU",
            "'jurisdiction' must be one of CN, KZ,",
        ),
        ("certainty: referred", "certainty: maybe", "'certainty' must be one of flat, referred"),
        ("verified: 2026-03-31", "verified: soon", "'verified' must be a day such as 2026-03-31"),
        ('date: "2025-10-03"', 'date: "2025-13-03"', 'a source\'s date is "2023"'),
        ("  en: >-", "  de: >-", "'answer' lacks the language 'en'"),
        ("related: [money_exchange", "related: [money", "'money' in related is no known topic"),
        ("verify_by: 2027-03-31\n", "", "'verify_by' is missing"),
        ("certainty:", "opinion: good\ncertainty:", "'opinion' is no field of a policy"),
        ("от 5 000 до", "от 6 000 до", "numbers of 'ru' differ from 'en': only here ['6000']"),
        (
            "Kazakhstan: bringing",
            "Call 120. Kazakhstan: bringing",
            "120 must stand in one sentence",
        ),
        ("topic: cash_limits", "topic: [", "is not YAML"),
        ("verify_by: 2027-03-31", "verify_by: 2027-02-30", "'verify_by' must be a day"),
        ("verify_by: 2027-03-31", "verify_by: 2025-03-31", "'verify_by' is before 'verified'"),
        ("jurisdiction: both", "jurisdiction: both\njurisdiction: CN", "stands twice"),
        ("jurisdiction: both", "jurisdiction: both\n1: x", "'1' is no field"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    found = problems_with(tmp_path, old, new)
    assert any(problem in each for each in found), found
    assert all(each.startswith(f"{tmp_path / GOOD.name}:") for each in found)


def test_the_line_is_where_the_mistake_stands(tmp_path: Path) -> None:
    (found,) = problems_with(tmp_path, "verified: 2026-03-31", "verified: soon")
    assert f".yml:{line_of('verified: ')}: " in found


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    odd = tmp_path / "pets.yml"
    odd.write_bytes(b"topic: \xff")
    assert "is not UTF-8" in str(next(problems_of(odd)))


def test_a_policy_of_an_unknown_topic_is_refused(tmp_path: Path) -> None:
    unknown = tmp_path / "moon_trips.yml"
    text = GOOD.read_text(encoding="utf-8").replace("topic: cash_limits", "topic: moon_trips")
    unknown.write_text(text, encoding="utf-8")
    assert "policy/moon_trips is no label" in str(next(problems_of(unknown)))


def test_loading_a_folder_with_one_bad_file_refuses_all_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    shutil.copytree(POLICIES, folder)
    (folder / "pets.yml").write_text("topic: pets\n", encoding="utf-8")
    with pytest.raises(policies.PolicyError, match=r"pets\.yml:1: 'answer' is missing"):
        load(folder)


def test_a_policy_changes_its_state_the_day_after_its_last() -> None:
    policy = load()["visa_free_stay"]
    assert policy.state(policy.verify_by) == "flat"
    assert policy.state(policy.verify_by + timedelta(days=1)) == "stale"
    assert load()["cash_limits"].state(date(2026, 4, 1)) == "referred"


@pytest.mark.parametrize(
    ("language", "text", "numbers"),
    [
        ("en", "up to 20,000 yuan by 14 September 2026", {"20000", "14", "9", "2026"}),
        ("ru", "до 20 000 юаней, 14 сентября 2026 года", {"20000", "14", "9", "2026"}),
        ("kk", "20 000 юаньға дейін, 2026 жылғы 14 қыркүйек", {"20000", "14", "9", "2026"}),
        ("zh", "20,000元，2026年9月14日", {"20000", "14", "9", "2026"}),
        ("en", "You may carry 1.5 litres", {"1.5"}),
        ("ru", "1,5 литра через Майкапчагай", {"1.5"}),
        ("kk", "маусымдық 1,5 литр", {"1.5"}),
        ("ru", "9 мая и в мае 2024", {"9", "5", "2024"}),
        ("kk", "9 мамырда", {"9", "5"}),
        ("kk", "16 маусым", {"16", "6"}),
        ("kk", "тәулік бойы", {"24"}),
        ("ru", "круглосуточно", {"24"}),
    ],
)
def test_numbers_and_months_are_read_alike_in_all_languages(
    language: str, text: str, numbers: set[str]
) -> None:
    assert numbers_of(text, language) == numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Call 120 in China.", None),
        ("Call 120.", "120"),
        ("In Kazakhstan call 110.", "110"),
        ("110 is the police in China.", None),
        ("Train 1120 leaves.", None),
    ],
)
def test_an_emergency_number_needs_its_country(text: str, number: str | None) -> None:
    assert unnamed_emergency_number(text, "en") == number


def test_all_four_languages_are_there() -> None:
    for policy in load().values():
        assert set(policy.answer) == set(LANGUAGES), policy.topic
