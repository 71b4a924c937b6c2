"""How a text is spelt where it is searched: one spelling for all scripts, whatever the language.

Kazakh in three scripts, Russian, and what people type in Latin letters for either become the same
letters of the Latin alphabet; traditional characters become simplified. The spelling of a word's
beginning is the beginning of its spelling, so that half a word finds the whole.
"""

from __future__ import annotations

import re
import unicodedata

import opencc

from bot.scripts.kazakh import arabic_to_cyrillic

_SIMPLIFIED = opencc.OpenCC("t2s")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_ARABIC = re.compile(r"[\u0620-\u06ff]")

# marks on letters, vowel signs, and what takes no room
_UNSEEN = re.compile(r"[\u0300-\u036f\u064b-\u0655\u00ad\u200b-\u200f\ufeff]")

# vowels that scripts don't tell apart are one; ж, ч, ш, щ, ц as people write them with two letters
_LETTERS = str.maketrans(
    dict(zip("абвгғдезикқлмнңопрстуұүфхһыэәөі", "abvggdezikklmnnoprstuuufhhieaoi", strict=True))
    | {"ж": "zh", "ч": "ch", "ш": "sh", "щ": "shsh", "ц": "ts", "ю": "iu", "я": "ia"}
    | {"ъ": "", "ь": "", "j": "zh", "ı": "i", "y": "i", "w": "u", "q": "k", "x": "h"}
)
# before marks are dropped: letters that differ by their mark alone
_MARKED = str.maketrans({"ş": "sh", "ç": "ch", "ý": "u"})
_APOSTROPHES = re.compile("['’ʼ`ʹ]")
# the alphabet of 2017; an English genitive ends its word
_HISSING = re.compile(r"([sc])['’ʼ](?=[^\W\d_])")
# chats write ng for ң and gh for ғ
_PAIRS = re.compile("(?<=n)g|(?<=g)h")
_DOUBLE = re.compile(r"([a-z])\1+")


def searchable(text: str) -> str:
    """A text, or words that are looked for in it, in the one spelling of searching."""
    text = unicodedata.normalize("NFKC", text).lower()
    if _ARABIC.search(text):
        text = arabic_to_cyrillic(text)
    if _CHINESE.search(text):
        text = str(_SIMPLIFIED.convert(text))
    text = _HISSING.sub(r"\1h", text.translate(_MARKED))
    text = _UNSEEN.sub("", unicodedata.normalize("NFD", text))
    text = _APOSTROPHES.sub("", text).translate(_LETTERS)
    return _DOUBLE.sub(r"\1", _PAIRS.sub("", text))
