"""The machine that translates: a LibreTranslate server, asked over HTTP for one text at a time."""

from __future__ import annotations

import json
import time
from typing import Any

import aiohttp

from bot.language import Language
from bot.masking import masked
from bot.scripts import from_script
from hub.protection import LostError, cover

TIMEOUT = 5.0
"""Seconds that one question to the server may take."""

LARGEST_ANSWER = 64 * 1024
"""Bytes."""

PAIRS_HOLD = 600.0
"""Seconds that the server's list of languages is taken to hold."""

CODES = {"zh": ("zh-Hans", "zh"), "kk": ("kk",), "ru": ("ru",), "en": ("en",)}
"""What LibreTranslate calls our languages: Chinese had another code before its version 1.7."""


class UntranslatableError(ValueError):
    """This text gets no translation, however often it is asked for."""


class TranslationFailedError(ConnectionError):
    """Not now; ``wait`` is how many seconds the server asks to be left alone."""

    def __init__(self, problem: str, wait: float = 0.0) -> None:
        super().__init__(problem)
        self.wait = wait


class LibreTranslate:
    """The HTTP API of https://docs.libretranslate.com; the key is sent to ``url`` alone."""

    def __init__(self, session: aiohttp.ClientSession, url: str, api_key: str) -> None:
        self._session = session
        self._url = url
        self._key = {"api_key": api_key} if api_key else {}
        self._pairs: dict[str, set[str]] = {}
        self._pairs_until = 0.0

    async def translate(self, text: str, source: Language, target: str) -> str:
        """The text in the language of a code, simplified Chinese or Kazakh in Cyrillic.

        Numbers, plates, passports, times, phones and links come back as they were.

        Raises:
            UntranslatableError: there is no such pair, nothing to translate, or the server
                refused the text or spoiled it.
            TranslationFailedError: the server is down, slow, busy or makes no sense.
        """
        covered = cover(text, lambda words: from_script(words, source.code, source.script))
        if not covered.has_words:
            raise UntranslatableError("there are no words in it")
        from_code, to_code = await self._codes(source.code, target)
        answer = await self._ask(
            "POST",
            "/translate",
            json={
                "q": covered.text,
                "source": from_code,
                "target": to_code,
                "format": "text",
                **self._key,
            },
        )
        translated = answer.get("translatedText") if isinstance(answer, dict) else None
        if not isinstance(translated, str):
            raise TranslationFailedError("the answer holds no translation")
        translated = "".join(c for c in translated if c.isprintable() or c == "\n").strip()
        # a small model that goes astray repeats itself without end
        if len(translated) > 8 * len(covered.text) + 80:
            raise UntranslatableError("the translation has no end")
        # what the server can't translate it gives back as it was
        if not translated or translated.casefold() == covered.text.strip().casefold():
            raise UntranslatableError("the server left it as it was")
        try:
            return covered.uncover(translated)
        except LostError as error:
            raise UntranslatableError(str(error)) from error

    async def _codes(self, source: str, target: str) -> tuple[str, str]:
        """The server's names of a pair.

        Raises:
            UntranslatableError: it does not have the pair.
        """
        if time.monotonic() >= self._pairs_until:
            self._pairs = _pairs(await self._ask("GET", "/languages"))
            self._pairs_until = time.monotonic() + PAIRS_HOLD
        for from_code in CODES[source]:
            for to_code in CODES[target]:
                if to_code in self._pairs.get(from_code, ()):
                    return from_code, to_code
        raise UntranslatableError(f"the server does not translate {source} into {target}")

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            async with self._session.request(
                method,
                self._url + path,
                timeout=aiohttp.ClientTimeout(total=TIMEOUT),
                # the key and the words go nowhere else
                allow_redirects=False,
                **options,
            ) as response:
                body = b""
                async for chunk in response.content.iter_chunked(8192):
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        raise TranslationFailedError("the answer is too large")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TranslationFailedError(repr(error)) from error
        try:
            answer = json.loads(body)
        except ValueError as error:
            answer = None
            if response.status == 200:
                raise TranslationFailedError("the answer is no JSON") from error
        if response.status == 200:
            return answer
        problem = f"{response.status} {_reason(answer)}"
        # 403 is a wrong key or a ban for too many questions, and a ban ends
        if 400 <= response.status < 500 and response.status not in (403, 408, 429):
            # the languages that it had may be others by now
            self._pairs_until = 0.0
            raise UntranslatableError(problem)
        raise TranslationFailedError(problem, _wait(response.headers.get("Retry-After", "")))


def _pairs(listed: Any) -> dict[str, set[str]]:
    """Target codes by source code, of what ``/languages`` gives."""
    try:
        return {str(each["code"]): {str(code) for code in each["targets"]} for each in listed}
    except (TypeError, KeyError) as error:
        raise TranslationFailedError("the list of languages makes no sense") from error


def _reason(answer: Any) -> str:
    """LibreTranslate's own words for an error; a text of a traveler may stand in them."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return masked(error[:80]) if isinstance(error, str) else "without a reason"


def _wait(retry_after: str) -> float:
    return float(retry_after) if retry_after.isdecimal() and len(retry_after) < 6 else 0.0
