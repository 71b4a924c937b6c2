"""How many people a message speaks of: 3 адам, нас четверо, 我和我妈, two adults and a kid."""

from __future__ import annotations

import re
from functools import cache

from bot.entities.reading import Reading
from bot.entities.words import beginning, patterns, word_list, words

MOST_PEOPLE = 9999
"""A larger number before "people" is no party, but news of the port."""

_ARTICLES = {"a": 1, "an": 1}
_NUMBER = r"\d{1,2}"


def counts(reading: Reading) -> list[int]:
    """Numbers of people in the order they stand, 0 included; of "not three but four" only 4."""
    language = reading.language
    for pattern in patterns("corrections", language):
        match = pattern.search(reading.rest)
        if match:
            return [int(match.group("n"))]
    together = _together(language).search(reading.rest)
    if together:
        return [sum(_ARTICLES.get(part) or int(part) for part in together.groups() if part)]
    found = []
    for pattern in (*patterns("counts", language), _before_people(language)):
        for match in pattern.finditer(reading.rest):
            number = _said(match)
            if (
                number == 1
                and pattern is _before_people(language)
                and _is_somebody(match, language)
            ):
                continue
            # a number is said once, though two expressions may fit it
            if number <= MOST_PEOPLE and reading.take(match):
                found.append((match.start(), number))
    if found:
        return list(dict.fromkeys(number for _, number in sorted(found)))
    if word_list("alone", language).search(reading.rest):
        return [1]
    company = _company(reading)
    return [company] if company else []


def bare(reading: Reading) -> int | None:
    """The last number that nothing else took, in the answer to "how many?"."""
    found = [
        int(match.group())
        for match in re.finditer(r"(?<!\d)\d{1,4}(?!\d)", reading.rest)
        if reading.take(match)
    ]
    if found:
        return found[-1]
    whole: dict[str, int] = words()["counts_alone"][reading.language]
    return whole.get(re.sub(r"\W+", " ", reading.text).strip())


def _said(match: re.Match[str]) -> int:
    said = [part for key, part in match.groupdict().items() if part and key.startswith("n")]
    # "both of us" says no number
    return int(said[0]) if said else 2


def _is_somebody(match: re.Match[str], language: str) -> bool:
    """Whether "one person" is anybody ("one person should push her") and not all who come."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    if re.match(words()["one_after"][language], after):
        return False
    return not re.search(words()["one_before"][language], before) or bool(re.match(r" ?\w", after))


@cache
def _before_people(language: str) -> re.Pattern[str]:
    people = word_list("people", language).pattern.removeprefix(beginning(language))
    begin = r"(?<![\d第])" if language == "zh" else r"(?<!\w)"
    between = words()["between"][language]
    return re.compile(rf"{begin}(?<!\d[.,])(?P<n>\d{{1,4}}){between}{people}")


@cache
def _together(language: str) -> re.Pattern[str]:
    """Grown-ups and children, two or three numbers to be added."""
    adults, children, joined = (
        words()[section][language] for section in ("adults", "children", "joined")
    )
    space = "" if language == "zh" else " ?"
    number = rf"({'|'.join((_NUMBER, *_ARTICLES))})" if language == "en" else f"({_NUMBER})"
    begin = r"(?<!\d)" if language == "zh" else r"(?<!\w)"
    more = f"{joined}{number}{space}{children}"
    return re.compile(f"{begin}{number}{space}{adults}{more}(?:{more})?")


def _company(reading: Reading) -> int | None:
    """The speaker and those who come along; ``None`` where their number stays open."""
    for pattern in _company_patterns(reading.language):
        match = pattern.search(reading.rest)
        if match:
            members = [
                _members(companion)
                for said in match.groups()
                for companion in _companion(reading.language).finditer(said or "")
            ]
            return 1 + sum(members) if members and all(members) else None
    return None


def _members(companion: re.Match[str]) -> int:
    """How many one companion is, 0 for "friends"."""
    if companion.group("n"):
        return int(companion.group("n"))
    if companion.group("two"):
        return 2
    return 0 if companion.group("many") else 1


@cache
def _companion(language: str) -> re.Pattern[str]:
    return re.compile(_filled(words()["companion"][language], language, named=True))


@cache
def _company_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    one = _filled(words()["companion"][language], language)
    joined = words()["companions_joined"][language]
    with_me = _filled(words()["with_me"].get(language, "(?!)"), language)
    pieces = {
        "«who»": f"({one}(?:{joined}{one})*)",
        "«one»": f"({one})",
        "«with_me»": rf"((?:{one}{joined})*(?<!\w)(?:{with_me}))",
    }
    compiled = []
    for expression in words()["company"][language]:
        for name, piece in pieces.items():
            expression = expression.replace(name, piece)
        compiled.append(re.compile(beginning(language) + f"(?:{expression})"))
    return tuple(compiled)


def _filled(expression: str, language: str, named: bool = False) -> str:
    """An expression with the lists of companions for «kin», «two», «many» and «n»."""
    pieces = {"n": _NUMBER} | {
        name: words()[section][language]
        for name, section in (("kin", "kin"), ("two", "kin_two"), ("many", "kin_many"))
    }
    for name, piece in pieces.items():
        expression = expression.replace(f"«{name}»", f"(?P<{name}>{piece})" if named else piece)
    return expression
