"""Takes numbers of passports, identity cards, plates and phones out of what is exported."""

from __future__ import annotations

import re

MASK = "●"

_NUMBERS = re.compile(
    r"""
    (?<![A-Za-z0-9])(?:
        [A-Za-z]{1,2}\d{7,8}                      # passports of both countries
      | \d{17}[\dXx] | \d{12}                     # Chinese identity cards, Kazakhstan's IIN
      | (?!\d{4}-\d\d-\d\d)\+?\d[\d \-()]{8,}\d    # phones, and no dates
      | [\u4e00-\u9fff][A-Z][ ·]?[A-Z0-9]{5,6}    # Chinese plates
      | \d{3}[ ]?[A-Z]{2,3}[ ]?\d{2}              # plates of Kazakhstan
    )(?![A-Za-z0-9])
    """,
    re.VERBOSE,
)


def masked(text: str) -> str:
    """The text with such numbers covered but for their last two characters; dates stay."""
    return _NUMBERS.sub(lambda match: _cover(match.group()), text)


def _cover(number: str) -> str:
    return re.sub(r"[^\W_](?=.*[^\W_].*[^\W_])", MASK, number)
