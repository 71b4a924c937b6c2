"""What a message says of counts, days, times, places, direction and vehicle; pure.

Own rules over word lists (``data/languages/entities.yml``): libraries were
measured worse on short mixed messages and know no Kazakh. Names of months and
weekdays come from CLDR (Babel).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import get_day_names, get_month_names

from bot.scripts.convert import places_in, readable

WORDS = Path(__file__).parent.parent / "data" / "languages" / "entities.yml"

MOST_PEOPLE = 500
"""A larger number before "people" is no party of travelers."""


@dataclass(frozen=True)
class Found:
    """``kind`` count, date, time, place, direction or vehicle; ``value`` as below.

    count: people, a whole number. date: ISO day. time: ``HH:MM`` as the
    traveler's clock shows it. place: a key of ``places.yml``. direction:
    ``leaving_china`` or ``entering_china``. vehicle: on_foot, bicycle,
    motorcycle, car, bus or truck.
    """

    kind: str
    value: str | int


def find(text: str, language: str, script: str, today: date) -> list[Found]:
    """Everything found, in the order of kinds; days count from ``today`` at the port."""
    plain = readable(text, language, script)
    found: list[Found] = []
    days, rest = _dates(plain, language, today)
    found += [Found("date", day.isoformat()) for day in days]
    times, rest = _times(rest, plain, language)
    found += [Found("time", time) for time in times]
    found += [Found("count", count) for count in _counts(rest, language)]
    found += [Found("place", place) for place in places_in(plain)]
    for kind in ("direction", "vehicle"):
        value = _first(plain, _words()[kind], language)
        if value:
            found.append(Found(kind, value))
    return list(dict.fromkeys(found))


def _dates(text: str, language: str, today: date) -> tuple[list[date], str]:
    """Days named in a text, and the text without them."""
    days: list[date] = []

    def take(day: date | None) -> str:
        if day is None:
            return ""
        days.append(day)
        return " "

    def of_numbers(match: re.Match[str]) -> str:
        year, month, day = (match.group(name) for name in ("y", "m", "d"))
        return take(_day(year, int(month), int(day), today)) or match.group()

    for pattern in _NUMERIC_DATES:
        text = pattern.sub(of_numbers, text)
    month_names = _month_pattern(language)
    if month_names:

        def of_name(match: re.Match[str]) -> str:
            # "1 August" and "August 1" are the two halves of the English pattern
            parts = {name.rstrip("2"): part for name, part in match.groupdict().items() if part}
            month = _months(language)[parts["name"]]
            day = _day(parts.get("y"), month, int(parts["d"]), today)
            return take(day) or match.group()

        text = month_names.sub(of_name, text)
    for word, distance in _by_length(_words()["days"][language]):
        if _word_pattern(word, language).search(text):
            days.append(today + timedelta(days=distance))
            text = _word_pattern(word, language).sub(" ", text)
    for number, name in _day_stems(language):
        if _word_pattern(name, language).search(text):
            days.append(today + timedelta(days=(number - today.weekday() - 1) % 7 + 1))
            text = _word_pattern(name, language).sub(" ", text)
    return days, text


def _day(year: str | None, month: int, day: int, today: date) -> date | None:
    """A calendar day; without a year the next one, today included."""
    try:
        if year:
            return date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


_NUMERIC_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4}|\d{2})(?!\d)"),
    re.compile(r"(?:(?P<y>\d{4})年)?(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?"),
    re.compile(
        r"(?<![\d.:])(?P<d>\d{1,2})\.(?P<m>0[1-9]|1[0-2])(?P<y>)(?![\d.:])"
        r"(?! ?(?:[$€¥₸%]|usd|dollar|доллар|евро|руб|тенге|юан|кг|kg|литр))"
    ),
)
_LOCALES = {"zh": "zh_Hans", "kk": "kk", "ru": "ru", "en": "en_GB"}


@cache
def _months(language: str) -> dict[str, int]:
    """Beginnings of the names of months: enough letters to tell them apart."""
    stems = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, "format", _LOCALES[language]).items():
            folded = readable(name, language, "Cyrl").rstrip(".")
            stem = folded[:-1] if language == "ru" and width == "wide" else folded
            if len(stem) >= 3:
                stems[stem] = number
    return stems


@cache
def _month_pattern(language: str) -> re.Pattern[str] | None:
    if language == "zh":
        return None
    stems = "|".join(sorted(map(re.escape, _months(language)), key=len, reverse=True))
    name = rf"(?<!\w)(?P<name>{stems})\w*\.?"
    year = r"(?:[ ,]*(?P<y>\d{4})(?!\d))?"
    if language == "en":
        before = rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {name}{year}"
        verb = "(?<!we )(?<!i )(?<!you )(?<!they )"  # we may, I march
        after = rf"{verb}{name} (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){year}"
        return re.compile(_either(before, after))
    return re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:-?(?:го|е|ши|шы|ого))? ?{name}{year}")


def _either(before: str, after: str) -> str:
    """Joins "1 August" and "August 1"; a group's name may stand only once in a pattern."""
    renamed = after.replace("?P<name>", "?P<name2>").replace("?P<y>", "?P<y2>")
    return rf"(?:{before})|(?:{renamed})"


