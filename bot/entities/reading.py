"""A message while it is read: what a rule has taken, no other rule takes again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.entities.numbers import with_digits
from bot.entities.words import BLANK, blank, by_value, one_of
from bot.scripts.convert import readable

_DIGIT = re.compile(r"(?![0-9])\d")


@dataclass
class Reading:
    """``written`` by the traveler; ``plain`` in one spelling; ``text`` also with digits for number
    words; ``rest`` is ``text`` with what was taken blanked, so both have the same positions.
    """

    language: str
    written: str
    plain: str
    text: str
    rest: str

    @classmethod
    def of(cls, written: str, language: str, script: str) -> Reading:
        plain = readable(written.replace(BLANK, " "), language, script)
        plain = _DIGIT.sub(lambda match: str(int(match.group())), plain.replace("’", "'"))
        text = with_digits(plain, language)
        return cls(language, written, plain, text, text)

    def take(self, match: re.Match[str]) -> bool:
        """Blanks what was matched; false where the message takes it back ("not tomorrow")."""
        start, end = match.span()
        before, after = self.text[max(0, start - 16) : start], self.text[end : end + 12]
        taken_back = re.search(
            f"(?:{one_of('negation_before', self.language).pattern})$", before
        ) or re.match(one_of("negation_after", self.language).pattern.lstrip(), after)
        self.rest = blank(self.rest, start, end)
        return not taken_back

    def take_sections(self, section: str) -> list[str]:
        """Values of a section in their order, blanked also where places are looked for."""
        found = []
        for value, pattern in by_value(section, self.language):
            for match in pattern.finditer(self.rest):
                found.append((match.start(), value))
                self.rest = blank(self.rest, *match.span())
            self.plain = pattern.sub(BLANK, self.plain)
        return list(dict.fromkeys(value for _, value in sorted(found)))
