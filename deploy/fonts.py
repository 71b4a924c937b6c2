"""Makes the small fonts of the checklist's PDF: ``python -m deploy.fonts`` after its texts changed.

They hold what the checklist says in all scripts, cut from the Noto fonts of this machine
(Debian's packages fonts-noto-core and fonts-noto-cjk), and go to ``data/fonts``.
"""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from pathlib import Path
from string import printable, whitespace
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.merge import Options as MergeOptions
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

from bot import briefing
from bot.language import SCRIPTS, Language
from hub.checklist import checklist, word
from hub.checklist_pdf import FACES, FONTS

NOTO = Path("/usr/share/fonts")
HAN = NOTO / "opentype/noto"
OTHER = NOTO / "truetype/noto"

# file and, in a collection, the place of each face's font: SC and TC draw characters differently
SOURCES = {
    "Hans": (HAN / "NotoSansCJK-{}.ttc", 2),
    "Hant": (HAN / "NotoSansCJK-{}.ttc", 3),
    "Arab": (OTHER / "NotoNaskhArabic-{}.ttf", -1),
    "Cyrl": (OTHER / "NotoSans-{}.ttf", -1),
}
_HAN = re.compile("[\u3400-\u9fff]")

TOLERANCE = 1.0
"""Units, of 1000 to an em, that a curve may be off where it is drawn anew."""

# what a font without hints says of them
_INSTRUCTIONS = (
    "maxTwilightPoints",
    "maxStorage",
    "maxFunctionDefs",
    "maxInstructionDefs",
    "maxStackElements",
    "maxSizeOfInstructions",
)

WEIGHTS = {"": "Regular", "-bold": "Bold"}

# of alphabets all letters, so that an edited text needs no new font
_BLOCKS = {
    "Cyrl": [*range(0xA0, 0x180), *range(0x400, 0x530), *range(0x2010, 0x2040), 0x20B8, 0x2116],
    "Arab": [*range(0x600, 0x700), 0xAB, 0xBB],
}


def characters() -> dict[str, set[str]]:
    """What the checklist prints with each face, on whatever day."""
    found = {
        face: set(printable) - set(whitespace) | {" "} | set(map(chr, _BLOCKS.get(face, [])))
        for face in FACES.values()
    }
    days = [date(2026, month, 1) for month in range(1, 13)]
    # past its day a step says so in words of its own
    days.append(max(step.check_by for step in briefing.load()) + timedelta(days=1))
    for language in (Language(code, script) for code in SCRIPTS for script in SCRIPTS[code]):
        text = word("page_of", language, at="1", of="2")
        text += "".join("".join(checklist(language, day).texts()) for day in days)
        # Chinese names stand in every language
        han = set(_HAN.findall(text)) if language.code != "zh" else set()
        found["Hans"] |= han
        found[FACES[language.script]] |= set(text) - han
    return found


def cut(path: Path, number: int, kept: set[str]) -> TTFont:
    """A font with these characters only, and the features that join letters."""
    font = TTFont(path, fontNumber=number)
    options = Options(hinting=False, name_IDs=[0, 1, 2, 13])
    if number >= 0:
        # no vertical or alternative forms of Chinese characters
        options.layout_features = []
    subsetter = Subsetter(options)
    subsetter.populate(text="".join(sorted(kept)))
    subsetter.subset(font)
    if "CFF " in font:
        _draw_anew(font)
    return font


def _draw_anew(font: TTFont) -> None:
    """Quadratic curves for cubic ones, with which a PDF needs tables that few readers know."""
    drawn, order, glyphs = font.getGlyphSet(), font.getGlyphOrder(), {}
    for name in order:
        pen = TTGlyphPen(drawn)
        drawn[name].draw(Cu2QuPen(pen, TOLERANCE, reverse_direction=True))
        glyphs[name] = pen.glyph()
    for table in ("CFF ", "VORG"):
        if table in font:
            del font[table]
    font["loca"], font["glyf"] = newTable("loca"), newTable("glyf")
    font["glyf"].glyphOrder, font["glyf"].glyphs = order, glyphs
    maxp = font["maxp"]
    maxp.tableVersion, maxp.maxZones = 0x00010000, 1
    for field in _INSTRUCTIONS:
        setattr(maxp, field, 0)
    font["post"].formatType = 3.0
    font.sfntVersion = "\x00\x01\x00\x00"


def joined(font: TTFont, other: TTFont) -> TTFont:
    """One font of two: a PDF writer that changes fonts in Arabic text mixes up their letters."""
    with TemporaryDirectory() as folder:
        paths = [f"{folder}/{number}.ttf" for number in (1, 2)]
        font.save(paths[0])
        other.save(paths[1])
        return Merger(MergeOptions(drop_tables=["vmtx", "vhea"])).merge(paths)


def main() -> int:
    FONTS.mkdir(exist_ok=True)
    for face, kept in characters().items():
        path, number = SOURCES[face]
        for suffix, weight in WEIGHTS.items():
            source = path.with_name(path.name.format(weight))
            if not source.exists():
                print(f"{source} is missing; see this script's first lines", file=sys.stderr)
                return 2
            made = FONTS / f"{face.lower()}{suffix}.ttf"
            font = cut(source, number, kept)
            if face == "Arab":
                lacking = kept - set(map(chr, font.getBestCmap()))
                latin, _ = SOURCES["Cyrl"]
                font = joined(font, cut(latin.with_name(latin.name.format(weight)), -1, lacking))
            font.save(made)
            print(f"{made.name}: {made.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
