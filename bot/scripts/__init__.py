"""Scripts of the four languages: what goes out in the traveler's, what comes in to be understood.

Kazakh is written once, in Cyrillic, and Chinese in simplified characters;
other scripts are made from them and read back to them.
"""

from bot.scripts.convert import from_script, normalize, to_script
from bot.scripts.kazakh import (
    arabic_to_cyrillic,
    cyrillic_to_arabic,
    cyrillic_to_latin,
    latin_to_cyrillic,
)
from bot.scripts.search import searchable

__all__ = [
    "arabic_to_cyrillic",
    "cyrillic_to_arabic",
    "cyrillic_to_latin",
    "from_script",
    "latin_to_cyrillic",
    "normalize",
    "searchable",
    "to_script",
]
