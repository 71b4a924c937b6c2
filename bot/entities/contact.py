"""Phone numbers in a message; names in messaging networks are left alone."""

from __future__ import annotations

import re

from bot.entities.reading import Reading

_RUN = re.compile(r"(?<![\w+])(?:\+ ?)?\d[\d \-().]{7,19}\d(?!\w)")
# Chinese text has no spaces around a number
_RUN_IN_CHINESE = re.compile(r"(?<![\da-z+])(?:\+ ?)?\d[\d \-().]{7,19}\d(?!\d)")
_KAZAKHSTAN = re.compile(r"(?:\+?7|8)?(7\d{9})")
_RUSSIA = re.compile(r"(?:\+?7|8)([3-9]\d{9})")
_CHINA = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_OTHER = re.compile(r"\+([1-9]\d{7,14})")


def phones(reading: Reading) -> list[str]:
    """Numbers as ``+`` and digits, taken from the reading, so that no part is a date or count."""
    found = []
    run = _RUN_IN_CHINESE if reading.language == "zh" else _RUN
    for match in run.finditer(reading.rest):
        digits = re.sub(r"[^\d+]", "", match.group())
        number = _international(digits)
        if number:
            found.append(number)
            reading.take(match)
    return list(dict.fromkeys(found))


def _international(digits: str) -> str | None:
    for code, pattern in (("7", _KAZAKHSTAN), ("7", _RUSSIA), ("86", _CHINA), ("", _OTHER)):
        match = pattern.fullmatch(digits)
        if match:
            return f"+{code}{match.group(1)}"
    return None