@cache
def _day_stems(language: str) -> list[tuple[int, str]]:
    """Weekdays (Monday is 0) by the names and short forms people write."""
    stems = []
    for number, name in get_day_names("wide", "format", _LOCALES[language]).items():
        folded = readable(name, language, "Cyrl")
        if language == "zh":
            end = folded[-1]
            ends = {"日": "日天"}.get(end, end)
            stems += [(number, prefix + e) for prefix in ("星期", "周", "礼拜") for e in ends]
        else:
            stems.append(
                (number, folded[:-1] if language == "ru" and folded[-1] in "ая" else folded)
            )
    return stems


def _times(text: str, whole: str, language: str) -> tuple[list[str], str]:
    """Clock times named in a text, and the text without them.

    ``whole`` still has the days, one of which may be an evening (今晚, tonight).
    """
    times: list[str] = []

    def take(match: re.Match[str]) -> str:
        hour = _number(match.group("h"), language)
        minute = match.groupdict().get("m")
        minutes = 30 if match.groupdict().get("half") else int(minute or 0)
        if hour is None or hour > 24 or minutes > 59:
            return match.group()
        halves = {half: _words()[half] for half in ("morning", "afternoon")}
        near = text[max(0, match.start() - 12) : match.end() + 18]
        half = _first(near, halves, language) or _first(whole, halves, language)
        if half == "afternoon" and hour < 12:
            hour += 12
        elif half == "morning" and hour == 12:
            hour = 0
        times.append(f"{hour % 24:02}:{minutes:02}")
        return " "

    rest = text
    for pattern in _time_patterns(language):
        rest = pattern.sub(take, rest)
        if times:
            break
    if not times:
        for word, time in _words()["times"][language].items():
            if _word_pattern(word, language).search(text):
                times.append(time)
    return times, rest


@cache
def _time_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    words = "|".join(re.escape(w) for w, _ in _by_length(_words()["numbers"][language]))
    hour = rf"(?P<h>\d{{1,2}}|{words})"
    clock = re.compile(r"(?<![\d:.])(?P<h>\d{1,2}):(?P<m>\d{2})(?![\d:])")
    by_language = {
        "zh": [rf"{hour}(?:点|點|时(?!间))(?:钟)?(?:(?P<half>半)|(?P<m>\d{{1,2}})分?)?"],
        "kk": [
            rf"сагат {hour}(?P<half> жарым)?",
            rf"(?<![\w]){hour}(?P<half> жарым)(?:да|де)?\b",
            r"(?<!\d)(?P<h>\d{1,2})[- ](?:да|де|та|те|га|ге|ка|ке)(?!\w)",
        ],
        "ru": [
            rf"(?<!\w){hour} час(?:ов|а)?(?!\w)",
            rf"(?<!\w)(?:в|к|около) {hour}(?= (?:утра|дня|вечера|ночи))",
            r"(?<!\w)(?:в|к|около) (?P<h>\d{1,2})[.-](?P<m>\d{2})(?!\d)",
            r"(?<!\w)(?:в|к) (?P<h>\d{1,2})(?=[,.!?]|$| (?:и|нас|с)(?!\w))",
        ],
        "en": [
            r"(?<!\w)(?P<h>\d{1,2})(?:[:.](?P<m>\d{2}))? ?(?=(?:am|pm|a\.m|p\.m|o'?clock)(?!\w))",
            rf"(?<!\w)(?:at|around|about|by) {hour}(?:[:.](?P<m>\d{{2}}))?"
            r"(?! ?(?:people|persons|of))(?!\w)",
        ],
    }
    return (clock, *(re.compile(pattern) for pattern in by_language[language]))


def _counts(text: str, language: str) -> Iterator[int]:
    """Numbers of people: "three of us", "3 адам", 我们三个人."""
    for group, number in _by_length(_words()["groups"][language]):
        if _word_pattern(group, language).search(text):
            yield number
            return
    numbers = "|".join(re.escape(w) for w, _ in _by_length(_words()["numbers"][language]))
    people = "|".join(_stem(word) for word in _words()["people"][language])
    space, edge = ("", "") if language == "zh" else (" ?", r"(?<!\w)")
    pattern = rf"{edge}(?P<n>\d{{1,4}}|{numbers}){space}(?:{people})"
    for match in re.finditer(pattern, text):
        number = _number(match.group("n"), language)
        if number and number <= MOST_PEOPLE:
            yield number


def _number(text: str, language: str) -> int | None:
    if text.isdecimal():
        return int(text)
    number: int | None = _words()["numbers"][language].get(text)
    return number


def _first(text: str, by_value: dict[str, Any], language: str) -> str | None:
    """The value whose word stands first in a text."""
    places = [
        (match.start(), value)
        for value, words in by_value.items()
        for word in words[language]
        if (match := _word_pattern(word, language).search(text))
    ]
    return min(places)[1] if places else None


@cache
def _word_pattern(word: str, language: str) -> re.Pattern[str]:
    if language == "zh":
        return re.compile(re.escape(word))
    # after a digit a word may begin at once: 3pm
    return re.compile(rf"(?<![^\W\d]){_stem(word) if language != 'en' else _whole(word)}")


def _stem(word: str) -> str:
    return re.escape(word[:-1]) + r"(?!\w)" if word.endswith("$") else re.escape(word)


def _whole(word: str) -> str:
    """An English word, or its plural."""
    return re.escape(word) + r"s?(?!\w)"


def _by_length(words: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Longest first, so that 大后天 is not read as 后天."""
    return sorted(words.items(), key=lambda pair: -len(pair[0]))


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded
