"""Builds ``data/languages/profiles.json.gz``: ``python -m bot.build_profiles FOLDER``.

FOLDER holds Kazakh sentences as tab-separated files whose third column is the
text (data/languages/README.md tells which). Russian, English, Arabic, Persian
and Urdu counts are those that langdetect ships; our own example messages are
added, so that the profiles know how travelers write.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import yaml

from bot.language import LANGUAGES, ngrams
from bot.scripts import cyrillic_to_arabic, cyrillic_to_latin

EXAMPLES = Path(__file__).parent.parent / "data" / "nlu"

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FOLDED = str.maketrans("әғқңөұүһі", "агкноуухи")
_INFORMAL = [
    ("ä", "a"), ("ö", "o"), ("ü", "u"), ("ū", "u"), ("ğ", "g"), ("ş", "sh"),
    ("ñ", "n"), ("ı", "i"), ("q", "k"),
]  # fmt: skip
_RUSSIAN_LATIN = dict(zip("абвгдезийклмнопрстуфхыэ", "abvgdeziiklmnoprstufhye", strict=True))
_RUSSIAN_LATIN |= {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch"}
_RUSSIAN_LATIN |= {"ю": "yu", "я": "ya", "ё": "yo", "ъ": "", "ь": ""}

_RARE = 3
"""N-grams seen less often in every source are left out."""

_UNSEEN = 2.5e-5
"""Probability of an n-gram that a language does not know."""


def build(kazakh: list[str]) -> dict[str, dict[str, object]]:
    """Profiles by script: ``{"codes", "ngrams": {ngram: [log-probability by code]}}``."""
    russian, english, ours = examples("ru"), examples("en"), examples("kk")
    ours = [text for text in ours if re.search("[а-я]", text)]
    return {
        "Cyrl": _profile(
            {
                "kk": [_counts(_with_folded(kazakh)), _counts(_with_folded(ours))],
                "ru": [_shipped("ru"), _counts(russian)],
            }
        ),
        "Latn": _profile(
            {
                "en": [_shipped("en"), _counts(english)],
                "kk": [_counts(_in_latin(kazakh)), _counts(_in_latin(ours))],
                "ru": [_counts(_transliterated(text) for text in russian)],
            }
        ),
        "Arab": _profile(
            {
                "kk": [_counts(cyrillic_to_arabic(text) for text in [*kazakh, *ours])],
                "ar": [_shipped("ar")],
                "fa": [_shipped("fa")],
                "ur": [_shipped("ur")],
            }
        ),
    }


def examples(language: str) -> list[str]:
    """All example messages of a language, in lower case."""
    found = []
    for path in sorted((EXAMPLES / language).rglob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            found += [line[2:].lower() for line in block["examples"].splitlines()]
    return found


def _counts(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(ngrams(" ".join(_WORD.findall(text.lower()))))
    return counts


def _shipped(code: str) -> Counter[str]:
    """langdetect's own counts of a language."""
    profile = json.loads((files("langdetect") / "profiles" / code).read_text(encoding="utf-8"))
    counts: Counter[str] = Counter()
    for ngram, count in profile["freq"].items():
        counts[ngram.lower()] += count
    return counts


def _profile(by_code: dict[str, list[Counter[str]]]) -> dict[str, object]:
    """Log-probabilities by code, the mean of those of its sources.

    Each length of n-gram sums to one, so that a source of millions of pages
    and one of a thousand messages weigh the same. Rare n-grams are left out.
    """
    totals = {
        id(counts): [sum(c for g, c in counts.items() if len(g) == n) or 1 for n in (1, 2, 3)]
        for sources in by_code.values()
        for counts in sources
    }
    table = {}
    known = [counts for sources in by_code.values() for counts in sources]
    for ngram in sorted({g for counts in known for g, c in counts.items() if c >= _RARE}):
        n = len(ngram) - 1
        table[ngram] = [
            round(
                math.log(
                    sum(counts[ngram] / totals[id(counts)][n] for counts in sources) / len(sources)
                    + _UNSEEN
                ),
                2,
            )
            for sources in by_code.values()
        ]
    return {"codes": list(by_code), "ngrams": table}


def _with_folded(texts: list[str]) -> list[str]:
    """Kazakh texts, and the same without its own letters, as people type them."""
    return [*texts, *(text.translate(_FOLDED) for text in texts)]


def _in_latin(texts: list[str]) -> list[str]:
    """Kazakh texts in the official Latin alphabet, and as people type it in chats."""
    latin = [cyrillic_to_latin(text).lower() for text in texts]
    informal = []
    for text in latin:
        for official, typed in _INFORMAL:
            text = text.replace(official, typed)
        informal.append(text)
    return [*latin, *informal]


def _transliterated(text: str) -> str:
    return "".join(_RUSSIAN_LATIN.get(letter, letter) for letter in text)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: python -m bot.build_profiles FOLDER (of Kazakh sentences)", file=sys.stderr)
        return 2
    sentences = [
        columns[2]
        for path in sorted(Path(arguments[0]).glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if len(columns := line.split("\t")) > 2 and not line.startswith("#")
    ]
    target = LANGUAGES / "profiles.json.gz"
    packed = json.dumps(build(sentences), ensure_ascii=False, separators=(",", ":")).encode()
    target.write_bytes(gzip.compress(packed, mtime=0))
    print(f"{target}: {target.stat().st_size // 1024} KB from {len(sentences)} sentences")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
