"""Days that a message names: today, Friday next week, 1 August, on the 5th, in two days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

from bot.entities.reading import Reading
from bot.entities.words import patterns, valued, words
from bot.language import LOCALES
from bot.scripts.convert import readable

JUST_PASSED = 31
"""A day without a year that passed no more days ago is that day, and not next year's."""

_NO_AMOUNT = r"(?! ?(?:[$€¥₸%]|usd|dollar|доллар|евро|руб|тенге|юан|кг|kg|литр|km|км))"
_NUMERIC = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4}|\d{2})(?!\d)"),
    re.compile(r"(?:(?P<y>\d{4})年)?(?<!\d)(?P<m>\d{1,2})月(?P<d>\d{1,2})(?!\d)[日号]?"),
    re.compile(r"(?<![\d.])(?P<m>\d{1,2})\.(?P<d>\d{1,2})[日号]"),
    re.compile(r"(?<![\d.:])(?P<d>\d{1,2})\.(?P<m>0[1-9]|1[0-2])(?P<y>)(?![\d.:])" + _NO_AMOUNT),
)


def read(reading: Reading, today: date) -> tuple[list[date], list[str]]:
    """Days in the order they stand, and what was written of days that no calendar has."""
    found: list[tuple[int, date]] = []
    bad: list[str] = []
    for match, day in _named(reading, today):
        if reading.take(match):
            if day:
                found.append((match.start(), day))
            else:
                bad.append(_written(match, reading))
    return list(dict.fromkeys(day for _, day in sorted(found))), bad


def _named(reading: Reading, today: date) -> Iterator[tuple[re.Match[str], date | None]]:
    """Every naming of a day; searched in what is left, since the caller takes each at once."""
    language = reading.language
    for pattern in (*_NUMERIC, *_with_month(language)):
        for match in pattern.finditer(reading.rest):
            # "1 August" and "August 1" are the two halves of the English pattern
            parts = {key.rstrip("2"): part for key, part in match.groupdict().items() if part}
            month = _months(language)[parts["name"]] if "name" in parts else int(parts["m"])
            yield match, _day(parts.get("y"), month, int(parts["d"]), today)
    for section, sign in (("in_days", 1), ("days_ago", -1)):
        for pattern in patterns(section, language):
            for match in pattern.finditer(reading.rest):
                day = _shifted(today, sign * _distance(match))
                if day:
                    yield match, day
    for distance, pattern in valued("days", language):
        for match in pattern.finditer(reading.rest):
            day = _shifted(today, distance)
            if day:
                yield match, day
    yield from _weekdays(reading, today)
    for pattern in patterns("day_alone", language):
        for match in pattern.finditer(reading.rest):
            in_next_month = bool(match.groupdict().get("next"))
            yield match, _day_alone(int(match.group("d")), today, in_next_month)


