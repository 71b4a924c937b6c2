"""Whatever a process logs, and however, shows no number of a passport, card, plate or phone."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.process_log import CoveredRecord

PASSPORT, COVERED = "E12345678", "●●●●●●●78"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a handler with a plain formatter writes of the logger ``tests``."""
    before = logging.getLogRecordFactory()
    logging.setLogRecordFactory(CoveredRecord)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger("tests").addHandler(handler)
    yield stream
    logging.getLogger("tests").removeHandler(handler)
    logging.setLogRecordFactory(before)


log = logging.getLogger("tests")


def test_messages_and_arguments_are_covered(written: io.StringIO) -> None:
    log.error(f"passport {PASSPORT}")
    log.error("passport %s of %r", PASSPORT, {"text": f"我的护照\n{PASSPORT}"})
    assert written.getvalue().count(COVERED) == 3
    assert PASSPORT not in written.getvalue()


def test_tracebacks_and_their_causes_are_covered(written: io.StringIO) -> None:
    try:
        try:
            raise KeyError(PASSPORT)
        except KeyError as error:
            raise ValueError(f"新G12345, {PASSPORT}") from error
    except ValueError:
        log.exception("failed", stack_info=True)
    assert written.getvalue().count(COVERED) == 2
    assert "●●●●45" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert "G12345" not in written.getvalue()


@pytest.mark.parametrize(
    "text", [f"护照{PASSPORT}", f"one\n{PASSPORT}", "新G12345", "машина А123ВС77"]
)
def test_letters_in_ascii_escapes_hide_no_number(written: io.StringIO, text: str) -> None:
    log.error(json.dumps({"text": text}))
    log.error("%r", text.encode())
    for number in (PASSPORT, "G12345", "123"):
        assert number not in written.getvalue()
    assert "●" in written.getvalue().splitlines()[0]
    assert "●" in written.getvalue().splitlines()[1]


def test_a_covered_line_of_json_is_json(written: io.StringIO) -> None:
    log.error(json.dumps({"text": f'"护照"\x01\\ {PASSPORT} 🛂'}))
    assert json.loads(written.getvalue()) == {"text": f'"护照"\x01\\ {COVERED} 🛂'}


@pytest.mark.parametrize(
    "ends",
    [
        f"raise ValueError('{PASSPORT}')",
        f"import threading; t = threading.Thread(target=int, args=['{PASSPORT}']); t.start()",
        f"import warnings; warnings.warn('{PASSPORT}')",
    ],
)
def test_what_nobody_caught_is_covered_too(ends: str) -> None:
    program = (
        "import logging; from bot.process_log import cover_numbers\n"
        f"cover_numbers(); logging.basicConfig(); {ends}"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert COVERED in ended.stderr
    assert PASSPORT not in ended.stderr
