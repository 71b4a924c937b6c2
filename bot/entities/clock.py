"""Times of day that a message names, as spoken: 15:30, half past ten, полдесятого, now."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache

from bot.entities.reading import Reading
from bot.entities.words import patterns, valued, word_list, words

NOW = "now"

_LEFT, _RIGHT = 14, 20
"""How far, in characters, a half of the day may stand from its hour."""


def read(reading: Reading, now: datetime | None) -> tuple[list[str], date | None]:
    """Times in their order; and the day, where the time was counted from ``now``."""
    moment = _from_now(reading, now)
    if moment:
        return [f"{moment:%H:%M}"], moment.date()
    times = [found for pattern in _clock(reading.language) for found in _read(reading, pattern)]
    if times:
        return [time for _, time in sorted(times)], None
    for time, pattern in valued("times", reading.language):
        match = pattern.search(reading.rest)
        if match and reading.take(match):
            return [time], None
    if word_list("now", reading.language).search(reading.rest):
        return [NOW], None
    return [], None


def part(reading: Reading) -> str | None:
    """morning, afternoon, evening or night, where a message names one."""
    return _half_near(_with_valid_halves(reading), reading.language, allow_midday=False)


def bare(reading: Reading) -> str | None:
    """A time in an answer that names nothing else: "10", "10 30"."""
    match = re.search(r"(?<!\d)(?P<h>\d{1,2})(?:[:. -](?P<m>[0-5]\d))?(?!\d)", reading.rest)
    if match is None:
        return None
    return _time(match, reading)


def _read(reading: Reading, pattern: re.Pattern[str]) -> list[tuple[int, str]]:
    found = []
    for match in pattern.finditer(reading.rest):
        time = _time(match, reading)
        if time and reading.take(match):
            found.append((match.start(), time))
    return found


def _time(match: re.Match[str], reading: Reading) -> str | None:
    said = {key.rstrip("23"): part for key, part in match.groupdict().items() if part is not None}
    hour, minutes = int(said["h"]), int(said.get("m", 0))
    if hour > 24 or minutes > 59:
        return None
    if "half" in said:
        minutes = 30
    elif "quarter" in said:
        minutes = 15
    elif "three_quarters" in said:
        minutes = 45
    hour = _with_half(hour, match, reading)
    before = 15 if "less_quarter" in said else int(said.get("less", 0))
    # полдесятого, четверть десятого: of the hour that ends at ten
    total = (hour - ("of" in said)) * 60 + minutes - before
    return f"{total // 60 % 24:02}:{total % 60:02}"


def _with_half(hour: int, match: re.Match[str], reading: Reading) -> int:
    language, text = reading.language, reading.text
    half = None
    for name, pattern in _right_after(language):
        if pattern.match(text[match.end() : match.end() + 16]):
            half = name
    clean = _with_valid_halves(reading)
    near = clean[max(0, match.start() - _LEFT) : match.end() + _RIGHT]
    half = half or _half_near(near, language) or _half_near(clean, language)
    if half in ("afternoon", "evening") and hour < 12:
        return hour + 12
    if half == "midday" and hour <= 4:
        return hour + 12
    if half == "night" and 8 <= hour < 12:
        return hour + 12
    if half in ("morning", "night", "evening") and hour == 12:
        return 0
    return hour


def _with_valid_halves(reading: Reading) -> str:
    pattern = words()["no_half"][reading.language]
    return re.sub(pattern, lambda match: "\x00" * len(match.group()), reading.text)


def _half_near(text: str, language: str, allow_midday: bool = True) -> str | None:
    places = [
        (match.start(), name)
        for name, pattern in _near(language)
        if (allow_midday or name != "midday") and (match := pattern.search(text))
    ]
    return min(places)[1] if places else None


def _from_now(reading: Reading, now: datetime | None) -> datetime | None:
    for pattern in patterns("in_hours", reading.language):
        for match in pattern.finditer(reading.rest):
            if reading.take(match) and now:
                return _after(match, now)
    return None


def _after(match: re.Match[str], now: datetime) -> datetime:
    said = match.groupdict()
    minutes = re.match(words()["minutes"], said["u"])
    count = float(said.get("n") or (0.5 if said.get("half") else 1))
    return now + (timedelta(minutes=count) if minutes else timedelta(hours=count))


@cache
def _clock(language: str) -> tuple[re.Pattern[str], ...]:
    end = words()["clock_end"][language]
    begin = "" if language == "zh" else r"(?<![^\W\d])"
    return tuple(
        re.compile(begin + f"(?:{expression.replace('«end»', end)})")
        for expression in words()["clock"][language]
    )


@cache
def _near(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    begin = "" if language == "zh" else r"(?<!\w)"
    return tuple(
        (name, re.compile(begin + expression.replace("$", r"(?!\w)")))
        for name, expression in words()["half_near"][language].items()
    )


@cache
def _right_after(language: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (name, re.compile(rf" ?(?:{expression})"))
        for name, expression in words()["half_right_after"][language].items()
    )
