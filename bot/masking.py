"""Covers the numbers of passports, identity cards, plates and phones in a text."""

from __future__ import annotations

import re

MASK = "●"

_LETTERS = "A-ZАВЕКМНОРСТУХ"  # Cyrillic letters that look like Latin ones stand on plates too
_PROVINCES = (
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领滬遼魯蘇贛貴粵陝閩寧瓊雲"
)
_MEASURES = "KG|KM|CM|MM|ML|HP|PM|AM|USD|EUR|CNY|RMB|KZT|RUB|GBP"

_NUMBERS = re.compile(
    rf"""
    # a line break is written as \n inside a logged text
    (?:(?<![A-Za-z0-9])|(?<=\\[nrt]))(?:
      # passports: E12345678, EA1234567, N12345678, and with a space
        [A-Za-z{_LETTERS}]{{1,2}}\d{{7,8}} | [{_LETTERS}]{{1,2}}[ ]?№?[ ]?\d{{7,8}}
      # Russian ones: 75 1234567, 45 10 123456
      | \d\d[ ]?№[ ]?\d{{7}} | \d\d[ ]\d{{7}}
      | (?!20[23]\d)\d\d[ ]?\d\d[ ]?№?[ ]\d{{6}}
      # anything as long as a card, a phone or a passport, but round sums and parts of a second
      | (?<!\d[.,])(?!\d{{6}}000\b)\d{{9}} | (?<!\b0[.,])\d{{10,}}[Xx]?
      # identity cards in groups: a day of birth in front
      | \d{{6}}[ ]\d{{8}}[ ]\d{{3}}[\dXx]
      | \d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ ]\d{{3}}[ ]?\d{{3}}
      # cards of banks, but no row of years
      | (?!20\d\d[ -]20)\d{{4}}([ -])\d{{4}}\1\d{{4}}\1\d{{2,7}}(?:\1\d{{1,3}})?
      # phones with their country
      | \+\d[\d \-().]{{5,17}}\d
      # phones of Kazakhstan and Russia: 8 (701) 747-01-86, 701 747 0186, (72236) 2-12-34
      | (?:[78][ -]?)?\(\d{{3,5}}\)[ -]?\d[\d -]{{3,8}}\d
      | (?:[78][ -]?)?[3-9]\d\d[ -]\d{{3}}[ -]?\d\d[ -]?\d\d
      | [78][ -]\d{{3,5}}[ -]\d{{1,3}}[ -]\d\d[ -]\d\d | [78][ -]\d{{10}}
      # phones of China: 138-1234-5678, 0901-6221234, 86 138...
      | (?:86[ -]?)?1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}
      | (?:86[ -]?)?1[3-9]\d(?:[ -]\d{{3}}){{2}}[ -]\d\d
      | (?:86[ -]?)?1[3-9]\d\d[ -]\d{{3}}[ -]\d{{4}} | (?:86[ -]?)?1[3-9]\d{{3}}[ ]\d{{6}}
      | 0\d{{2,3}}[ -]\d{{3,4}}[ -]?\d{{4}}
      # plates of China, trailers too
      | [{_PROVINCES}][ ]?[A-Za-z][ ·•・.-]?
        (?=[A-Za-z]{{0,5}}\d)(?:[A-Za-z0-9]{{5,6}}|[A-Za-z0-9]{{4}}[挂掛学警])
      # plates of Kazakhstan with their region: 123ABC16; older ones, and Russian ones
      | \d{{3}}(?![ ]?(?:{_MEASURES})[ ]?\d)[ ]?[{_LETTERS}]{{2,3}}[ ]?(?:0[1-9]|1\d|20)
      | \d{{3}}[a-z]{{3}}(?:0[1-9]|1\d|20)
      | [{_LETTERS}][ ]?\d{{3}}[ ]?[{_LETTERS}]{{2,3}}(?:[ ]?\d{{2,3}})?
    )(?![A-Za-z0-9])
    """,
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text with such numbers covered but for their last two characters.

    Days, times, years, sums and the short numbers of hotlines stay.
    """
    return _NUMBERS.sub(lambda match: _cover(match.group()), text)


def _cover(number: str) -> str:
    return re.sub(r"[^\W_](?=.*[^\W_].*[^\W_])", MASK, number)
