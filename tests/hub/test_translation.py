"""The adapter against a LibreTranslate server as strict as the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.language import Language
from hub import translation
from hub.translation import TranslationFailedError, UntranslatableError
from tests.fakes.libretranslate import LibreTranslate

RUSSIAN, ENGLISH = Language("ru", "Cyrl"), Language("en", "Latn")
Serve = Callable[..., Awaitable[TestServer]]


@pytest.fixture
def server() -> LibreTranslate:
    return LibreTranslate(key="secret")


@pytest.fixture
async def machine(
    server: LibreTranslate, aiohttp_server: Serve
) -> AsyncIterator[translation.LibreTranslate]:
    address = await aiohttp_server(server.application())
    async with aiohttp.ClientSession() as session:
        url = f"http://127.0.0.1:{address.port}"
        yield translation.LibreTranslate(session, url, "secret")


async def test_a_text_is_asked_for_as_the_api_wants_it(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    server.says["Я жду у полосы ZX1"] = "我在ZX1号车道等"
    assert await machine.translate("Я жду у полосы 4", RUSSIAN, "zh") == "我在4号车道等"
    assert server.asked == [
        {
            "q": "Я жду у полосы ZX1",
            "source": "ru",
            "target": "zh-Hans",
            "format": "text",
            "api_key": "secret",
        }
    ]


@pytest.mark.parametrize(
    ("text", "language", "asked"),
    [
        ("مەن كەزەكتە تۇرمىن", Language("kk", "Arab"), "мен кезекте тұрмын"),
        ("Men kezekte tūrmyn, N12345678", Language("kk", "Latn"), "мен кезекте тұрмын, ZX1"),
        ("護照在蘇E12345的車裡", Language("zh", "Hant"), "护照在ZX1的车里"),
    ],
)
async def test_the_machine_is_asked_in_the_script_that_it_knows(
    server: LibreTranslate,
    machine: translation.LibreTranslate,
    text: str,
    language: Language,
    asked: str,
) -> None:
    await machine.translate(text, language, "en")
    assert server.asked[0]["q"] == asked


async def test_an_old_servers_name_for_chinese_is_taken(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    server.codes = ("en", "zh")
    await machine.translate("你好", Language("zh", "Hans"), "en")
    assert (server.asked[0]["source"], server.asked[0]["target"]) == ("zh", "en")


async def test_a_pair_that_the_server_lacks_is_not_asked_for(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    server.without = {("kk", "en")}
    with pytest.raises(UntranslatableError):
        await machine.translate("сәлем", Language("kk", "Cyrl"), "en")
    assert server.asked == []


async def test_no_words_are_no_question(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    with pytest.raises(UntranslatableError):
        await machine.translate("N12345678 10:30", RUSSIAN, "en")
    assert server.asked == []


@pytest.mark.parametrize(
    "spoiled",
    ["", "  ", "Жду", "Wait ZX1, ZX1", "Wait ZX1 zx2", "Wait ZX1" + " wait" * 300, "wait zx1"],
)
async def test_a_spoiled_translation_is_thrown_away(
    server: LibreTranslate, machine: translation.LibreTranslate, spoiled: str
) -> None:
    server.spoil = lambda _said: spoiled
    text = "Wait 5" if spoiled == "wait zx1" else "Ждите 5"
    with pytest.raises(UntranslatableError):
        await machine.translate(text, ENGLISH if text == "Wait 5" else RUSSIAN, "zh")


@pytest.mark.parametrize(
    ("status", "error", "raised"),
    [
        (400, "ru is not supported", UntranslatableError),
        (400, "Invalid request: request (900) exceeds text limit (500)", UntranslatableError),
        (403, "Too many request limits violations", TranslationFailedError),
        (429, "Slowdown: 30 per 1 minute", TranslationFailedError),
        (500, "Cannot translate text: out of memory", TranslationFailedError),
        (503, "loading", TranslationFailedError),
    ],
)
async def test_every_error_of_the_server_is_told_apart(
    server: LibreTranslate,
    machine: translation.LibreTranslate,
    status: int,
    error: str,
    raised: type[Exception],
) -> None:
    server.fail_next = [(status, error)]
    with pytest.raises(raised):
        await machine.translate("Жду", RUSSIAN, "en")
    assert await machine.translate("Жду", RUSSIAN, "en") == "<en> Жду"


async def test_a_server_that_asks_to_be_left_alone_is_heard(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    server.fail_next, server.retry_after = [(429, "Slowdown: 30 per 1 minute")], "17"
    with pytest.raises(TranslationFailedError) as caught:
        await machine.translate("Жду", RUSSIAN, "en")
    assert caught.value.wait == 17


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", "{}", '{"translatedText": ["a"]}', '{"translatedText": 5}', "x" * 70_000],
)
async def test_an_answer_without_sense_is_a_failure(
    server: LibreTranslate, machine: translation.LibreTranslate, body: str
) -> None:
    server.raw_next = [body]
    with pytest.raises(TranslationFailedError):
        await machine.translate("Жду", RUSSIAN, "en")


async def test_a_wrong_key_is_refused_by_the_server(
    server: LibreTranslate, machine: translation.LibreTranslate
) -> None:
    server.key = "another"
    with pytest.raises(TranslationFailedError, match="403 Invalid API key"):
        await machine.translate("Жду", RUSSIAN, "en")


async def test_a_server_that_hangs_is_left_after_a_while(
    server: LibreTranslate,
    machine: translation.LibreTranslate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await machine.translate("Жду", RUSSIAN, "en")
    monkeypatch.setattr(translation, "TIMEOUT", 0.2)
    server.go_on.clear()
    with pytest.raises(TranslationFailedError):
        await machine.translate("Жду", RUSSIAN, "en")
    server.go_on.set()


async def test_the_key_and_the_words_follow_no_redirect(
    server: LibreTranslate, aiohttp_server: Serve
) -> None:
    other = await aiohttp_server(server.application())

    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"http://127.0.0.1:{other.port}{request.path}")

    app = web.Application()
    app.router.add_route("*", "/{path}", away)
    here = await aiohttp_server(app)
    async with aiohttp.ClientSession() as session:
        machine = translation.LibreTranslate(session, f"http://127.0.0.1:{here.port}", "secret")
        with pytest.raises(TranslationFailedError):
            await machine.translate("Жду", RUSSIAN, "en")
    assert server.asked == []
