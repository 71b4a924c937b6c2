"""How do travelers find the page? By a poster with its QR code, one a language: ``make posters``.

The words stand in ``data/posters.yml``, the look in ``deploy/poster.html``; the
PDFs go to ``VAR_DIR/posters/<language>.pdf``.
"""

from __future__ import annotations

import re
import shutil
import sys
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

import segno
import yaml
from playwright.sync_api import sync_playwright

from hub.settings import SettingsError, read

LANGUAGES = ("zh", "kk", "ru", "en")
WORDS = Path(__file__).parent.parent / "data" / "posters.yml"
TEMPLATE = Path(__file__).with_name("poster.html")
QUIET_ZONE = 4
"""Light modules around the code; ISO/IEC 18004 asks for four."""

UNREACHABLE = """\
*** WARNING: phones can't reach {address} – it means the phone itself. ***
Don't hang up these posters. Print them again with the page's address as travelers see it:
    PUBLIC_URL=https://<address of the page>/ make posters"""


class ChromiumMissingError(RuntimeError):
    """There is no Chromium to print with; the message says what brings it."""


def code(address: str) -> str:
    """The address as a QR code, an SVG picture with its quiet zone.

    A quarter of the code may be scratched or dirty (error correction Q) and it still reads.
    """
    qr = segno.make(address, error="q", micro=False)
    return qr.svg_inline(border=QUIET_ZONE, omitsize=True)


def poster(language: str, address: str) -> str:
    """The poster of a language for the page at an address, as HTML."""
    rows = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    questions = [row[language] for row in rows.pop("questions")]
    texts = {key: escape(row[language]) for key, row in rows.items()}
    for country in ("china", "kazakhstan"):
        texts[country] = re.sub(r"\d+", r"<b>\g<0></b>", texts[country])
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        texts,
        language=language,
        questions="".join(f"<li>{escape(question)}</li>" for question in questions),
        code=code(address),
        address=escape(address),
    )


def print_posters(address: str, folder: Path) -> list[Path]:
    """Prints the posters of all languages into a folder, made when missing; returns the PDFs.

    Raises:
        ChromiumMissingError: neither the system nor Playwright has one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    printed = []
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(chromium).exists():
            raise ChromiumMissingError(
                "There is no Chromium to print with: "
                "`deploy/chromium.sh .venv/bin/python` brings it."
            )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for language in LANGUAGES:
            path = folder / f"{language}.pdf"
            page.set_content(poster(language, address))
            page.pdf(path=path, format="A4", print_background=True)
            printed.append(path)
        browser.close()
    return printed


def unreachable(address: str) -> bool:
    """Whether an address leads a phone to itself instead of to the page."""
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}


def main() -> int:
    try:
        settings = read()
        printed = print_posters(settings.public_url, settings.var / "posters")
    except (SettingsError, ChromiumMissingError) as error:
        print(error, file=sys.stderr)
        return 2
    for path in printed:
        print(path)
    print(f"Their code leads to {settings.public_url}")
    if unreachable(settings.public_url):
        print(UNREACHABLE.format(address=settings.public_url), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
