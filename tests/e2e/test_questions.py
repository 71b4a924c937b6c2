"""One question a language over the API of the really started system."""

from __future__ import annotations

import aiohttp
import pytest

from tests.system import System
from tests.talk import Traveler

QUESTIONS = {
    "zh": ("请问我能带多少现金过关", "Hans", "20,000", "最后核对：2026年3月31日"),
    "kk": ("шекарадан қанша ақша алып өтуге болады", "Cyrl", "20 000", "31 наурыз"),
    "ru": ("сколько наличных можно провезти через границу", "Cyrl", "20 000", "31 марта 2026"),
    "en": ("how much cash can I carry across the border", "Latn", "20,000", "31 March 2026"),
}


@pytest.mark.parametrize("language", QUESTIONS)
async def test_a_question_is_answered_in_its_language_with_source_and_date(
    system: System, language: str
) -> None:
    question, script, figure, verified = QUESTIONS[language]
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url)
        answer = await traveler.ask(question)
    assert (answer["language"], answer["script"]) == (language, script)
    assert figure in answer["text"]
    assert "12367" in answer["text"]
    (line,) = (line for line in answer["card"]["lines"] if "lada.kz" in line["name"])
    assert "2025" in line["date"]
    assert verified in answer["card"]["verified"]
    assert len(answer["buttons"]) == 3


async def test_kazakh_in_arabic_letters_is_answered_in_arabic_letters(system: System) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url)
        answer = await traveler.ask("قىتايعا كىرۋگە ۆيزا كەرەك پە")
    assert (answer["language"], answer["script"]) == ("kk", "Arab")
    assert "كۇن" in answer["text"]
    assert "30" in answer["text"]
    assert "кү" not in answer["text"] + str(answer["buttons"]) + str(answer["card"])


async def test_traditional_characters_are_answered_in_traditional_characters(
    system: System,
) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url)
        answer = await traveler.ask("請問去哈薩克要簽證嗎？")
    assert (answer["language"], answer["script"]) == ("zh", "Hant")
    assert "簽證" in answer["text"]


async def test_a_button_asks_what_it_says(system: System) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url)
        first = await traveler.ask("do Chinese need a visa for Kazakhstan")
        button = next(b for b in first["buttons"] if "overstay" in b["payload"])
        assert (await traveler.press(button["payload"])).status == 202
        shown = await traveler.log_until(answers=2)
    assert shown[2]["text"] == button["title"]
    assert "517" in shown[3]["text"] or "warning" in shown[3]["text"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "可以带狗去哈萨克斯坦吗"),
        ("kk", "Қазақстанға ит алып жүруге бола ма?"),
        ("ru", "можно с собакой в Казахстан?"),
        ("en", "may I bring a dog to Kazakhstan?"),
    ],
)
async def test_a_button_is_answered_in_the_language_of_the_conversation(
    system: System, language: str, text: str
) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language=language)
        first = await traveler.ask(text)
        assert (await traveler.press(first["buttons"][0]["payload"])).status == 202
        shown = await traveler.log_until(answers=2)
    assert [message["language"] for message in shown] == [language] * 4


async def test_a_payload_that_was_never_offered_is_refused(system: System) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language="ru")
        response = await traveler.press('/policy{"topic": "pets"}')
        assert response.status == 400
        error = (await response.json())["error"]
    assert error["code"] == "not_offered"
    assert "кнопка" in error["message"].lower()


async def test_a_typed_command_of_rasa_is_only_text(system: System) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language="en")
        await traveler.ask("/restart")
        shown = await traveler.log_until(answers=1)
    assert shown[0]["text"] == "/restart"
    assert shown[1]["author"] == "assistant"
    assert shown[1]["text"]
