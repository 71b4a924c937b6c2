"""Keeps numbers of people and cars out of whatever a process of ours logs."""

from __future__ import annotations

import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any

from bot.masking import masked

_ESCAPED = re.compile(r"\\u((?!00[0-7]|d[89a-f])[0-9a-f]{4})|((?:\\x[89a-f][0-9a-f])+)")
"""Letters as JSON and ``repr()`` write them in ASCII: a number right after one would go unseen."""

log = logging.getLogger(__name__)


class CoveredRecord(logging.LogRecord):
    """A record whose message, arguments and traceback show no such number, whoever writes it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.exc_info and self.exc_info[0]:
            # every formatter takes the text that is there already
            self.exc_text = covered(_TRACEBACKS.formatException(self.exc_info))
        if self.stack_info:
            self.stack_info = covered(self.stack_info)

    def getMessage(self) -> str:  # noqa: N802 — logging's name
        return covered(super().getMessage())


def cover_numbers() -> None:
    """From now on all records of this process are covered, whatever handlers there are or come.

    Warnings, and errors that nobody caught, are logged too instead of being printed.
    """
    logging.setLogRecordFactory(CoveredRecord)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda arguments: _uncaught(*arguments[:3])


def covered(text: str) -> str:
    """``masked``, for texts with letters written in ASCII escapes, which it writes out."""
    return masked(_ESCAPED.sub(_letters, text))


def _letters(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1], 16))
    return bytes.fromhex(match[2].replace(r"\x", "")).decode(errors="replace")


def _uncaught(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("nobody caught this", exc_info=(kind, error or kind(), trace))


_TRACEBACKS = logging.Formatter()