def _day(year: str | None, month: int, day: int, today: date) -> date | None:
    """A calendar day; without a year the next one, but for one that has just passed."""
    try:
        if year:
            return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        years = (today.year - 1, today.year, today.year + 1)
        earliest = _shifted(today, -JUST_PASSED) or date.min
        candidates = [d for y in years if (d := _calendar(y, month, day))]
        return next((d for d in candidates if d >= earliest), None)
    except ValueError:
        return None


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _day_alone(day: int, today: date, in_next_month: bool) -> date | None:
    """The next such day of a month; ``None`` past 31."""
    if not 1 <= day <= 31:
        return None
    month = today.year * 12 + today.month - 1 + in_next_month
    for index in range(month, month + 3):
        candidate = _calendar(index // 12, index % 12 + 1, day)
        if candidate and candidate >= today:
            return candidate
    return None


def _shifted(today: date, distance: int) -> date | None:
    try:
        return today + timedelta(days=distance)
    except OverflowError:
        return None


def _distance(match: re.Match[str]) -> int:
    parts = {key.rstrip("2"): part for key, part in match.groupdict().items() if part}
    number = parts.get("n", "1")
    many = int(number) if number.isdecimal() else 2 if "couple" in number else 1
    return many * (7 if re.match(words()["weeks"], parts["u"]) else 1)


def _weekdays(reading: Reading, today: date) -> Iterator[tuple[re.Match[str], date]]:
    for number, pattern in _weekday_patterns(reading.language):
        for match in pattern.finditer(reading.rest):
            said = match.groupdict()
            if said.get("every"):
                continue
            monday = today - timedelta(days=today.weekday()) if today.toordinal() > 7 else today
            weeks = next((w for name, w in _WEEKS.items() if said.get(name)), None)
            if weeks is None:
                day = _shifted(today, (number - today.weekday() - 1) % 7 + 1)
            else:
                day = _shifted(monday, weeks * 7 + number)
            if day:
                yield match, day


_WEEKS = {"after_next": 2, "next": 1, "next_after": 1, "this": 0, "last": -1}


@cache
def _weekday_patterns(language: str) -> list[tuple[int, re.Pattern[str]]]:
    """Weekdays (Monday is 0) with the week they are said to be of."""
    space = "" if language == "zh" else " "
    week = "|".join(
        f"(?P<{name}>{words()[section][language]})"
        for name, section in (
            ("every", "every_week"),
            ("after_next", "week_after_next"),
            ("next", "next_week"),
            ("this", "this_week"),
            ("last", "last_week"),
        )
    )
    before = f"(?:(?:{week}){space})?"
    after = f"(?:{space}(?:on )?(?P<next_after>{words()['next_week_after'][language]}))?"
    begin = "(?<!\\d)" if language == "zh" else r"(?<!\w)(?<!\d )"
    found = [
        (number, re.compile(begin + before + name + after))
        for number, name in _weekday_names(language)
    ]
    for short, number in words()["weekdays_short"].get(language, {}).items():
        joint = words()["short_weekday_after"][language]
        found.append((number, re.compile(rf"(?<!\w){joint}{short}(?!\w)")))
    return found


def _weekday_names(language: str) -> Iterator[tuple[int, str]]:
    for number, name in get_day_names("wide", "format", LOCALES[language]).items():
        folded = readable(name, language, "Cyrl")
        if language == "zh":
            yield number, f"(?:星期|周|礼拜)(?:{'[日天]' if number == 6 else number + 1})(?!次|\\d)"
        elif language == "ru":
            stem = folded[:-1] if folded[-1] in "ая" else folded
            # по пятницам: every one of them
            yield number, rf"{stem}(?!\w*(?:ам|ям)(?!\w))\w*"
        elif language == "en":
            yield number, rf"{folded}(?:'s)?(?!\w)"
        else:
            yield number, rf"{folded}(?!лар|лер|бай|бек|гул)\w*"


@cache
def _months(language: str) -> dict[str, int]:
    """Beginnings of the names of months: enough letters to tell them apart."""
    stems = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, "format", LOCALES[language]).items():
            folded = readable(name, language, "Cyrl").rstrip(".")
            stem = folded[:-1] if language == "ru" and width == "wide" else folded
            if len(stem) >= 3:
                stems[stem] = number
    return stems


@cache
def _with_month(language: str) -> tuple[re.Pattern[str], ...]:
    if language == "zh":
        return ()
    stems = "|".join(sorted(map(re.escape, _months(language)), key=len, reverse=True))
    name = rf"(?<!\w)(?P<name>{stems})\w*\.?"
    year = r"(?:[ ,]*(?P<y>\d{4})(?!\d))?"
    if language == "en":
        before = rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {name}{year}"
        verb = "(?<!we )(?<!i )(?<!you )(?<!they )"  # we may, I march
        # may 1 guest return: a noun follows
        noun = r"(?! (?:guest|person|people|passport|car|truck|bus|of|bag|bottle)s?(?!\w))"
        after = rf"{verb}{name} (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){noun}{year}"
        # a group's name may stand only once in a pattern
        renamed = after.replace("?P<name>", "?P<name2>").replace("?P<y>", "?P<y2>")
        return (re.compile(rf"(?:{before})|(?:{renamed})"),)
    return (re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:-?(?:го|е|ши|шы|ого))? ?{name}{year}"),)


def _written(match: re.Match[str], reading: Reading) -> str:
    """What stands in the message; where spelling moved it, a Kazakh month by its proper name."""
    start, end = match.span()
    if len(reading.written) == len(reading.text):
        return reading.written[start:end].strip()
    parts = match.groupdict()
    if parts.get("name") and reading.language == "kk":
        month = _months("kk")[parts["name"]]
        return f"{parts['d']} {get_month_names('wide', 'format', 'kk')[month]}"
    return match.group().strip()
