"""Number words of a message as digits, so that all other rules read digits alone."""

from __future__ import annotations

import re
from functools import cache

from bot.entities.words import words

_CHINESE = re.compile("[零〇一二两三四五六七八九十百千]+")
_CHINESE_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")}
_CHINESE_DIGITS |= {"〇": 0, "两": 2}
_TENS_AND_ORDINAL = re.compile(r"(?<!\d)([23])0[ -](\d(?:ого|th))(?!\w)")
_CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}


def with_digits(text: str, language: str) -> str:
    """A ``readable`` text with "twenty five" as 25, "төртеу" as 4еу, "вчетвером" as "4 чел"."""
    for pattern, spelling in _rewrites(language):
        text = pattern.sub(spelling, text)
    if language == "zh":
        return _CHINESE.sub(lambda match: _chinese(match.group()), text)
    for number, ending, pattern in _collectives(language):
        text = pattern.sub(f"{number}{ending}", text)
    for stem, number in words()["ordinals"].get(language, {}).items():
        text = _ordinal(stem, language).sub(_ordinal_digits(number, language), text)
    not_numbers = words()["no_numbers"][language]

    def digits(match: re.Match[str]) -> str:
        spelt = match.group()
        if spelt in not_numbers or spelt + _letters_after(match) in not_numbers:
            return spelt
        return _value(spelt, language)

    text = _numbers(language).sub(digits, text)
    # двадцать пятого, twenty-first
    return _TENS_AND_ORDINAL.sub(lambda m: f"{m.group(1)}{m.group(2)}", text)


def _letters_after(match: re.Match[str]) -> str:
    following = re.match(r"\w*", match.string[match.end() :])
    return following.group() if following else ""


def _chinese(spelt: str) -> str:
    """Digits of 二十五 and of 二五; "0" stays "0"."""
    if not set(spelt) & set(_CHINESE_UNITS):
        return "".join(str(_CHINESE_DIGITS[digit]) for digit in spelt)
    total = waiting = 0
    for character in spelt:
        if character in _CHINESE_UNITS:
            total += (waiting or 1) * _CHINESE_UNITS[character]
            waiting = 0
        else:
            waiting = _CHINESE_DIGITS[character]
    return str(total + waiting)


def _value(spelt: str, language: str) -> str:
    by_word, total = _by_word(language), 0
    # "a hundred" and "a dozen" are words of their own
    for word in [spelt] if spelt in by_word else re.split(r"[ -]+(?:and )?", spelt):
        number = by_word[word]
        total = total * 100 if number == 100 and 0 < total < 10 else total + number
    return str(total)


@cache
def _by_word(language: str) -> dict[str, int]:
    return {
        word.rstrip("$"): number
        for number, forms in words()["numbers"][language].items()
        for word in forms.split("/")
    }


@cache
def _numbers(language: str) -> re.Pattern[str]:
    by_word = _by_word(language)

    def of(wanted: range) -> str:
        listed = [w for w, n in by_word.items() if n in wanted and (n < 20 or n % 10 == 0)]
        return "(?:" + "|".join(sorted(listed, key=len, reverse=True)) + ")"

    # Kazakh says ten-one for eleven
    tens_from = 10 if language == "kk" else 20
    tens, hundreds = of(range(tens_from, 100)), of(range(100, 1000))
    units, below_tens = of(range(1, 10)), of(range(tens_from))
    below_hundred = f"(?:{tens}(?:[ -]?{units})?|{below_tens})"
    hundred = f"(?:{units}[ -])?{hundreds}(?:[ -](?:and )?{below_hundred})?"
    ending = words()["number_endings"] if language == "kk" else "(?!)"
    return re.compile(rf"(?<!\w)(?:{hundred}|{below_hundred})(?=(?:{ending})?(?!\w))")


@cache
def _rewrites(language: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(k), spelling) for k, spelling in words()["rewrite"][language].items()]


@cache
def _collectives(language: str) -> list[tuple[int, str, re.Pattern[str]]]:
    ending = {"kk": "еу", "ru": " чел"}.get(language, "")
    return [
        (number, ending, re.compile(rf"(?<!\w)(?:{forms.replace('$', '').replace('/', '|')}){end}"))
        for number, forms in words()["collective"].get(language, {}).items()
        for end in (r"(?!\w)(?! сут)" if language == "ru" else "",)
    ]


@cache
def _ordinal(stem: str, language: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w){stem}" + (r"(?:ь?его|ого)(?!\w)" if language == "ru" else r"(?!\w)")
    )


def _ordinal_digits(number: int, language: str) -> str:
    return f"{number}ого" if language == "ru" else f"{number}th"
