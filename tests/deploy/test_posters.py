"""The posters as ``make posters`` really prints them."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
import segno
import yaml
from PIL import Image
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from deploy.posters import LANGUAGES, QUIET_ZONE, WORDS, poster, unreachable

ADDRESS = "https://assistant.port.example/page?from=poster&side=cn"
LONG = ADDRESS + "&hall=departures" * 8
A4 = (595, 842)
"""Width and height in points."""
PIXELS_PER_CM = 96 / 2.54
NUMBERS = {"china": ("120", "110", "119"), "kazakhstan": ("112", "103")}
RADICALS = str.maketrans({"⻔": "门", "⻝": "食"})
"""Characters that Noto draws with the glyph of a radical, which is what a PDF's text then says."""
ROWS = yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def run(folder: Path, address: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What ``make posters`` runs once Chromium is there."""
    return subprocess.run(
        [sys.executable, "-m", "deploy.posters"],
        env={**os.environ, "VAR_DIR": str(folder), "PUBLIC_URL": address, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def bare(text: str) -> str:
    """A text without blanks and line breaks, and with letters as they are typed."""
    return "".join(unicodedata.normalize("NFKC", text).translate(RADICALS).split())


def printed_text(pdf: Path) -> str:
    return bare("".join(page.extract_text() for page in PdfReader(pdf).pages))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """The folder of the posters, and what was said on output and on error."""
    folder = tmp_path_factory.mktemp("var")
    done = run(folder, ADDRESS)
    assert done.returncode == 0, done.stderr
    return folder / "posters", done.stdout, done.stderr


def test_every_language_gets_one_a4_page_and_is_told_where(printed: tuple[Path, str, str]) -> None:
    folder, said, complaint = printed
    assert sorted(path.name for path in folder.iterdir()) == [
        "en.pdf",
        "kk.pdf",
        "ru.pdf",
        "zh.pdf",
    ]
    for language in LANGUAGES:
        pdf = folder / f"{language}.pdf"
        (page,) = PdfReader(pdf).pages
        assert (page.mediabox.width, page.mediabox.height) == pytest.approx(A4, abs=1.5)
        assert str(pdf) in said
    assert ADDRESS in said
    assert "WARNING" not in complaint


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_poster_has_heading_questions_address_and_both_countries_numbers(
    printed: tuple[Path, str, str], language: str
) -> None:
    text = printed_text(printed[0] / f"{language}.pdf")
    assert len(ROWS["questions"]) == 3
    for row in (ROWS["heading"], ROWS["invitation"], ROWS["emergency"], *ROWS["questions"]):
        assert bare(row[language]) in text
    assert ADDRESS in text
    for country, numbers in NUMBERS.items():
        assert bare(ROWS[country][language]) in text
        for number in numbers:
            assert number in ROWS[country][language]


def test_every_word_stands_in_all_languages() -> None:
    words = [row for key, row in ROWS.items() if key != "questions"]
    for row in (*words, *ROWS["questions"]):
        assert set(row) == set(LANGUAGES)
        assert all(text.strip() for text in row.values())


@pytest.mark.parametrize("address", [ADDRESS, LONG])
def test_the_code_on_the_page_is_the_addresss_large_and_with_its_quiet_zone(address: str) -> None:
    expected = [list(row) for row in segno.make(address, error="q").matrix]
    modules = len(expected)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(device_scale_factor=2)
        page.emulate_media(media="print")
        for language in LANGUAGES:
            page.set_content(poster(language, address))
            box = page.locator("svg").bounding_box()
            assert box is not None
            picture = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("L")
            size = box["width"] / (modules + 2 * QUIET_ZONE)

            def dark(column: int, row: int, box=box, size=size, picture=picture) -> bool:
                """Whether the middle of a module is dark; the first one of the code is (0, 0)."""
                x = box["x"] + (column + QUIET_ZONE + 0.5) * size
                y = box["y"] + (row + QUIET_ZONE + 0.5) * size
                return picture.getpixel((int(2 * x), int(2 * y))) < 128

            around = range(-QUIET_ZONE, modules + QUIET_ZONE)
            for row in around:
                for column in around:
                    inside = 0 <= row < modules and 0 <= column < modules
                    assert dark(column, row) == bool(inside and expected[row][column])
            assert modules * size / PIXELS_PER_CM >= 9
            page_width = page.evaluate("document.body.getBoundingClientRect().width")
            assert box["x"] + box["width"] / 2 == pytest.approx(page_width / 2, abs=1)
        browser.close()


def test_a_long_address_stays_on_one_page(tmp_path: Path) -> None:
    assert run(tmp_path, LONG).returncode == 0
    for language in LANGUAGES:
        pdf = tmp_path / "posters" / f"{language}.pdf"
        assert len(PdfReader(pdf).pages) == 1
        assert LONG in printed_text(pdf)


def test_the_localhost_default_is_printed_with_a_loud_warning(tmp_path: Path) -> None:
    done = run(tmp_path, "", HUB_PORT="8123")
    assert done.returncode == 0
    assert "WARNING: phones can't reach http://localhost:8123/" in done.stderr
    assert "PUBLIC_URL=" in done.stderr
    assert len(list((tmp_path / "posters").iterdir())) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("address", "phones_cannot"),
    [
        ("http://localhost:8080/", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]:8080/", True),
        (ADDRESS, False),
        ("https://example.org/localhost", False),
    ],
)
def test_only_addresses_of_the_machine_itself_are_unreachable(
    address: str, phones_cannot: bool
) -> None:
    assert unreachable(address) == phones_cannot


def test_without_chromium_it_says_what_brings_it(tmp_path: Path) -> None:
    done = run(tmp_path, ADDRESS, PATH="", PLAYWRIGHT_BROWSERS_PATH=str(tmp_path / "none"))
    assert done.returncode == 2
    assert "deploy/chromium.sh" in done.stderr
    assert "Traceback" not in done.stderr
