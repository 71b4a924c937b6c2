"""What must hold in the four texts of a policy: same numbers, emergency numbers with country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FileProblem:
    """Something an editor must change, where it stands."""

    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "ru": r"январ феврал март апрел ма[йяе](?!\w) июн июл август сентябр октябр ноябр декабр",
    "kk": "қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
}
# "маусымдық" is seasonal, not of June
_NO_MONTH = {"kk": "(?!д[ыі][қк])"}
_MONTH = {
    language: [
        re.compile(rf"(?<!\w){month}{_NO_MONTH.get(language, '')}\w*", re.IGNORECASE)
        for month in months.split()
    ]
    for language, months in _MONTHS.items()
}
# "may" is also a verb: it is a month only beside a day or a year
_MONTH["en"][4] = re.compile(r"(?<=\d )May\b|\bMay(?= \d)")
# "наурыз" is also the holiday's name
_MONTH["kk"][2] = re.compile(r"(?<=\d )наурыз\w*|(?<!\w)наурыз\w*(?= \d)|(?<=жылғы )наурыз\w*")

# said in a word where others say "24 hours"
_ROUND_THE_CLOCK = re.compile("тәулік бойы|круглосуточно", re.IGNORECASE)

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[ \u00a0\u202f,]\d{3})+(?!\d)")

_EMERGENCY = {"CN": ("110", "119", "120", "122"), "KZ": ("112", "101", "102", "103", "104", "111")}
_COUNTRY = {
    "CN": {"zh": "中国", "kk": "Қытай", "ru": "Кита", "en": "China"},
    "KZ": {"zh": "哈萨克斯坦", "kk": "Қазақстан", "ru": "Казахстан", "en": "Kazakhstan"},
}
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*(?=\D|$)")


def numbers_of(text: str, language: str) -> set[str]:
    """The numbers a text states; month names count as their number, 20 000 = 20,000 = 20000."""
    text = _GROUPED.sub(lambda m: re.sub(r"\D", "", m.group()), text)
    found = {n.replace(",", ".").lstrip("0") or "0" for n in _NUMBER.findall(text)}
    for number, month in enumerate(_MONTH.get(language, []), start=1):
        if month.search(text):
            found.add(str(number))
    if _ROUND_THE_CLOCK.search(text):
        found.add("24")
    return found


def unnamed_emergency_number(text: str, language: str) -> str | None:
    """The first emergency number in a sentence that does not name its country.

    110 is the police in China and the security service's line in Kazakhstan,
    so a bare number can send someone to the wrong people.
    """
    for sentence in _SENTENCE.split(text):
        for country, numbers in _EMERGENCY.items():
            for number in numbers:
                if re.search(rf"(?<![\d-]){number}(?![\d-])", sentence):
                    others = [c for c in _COUNTRY if c != country and number in _EMERGENCY[c]]
                    if not any(_COUNTRY[c][language] in sentence for c in (country, *others)):
                        return number
    return None
