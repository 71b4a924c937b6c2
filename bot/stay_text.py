"""Which stays, plan and country a message tells of, in four languages; pure.

Days are read here and not by ``bot.entities``, since a stay needs what that
doesn't say: which two days belong together, which of them is told without its
month ("3–20 March"), and a year that is the last one for a stay and the next
one for a plan. Words stand in ``data/languages/stays.yml``; days by a word
(yesterday, tomorrow, a weekday) come from ``bot.entities``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel.dates import get_month_names

from bot.entities import find
from bot.scripts.convert import readable, to_script
from bot.stays import DAY, WINDOW

WORDS = Path(__file__).parent.parent / "data" / "languages" / "stays.yml"

REVERSED_FROM = 180
"""Days: an exit without year that would be later than this is one before the entry."""

Expected = Literal["stays", "plan"]
Country = Literal["CN", "KZ"]


@dataclass(frozen=True)
class Span:
    """Two days that belong together as told; ``last`` is ``None`` where none was told.

    ``last`` may be before ``first``: to say so is the caller's.
    """

    first: date
    last: date | None = None


@dataclass(frozen=True)
class Reading:
    """What a message says.

    ``stays`` in their order, a lasting one with ``last`` ``None``. ``plan``: a
    day from which, or two. ``days``: how long the plan is, if that was told as
    a length. ``until``/``since``: a single last or first day, which corrects or
    completes something told before. ``impossible``: year, month and day
    that no calendar has. ``country`` of the stays. ``corrects``: it begins like
    "no, …". ``again``: forget what was told. ``lasting``: it says "still there".
    ``bare``: little besides days.
    """

    stays: tuple[Span, ...] = ()
    plan: Span | None = None
    days: int | None = None
    until: date | None = None
    since: date | None = None
    impossible: tuple[tuple[int, int, int], ...] = ()
    country: Country | None = None
    corrects: bool = False
    again: bool = False
    lasting: bool = False
    bare: bool = False

    @property
    def has_days(self) -> bool:
        """Whether it names any day or length."""
        return bool(
            self.stays or self.plan or self.days or self.until or self.since or self.impossible
        )


@dataclass(frozen=True)
class _Atom:
    """A day as written: where it stands, and what of it was told."""

    start: int
    end: int
    day: int
    month: int
    year: int | None = None

    def on(self, year: int) -> date:
        """Raises: _NoSuchDayError."""
        try:
            return date(self.year or year, self.month, self.day)
        except ValueError as error:
            raise _NoSuchDayError((self.year or year, self.month, self.day)) from error


class _NoSuchDayError(ValueError):
    """A day that no calendar has: its year, month and day."""

    def __init__(self, parts: tuple[int, int, int]) -> None:
        super().__init__(parts)
        self.parts = parts


def read(
    text: str, language: str, script: str, today: date, expected: Expected | None = None
) -> Reading:
    """What a message says of stays; ``expected`` is what the traveler was asked for last."""
    plain = readable(text, language, script)
    plain = re.sub(r"[‐-―−~～〜]+", "-", plain).replace("—", "-")
    atoms = _join_bare(plain, list(_atoms(plain, language)), language)
    groups = _groups(plain, atoms, language)
    reading = Reading(
        country=_country(plain, language),
        corrects=_has(plain[:40], "corrects", language),
        again=_has(plain, "again", language),
        lasting=_has(plain, "lasting", language),
        days=_length(_without(plain, atoms), language),
    )
    for at, group in enumerate(groups):
        before = plain[groups[at - 1][-1].end if at else 0 : group[0].start]
        end = groups[at + 1][0].start if at + 1 < len(groups) else len(plain)
        after = plain[group[-1].end : end]
        try:
            reading = _with(reading, group, before, after, language, today, expected, len(groups))
        except _NoSuchDayError as error:
            reading = replace(reading, impossible=(*reading.impossible, error.parts))
    if not groups:
        reading = _by_word(reading, text, plain, language, script, today)
    rest = re.sub(r"[\W\d_]+", "", _without(plain, atoms))
    return replace(reading, bare=bool(groups) and len(rest) <= (8 if language == "zh" else 24))


def _with(
    reading: Reading,
    group: list[_Atom],
    before: str,
    after: str,
    language: str,
    today: date,
    expected: Expected | None,
    groups: int,
) -> Reading:
    """The reading with one day, or two that belong together, added.

    Raises:
        _NoSuchDayError
    """
    clause = re.split(r"[,;.!?，；。！？]", after)[0]
    planned = _has(before, "plan", language) or _has(clause, "plan_after", language)
    if len(group) == 2:
        first, last = group
        span = _span(first, last, today, ahead=planned or expected == "plan")
        told_year = first.year or last.year
        far = not told_year and span.first - today > WINDOW * DAY
        over = told_year and span.last is not None and span.last < today
        if not planned and (far or over):
            # asked for a plan, somebody remembers one more stay
            return replace(reading, stays=(*reading.stays, _span(first, last, today, ahead=False)))
        if planned or expected == "plan" or (told_year and span.first > today):
            return replace(reading, plan=span)
        return replace(reading, stays=(*reading.stays, span))
    (atom,) = group
    role = _role(before, clause, language)
    if _has(before + after, "lasting", language) and role != "exit" and not planned:
        return replace(reading, stays=(*reading.stays, Span(_past(atom, today))))
    # "entered on 3 March" alone is a stay that lasts or the first day of one
    if role == "exit" or (reading.corrects and role is None and groups == 1):
        return replace(reading, until=_nearest(atom, today))
    if planned or expected == "plan":
        return replace(reading, plan=Span(_coming(atom, today)))
    if role == "entry":
        return replace(reading, since=_past(atom, today))
    day = _coming(atom, today)
    if atom.year and day <= today:
        return replace(reading, since=day)
    if expected == "stays":
        return replace(reading, since=_past(atom, today))
    return replace(reading, plan=Span(day))


def _by_word(
    reading: Reading, text: str, plain: str, language: str, script: str, today: date
) -> Reading:
    """The reading with days told by a word: yesterday, tomorrow, a weekday."""
    days = [
        date.fromisoformat(str(found.value))
        for found in find(text, language, script, today)
        if found.kind == "date"
    ]
    if len(days) != 1:
        return reading
    (day,) = days
    if day < today or _role("", plain, language) == "exit":
        return replace(reading, until=day)
    if _has(plain, "plan", language) or reading.days:
        return replace(reading, plan=Span(day))
    return reading


# ---- days as written


@cache
def _months(language: str) -> dict[str, int]:
    """Beginnings of the names of months, as ``readable`` leaves them."""
    locale = {"zh": "zh_Hans", "kk": "kk", "ru": "ru", "en": "en_GB"}[language]
    stems: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for number, name in get_month_names(width, "format", locale).items():
            folded = readable(name, language, "Cyrl").rstrip(".")
            stem = folded[:-1] if language == "ru" and width == "wide" else folded
            if len(stem) >= 3:
                stems[stem] = number
            if language == "kk":
                # Arabic letters write one word's vowels alike: қыркүйек comes back with another
                arabic = readable(to_script(name, "kk", "Arab"), "kk", "Arab").rstrip(".")
                stems.setdefault(arabic, number)
    if language == "ru":
        stems["май"] = stems["мая"] = stems["мае"] = 5
        stems.pop("ма", None)
    return stems


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    """Days with their month, the surest way of writing first."""
    found = [
        r"(?<!\d)(?P<y>\d{4})(?P<s>[-./])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<d>\d{1,2})(?P<s>[./])(?P<m>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?!\d)",
        r"(?:(?P<y>\d{4}) ?年 ?)?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日号]?",
    ]
    if language != "zh":
        stems = "|".join(sorted(map(re.escape, _months(language)), key=len, reverse=True))
        name = rf"(?<![^\W\d])(?P<n>{stems})[^\W\d]*\.?"
        year = r"(?:,? ?(?P<y>\d{4})(?!\d)(?: ?(?:г\.?|года|ж\.?|жыл\w*))?)?"
        ordinal = r"(?:st|nd|rd|th|-?го|-?е|-?ого|-?ши|-?шы|-?нши|-?ншы)?"
        if language == "kk":
            found.append(
                rf"(?<!\d)(?P<y>\d{{4}}) ?(?:ж\.?|жыл\w*) (?P<d>\d{{1,2}}){ordinal}[ -]?{name}"
            )
        found.append(rf"(?<!\d)(?P<d>\d{{1,2}}){ordinal}(?: of)?[ -]?{name}{year}")
        if language == "en":
            found.append(rf"{name} (?P<d>\d{{1,2}}){ordinal}(?!\d){year}")
    found.append(r"(?<![\d.:])(?P<d>\d{1,2})\.(?P<m>0[1-9]|1[0-2])(?![\d.:])")
    return tuple(re.compile(pattern) for pattern in found)


def _atoms(text: str, language: str) -> Iterator[_Atom]:
    """Days with their month, in their order."""
    taken: list[_Atom] = []
    for pattern in _patterns(language):
        for match in pattern.finditer(text):
            if any(match.start() < a.end and a.start < match.end() for a in taken):
                continue
            parts = match.groupdict()
            month = int(parts["m"]) if parts.get("m") else _months(language)[parts["n"]]
            year = int(parts["y"]) if parts.get("y") else None
            if year is not None and year < 100:
                year += 2000
            end = match.start() + len(match.group().rstrip())
            taken.append(_Atom(match.start(), end, int(parts["d"]), month, year))
    return iter(sorted(taken, key=lambda atom: atom.start))


@cache
def _between(language: str) -> str:
    """What joins the two days of a stay."""
    words = "|".join(re.escape(word.rstrip("$")) for word in _words()["between"][language])
    if language == "zh":
        return rf"\s*(?:-|{words})+\s*"
    return rf"\s*[,]?\s*(?:-|[ -]?(?:{words})(?!\w))\s*-?\s*"


def _join_bare(text: str, atoms: list[_Atom], language: str) -> list[_Atom]:
    """The days, and those beside them that were written without month: 3–20 March."""
    joined: list[_Atom] = []
    suffix = r"(?:st|nd|rd|th|-?го|-?е|-?ого|-?ши|-?шы|日|号)?"
    number = rf"(?P<day>(?P<d>\d{{1,2}}){suffix})"
    left = re.compile(rf"(?<![\d.:/月-]){number}{_between(language)}(?:the )?$")
    right = re.compile(rf"^{_between(language)}(?:the )?{number}(?![\d.:/月年])")
    for at, atom in enumerate(atoms):
        floor = joined[-1].end if joined else 0
        before = left.search(text[floor : atom.start])
        if before:
            start, end = (floor + place for place in before.span("day"))
            joined.append(_Atom(start, end, int(before["d"]), atom.month, atom.year))
        joined.append(atom)
        ceiling = atoms[at + 1].start if at + 1 < len(atoms) else len(text)
        after = None if before else right.search(text[atom.end : ceiling])
        # "3 March to 20 May": the 20 is May's, and inside its atom
        if after:
            start, end = (atom.end + place for place in after.span("day"))
            joined.append(_Atom(start, end, int(after["d"]), atom.month, atom.year))
    return joined


def _groups(text: str, atoms: list[_Atom], language: str) -> list[list[_Atom]]:
    """Days that belong together as first and last day, else alone."""
    groups: list[list[_Atom]] = []
    at = 0
    while at < len(atoms):
        if at + 1 < len(atoms):
            gap = text[atoms[at].end : atoms[at + 1].start]
            before = text[atoms[at - 1].end if at else 0 : atoms[at].start]
            after_end = atoms[at + 2].start if at + 2 < len(atoms) else len(text)
            if _belong(before, gap, text[atoms[at + 1].end : after_end], language):
                groups.append([atoms[at], atoms[at + 1]])
                at += 2
                continue
        groups.append([atoms[at]])
        at += 1
    return groups


def _belong(before: str, gap: str, after: str, language: str) -> bool:
    if gap.strip() in ("", "日") or re.fullmatch(_between(language), gap):
        # "3 March and 20 April" are two days, "between 3 March and 20 April" is one stay
        return gap.strip() != "and" or bool(re.search(r"between\s*$", before))
    if len(gap) > 40:
        return False
    if language == "kk" and re.fullmatch(r"\s*(?:бастап\s*)?", gap):
        return True
    # entered on …, left on …: roles stand before days in English and Russian, else after them
    if language in ("zh", "kk"):
        return _has(gap, "entry", language) and _has(_clause(after), "exit", language)
    return _has(_tail(before), "entry", language) and (
        _has(gap, "exit", language)
        or any(
            re.search(rf"(?<!\w){word.rstrip('$')}\s*$", gap)
            for word in _words()["until"][language]
        )
    )


def _clause(text: str) -> str:
    return re.split(r"[,;.!?，；。！？]", text)[0]


def _tail(text: str) -> str:
    return re.split(r"[;.!?]", text)[-1]


def _role(before: str, clause: str, language: str) -> str | None:
    """Whether a single day is one of entry or of exit."""
    near = before[-24:]
    for word in _words()["until"][language]:
        if re.search(rf"{re.escape(word.rstrip('$'))}\s*$", near):
            return "exit"
    if _has(clause[:24], "until_after", language):
        return "exit"
    for text in (clause, near) if language in ("zh", "kk") else (near, clause):
        for role in ("exit", "entry"):
            if _has(text, role, language):
                return role
    return None


# ---- years that were not told


def _span(first: _Atom, last: _Atom, today: date, ahead: bool) -> Span:
    """Two days with their years: the next for a plan, else the last that began.

    Raises:
        _NoSuchDayError
    """
    if first.year is None and last.year is not None:
        end = last.on(last.year)
        begin = first.on(end.year)
        if begin > end and (end - first.on(end.year - 1)).days <= REVERSED_FROM:
            begin = first.on(end.year - 1)
        return Span(begin, end)
    begin = _coming(first, today) if ahead else _past(first, today)
    if last.year is not None:
        return Span(begin, last.on(last.year))
    end = last.on(begin.year)
    if end < begin and (last.on(begin.year + 1) - begin).days <= REVERSED_FROM:
        end = last.on(begin.year + 1)
    return Span(begin, end)


def _past(atom: _Atom, today: date) -> date:
    """The day as it was last, today included."""
    later = (atom.month, atom.day) > (today.month, today.day)
    return atom.on(today.year - 1 if later else today.year)


def _coming(atom: _Atom, today: date) -> date:
    """The day as it will be next, today included."""
    earlier = (atom.month, atom.day) < (today.month, today.day)
    return atom.on(today.year + 1 if earlier else today.year)


def _nearest(atom: _Atom, today: date) -> date:
    """The day whose year was not told, as near to today as it can be."""
    if atom.year:
        return atom.on(atom.year)
    past, coming = _past(atom, today), _coming(atom, today)
    return coming if (coming - today) < timedelta(days=60) else past


# ---- the rest of a message


def _length(text: str, language: str) -> int | None:
    """Days of a planned stay told as a length: for 20 days, 两个星期."""
    numbers = _words()["numbers"][language]
    if language == "zh" and "半个月" in text:
        return 15
    spelled = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    space = "" if language == "zh" else r"[- ]?"
    edge = "" if language == "zh" else r"(?<!\w)"
    for unit, days in _by_length(_words()["units"][language]):
        end = r"(?!\w)" if unit.endswith("$") else ""
        pattern = rf"{edge}(?P<n>\d{{1,3}}|{spelled}){space}\s*{re.escape(unit.rstrip('$'))}{end}"
        for match in re.finditer(pattern, text):
            told = match["n"]
            number = int(told) if told.isdecimal() else numbers[told]
            if 1 <= number * days <= 366:
                return int(number * days)
    for unit, days in _words()["units"][language].items():
        # на неделю, бір айға без числа
        if days > 1 and language in ("ru",) and re.search(rf"(?<!\w)на {unit}", text):
            return int(days)
    return None


def _country(text: str, language: str) -> Country | None:
    """In which country the stays are; ``None`` if both or none is named."""
    words = _words()
    other: dict[str, Country] = {"CN": "KZ", "KZ": "CN"}
    citizens = [code for code in other if _listed(text, words["citizen"][code][language], language)]
    for code in citizens:
        for word in words["citizen"][code][language]:
            text = text.replace(word, " ")
    stayed: list[Country] = [
        code for code in other.values() if _listed(text, words["country"][code][language], language)
    ]
    if len(stayed) == 1:
        return stayed[0]
    return other[citizens[0]] if not stayed and len(citizens) == 1 else None


def _without(text: str, atoms: list[_Atom]) -> str:
    """A text with its days taken out."""
    for atom in reversed(atoms):
        text = f"{text[: atom.start]} ¦ {text[atom.end :]}"
    return text


def _has(text: str, kind: str, language: str) -> bool:
    return _listed(text, _words()[kind][language], language)


def _listed(text: str, words: list[str], language: str) -> bool:
    return any(_pattern(word, language).search(text) for word in words)


@cache
def _pattern(word: str, language: str) -> re.Pattern[str]:
    if language == "zh":
        return re.compile(re.escape(word))
    end = r"(?!\w)" if word.endswith("$") else ""
    return re.compile(rf"(?<!\w){re.escape(word.rstrip('$'))}{end}")


def _by_length(words: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(words.items(), key=lambda pair: -len(pair[0]))


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded
