"""Kazakh in Cyrillic, in the Arabic script of Xinjiang (төте жазу) and in Latin.

Arabic: the letters of China's Kazakh standard. The hamza (U+0674) stands once,
before a word with the front vowels ә, ө, ү, і; a word with к, г, е or э needs
none, since these letters show frontness by themselves.

Latin: the alphabet presented in January 2021; reading also takes the
apostrophes of 2017, the acutes of 2018 and what people type in chats.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

HAMZA = "\u0674"

_ARABIC = dict(
    zip(
        "абвгғджзийкқлмнңопрстуұфхһчшыеэәөүі",
        "ابۆگعدجزييكقلمنڭوپرستۋۇفحھچشىەەاوۇى",
        strict=True,
    )
)
_ARABIC |= {"ё": "يو", "ц": "تس", "щ": "شش", "ю": "يۋ", "я": "يا", "ъ": "", "ь": ""}
_FRONT, _SHOWS_FRONT = set("әөүі"), set("кгеэ")

_CYRILLIC_OF_ARABIC = {
    arabic: cyrillic
    for cyrillic, arabic in _ARABIC.items()
    if len(arabic) == 1 and cyrillic not in "йэәөүі"
}
_FRONT_OF_BACK = dict(zip("аоұы", "әөүі", strict=True))
_VOWELS = set("аәеоөұүыі")
_ARABIC_SHOWS_FRONT = set("كگە")
# composed and look-alike letters that people type, brought to the ones above
_ARABIC_VARIANTS = {
    "\u0675": "\u0674ا", "\u0676": "\u0674و", "\u0677": "\u0674ۇ", "\u0678": "\u0674ى",
    "\u0621": "\u0674", "ک": "ك", "ی": "ي", "ې": "ي", "ه": "ە", "ہ": "ھ", "خ": "ح",
    "غ": "ع", "ڤ": "ۆ", "ۅ": "و", "ئ": "", "ۈ": "\u0674ۇ", "أ": "ا", "آ": "ا",
}  # fmt: skip
_PUNCTUATION = {",": "،", ";": "؛", "?": "؟"}

_LATIN = dict(
    zip(
        "абвгғдежзийкқлмнңопрстуұфхһшыэәөүі",
        "abvgğdejziikqlmnñoprstuūfhhşyeäöüı",
        strict=True,
    )
)
_LATIN |= {"ё": "io", "ц": "ts", "ч": "ch", "щ": "şş", "ю": "iu", "я": "ia", "ъ": "", "ь": ""}
_UPPER = {"i": "İ", "ı": "I"}

_LATIN_READING = [
    ("shsh", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("gh", "ғ"), ("ng", "ң"),
    ("a'", "ә"), ("o'", "ө"), ("u'", "ү"), ("g'", "ғ"), ("n'", "ң"), ("s'", "ш"), ("c'", "ч"),
    ("y'", "у"), ("i'", "и"), ("ts", "ц"), ("ya", "я"), ("yu", "ю"), ("yo", "ё"),
    ("ia", "ия"), ("iu", "ию"),
    ("ş", "ш"), ("ç", "ч"), ("ä", "ә"), ("á", "ә"), ("ö", "ө"), ("ó", "ө"), ("ü", "ү"),
    ("ú", "ү"), ("ū", "ұ"), ("ğ", "ғ"), ("ǵ", "ғ"), ("ñ", "ң"), ("ń", "ң"), ("ý", "у"),
    ("ı", "і"), ("a", "а"), ("b", "б"), ("c", "с"), ("d", "д"), ("e", "е"), ("f", "ф"),
    ("g", "г"), ("h", "х"), ("i", "и"), ("j", "ж"), ("k", "к"), ("l", "л"), ("m", "м"),
    ("n", "н"), ("o", "о"), ("p", "п"), ("q", "қ"), ("r", "р"), ("s", "с"), ("t", "т"),
    ("u", "у"), ("v", "в"), ("w", "у"), ("x", "х"), ("y", "ы"), ("z", "з"), ("'", ""),
]  # fmt: skip
_LATIN_TABLE = dict(_LATIN_READING)
_LATIN_PATTERN = re.compile("|".join(re.escape(latin) for latin, _ in _LATIN_READING))
_SHORT_I = re.compile("(?<=[аәеэоөұүыіуи])и")

_GROUPED = re.compile(r"(?<![\d+-])(?<!\d )\d{1,3}(?: \d{3})+(?![\d-]| \d)")
_PHONE = re.compile(r"(?<![^\s(])\+(?=\d)")
_KEPT = re.compile(r"(https?://\S+|\b[А-ЯA-Z]{1,3}\d{3}[А-ЯA-Z]{1,3}(?: ?\d{2,3})?\b)")
_CYRILLIC_WORD = re.compile(r"[а-яёәғқңөұүһі]+", re.IGNORECASE)
_ARABIC_WORD = re.compile(r"[\u0621-\u064a\u0671-\u06d5]+")
_LATIN_WORD = re.compile(r"[a-zäáöóüúūğǵñńşçýıİ']+", re.IGNORECASE)


def cyrillic_to_arabic(text: str) -> str:
    """Every Cyrillic word of a text in Arabic letters; everything else stays as it is.

    A comma, semicolon or question mark after an Arabic letter turns too. The space in 20 000
    no longer breaks, and an invisible mark stands before the + of a phone number: without them
    Unicode's rules for right to left turn the parts of both around.
    """
    turned = _turn(text, lambda word: _arabic_word(word.lower()))
    if turned == text:
        return text
    turned = _GROUPED.sub(lambda match: match.group().replace(" ", "\u00a0"), turned)
    turned = _PHONE.sub("\u200e+", turned)
    return re.sub(
        r"(?<=[\u0621-\u06d5»”)])[,;?]", lambda match: _PUNCTUATION[match.group()], turned
    )


def arabic_to_cyrillic(text: str) -> str:
    """Every Arabic word of a text in Cyrillic letters, in lower case.

    Arabic spelling does not tell и from й (й is read after a vowel), nor the
    vowels of words whose frontness к, г, е show: ә and ө stand in the first
    syllable of native words only, so ا or و further on makes it a loan word
    (شەكارا, шекара), whose ى and ۇ follow the vowel before them.
    """
    for variant, plain in _ARABIC_VARIANTS.items():
        text = text.replace(variant, plain)
    for cyrillic, arabic in _PUNCTUATION.items():
        text = text.replace(arabic, cyrillic)
    return _ARABIC_WORD.sub(lambda match: _cyrillic_word(match.group()), text)


def cyrillic_to_latin(text: str) -> str:
    """Every Cyrillic word of a text in the Latin alphabet of 2021, capitals kept.

    It writes тс like ц; reading takes нг for ң, since chats write ng for it.
    """
    return _turn(text, _latin_word)


def _turn(text: str, word: Callable[[str], str]) -> str:
    """Turns every Cyrillic word but those of links and number plates."""
    pieces = _KEPT.split(text)
    pieces[::2] = [_CYRILLIC_WORD.sub(lambda match: word(match.group()), p) for p in pieces[::2]]
    return "".join(pieces)


def latin_to_cyrillic(text: str) -> str:
    """Every Latin word of a Kazakh text in Cyrillic, in lower case, however it is spelt."""
    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("ʼ", "'")
    return _LATIN_WORD.sub(lambda match: _read_latin(match.group()), text)


def _arabic_word(word: str) -> str:
    letters = set(word)
    hamza = HAMZA if letters & _FRONT and not letters & _SHOWS_FRONT else ""
    return hamza + "".join(_ARABIC.get(letter, letter) for letter in word)


def _cyrillic_word(word: str) -> str:
    plain = word.replace(HAMZA, "")
    letters = [_CYRILLIC_OF_ARABIC.get(letter, "") for letter in plain]
    front = HAMZA in word or bool(_ARABIC_SHOWS_FRONT & set(plain))
    is_loan = HAMZA not in word and front and _breaks_harmony(letters)
    read = ""
    for letter in letters:
        if letter in _FRONT_OF_BACK and front:
            is_back = is_loan and (letter in "ао" or _last_vowel(read) in set("ао"))
            read += letter if is_back else _FRONT_OF_BACK[letter]
        else:
            read += letter
    return _SHORT_I.sub("й", read)


def _breaks_harmony(letters: list[str]) -> bool:
    vowels = [letter for letter in letters if letter in _VOWELS]
    return bool(set(vowels[1:]) & set("ао"))


def _last_vowel(read: str) -> str:
    return next((letter for letter in reversed(read) if letter in _VOWELS), "")


def _latin_word(word: str) -> str:
    latin = "".join(_LATIN.get(letter, letter) for letter in word.lower())
    if word.isupper() and len(word) > 1:
        return "".join(_capital(letter) for letter in latin)
    if word[0].isupper() and latin:
        return _capital(latin[0]) + latin[1:]
    return latin


def _capital(letter: str) -> str:
    return _UPPER.get(letter, letter.upper())


def _read_latin(word: str) -> str:
    # İ and I are the capitals of i and ı in the alphabet of 2021 only; chats use I for both
    lowered = word.replace("İ", "i").lower()
    read = _LATIN_PATTERN.sub(lambda match: _LATIN_TABLE[match.group()], lowered)
    return _SHORT_I.sub("й", read)
