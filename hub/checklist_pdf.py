"""The checklist of a first trip abroad as a PDF to print or keep, A4, in any script."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

from hub.checklist import Checklist, Section, word

FONTS = Path(__file__).parent.parent / "data" / "fonts"

FACES = {"Hans": "Hans", "Hant": "Hant", "Arab": "Arab", "Cyrl": "Cyrl", "Latn": "Cyrl"}
"""The font that prints each script; letters of Europe are in the one for Cyrillic."""

FALLBACKS = ("hans",)
"""Fonts that draw what another lacks."""

MARGIN = 16.0
BOX = 3.6
"""Millimetres: of the page's edges, and of a box to tick."""

_UNIT = re.compile(r"[“（《]*(?:[\x21-\x7e]+|.)[，。；：、）”》！？ ]*")
"""What stays on one line: a character with its punctuation, a number or a word in Latin letters."""

INK, QUIET, ACCENT = (28, 36, 40), (90, 100, 106), (11, 92, 107)


def pdf(checklist: Checklist, done: Collection[str] = ()) -> bytes:
    """The PDF; ``done`` are ids of items that are ticked already, unknown ones are left out."""
    page = _Page(checklist)
    page.add_page()
    page.heading()
    for at, section in enumerate(checklist.sections, start=1):
        page.section(at, section, done)
    return bytes(page.output())


class _Page(FPDF):
    """Lines and boxes from the side on which the script begins."""

    def __init__(self, checklist: Checklist) -> None:
        super().__init__(format="A4")
        self._of = checklist
        face = FACES[checklist.language.script].lower()
        self.add_font("text", "", FONTS / f"{face}.ttf")
        self.add_font("text", "B", FONTS / f"{face}-bold.ttf")
        # brackets and dashes in Arabic script, Chinese names in every other
        others = [other for other in FALLBACKS if other != face]
        for other in others:
            self.add_font(other, "", FONTS / f"{other}.ttf")
            self.add_font(other, "B", FONTS / f"{other}-bold.ttf")
        self.set_fallback_fonts(others)
        if checklist.rtl:
            self.set_text_shaping(direction="rtl", script="arab", language="kaz")
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, margin=MARGIN)
        self.set_title(checklist.title)
        self.set_lang(f"{checklist.language.code}-{checklist.language.script}")
        self.alias_nb_pages("{of}")

    def heading(self) -> None:
        self._write(self._of.title, 19, ACCENT, "B")
        self._write(self._of.subtitle, 10, QUIET)
        self._write(self._of.lead, 10, INK)
        self.ln(2)

    def section(self, at: int, section: Section, done: Collection[str]) -> None:
        """A step, which is not torn between two pages."""
        with self.offset_rendering() as dry:
            dry._section(at, section, done)
        if dry.page_break_triggered:
            self.add_page()
        self._section(at, section, done)

    def footer(self) -> None:
        self.set_y(-MARGIN + 4)
        self._write(word("page_of", self._of.language, at=str(self.page_no()), of="{of}"), 8, QUIET)

    def _section(self, at: int, section: Section, done: Collection[str]) -> None:
        self._write(f"{at}. {section.title}", 13, ACCENT, "B")
        for item, text in section.items:
            self._item(text, item in done)
        self.ln(1)
        self._write(section.text, 9.5, INK)
        if section.caution:
            self._write(section.caution, 8.5, INK, "B")
        self._write(section.sources, 7.5, QUIET)
        self.ln(4)

    def _item(self, text: str, ticked: bool) -> None:
        indent = BOX + 3
        before = self.get_y()
        left, right = (0.0, indent) if self._of.rtl else (indent, 0.0)
        x = self.w - MARGIN - BOX if self._of.rtl else MARGIN
        self.set_draw_color(*INK)
        self.rect(x, before + 1.2, BOX, BOX)
        if ticked:
            self.line(x + 0.7, before + 3, x + 1.5, before + 4)
            self.line(x + 1.5, before + 4, x + 3, before + 1.9)
        self.set_left_margin(MARGIN + left)
        self.set_right_margin(MARGIN + right)
        self.set_x(MARGIN + left)
        self._write(text, 11, INK)
        self.set_left_margin(MARGIN)
        self.set_right_margin(MARGIN)
        self.set_x(MARGIN)

    def _write(self, text: str, size: float, color: tuple[int, int, int], style: str = "") -> None:
        self.set_font("text", style, size)
        self.set_text_color(*color)
        self.multi_cell(
            0,
            size * 0.53,
            self._broken(text) if self._of.language.code == "zh" else text,
            align=Align.R if self._of.rtl else Align.L,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _broken(self, text: str) -> str:
        """Chinese in lines: none begins with a comma or is cut inside a number."""
        room = self.w - self.l_margin - self.r_margin
        lines = [""]
        for unit in _UNIT.findall(text):
            if self.get_string_width(lines[-1] + unit) > room:
                lines.append("")
            lines[-1] += unit
        return "\n".join(lines)
