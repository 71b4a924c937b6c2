"""The emergency guide: what to do first, whom to call in which country, then step by step."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from bot.language import SCRIPTS, Language
from hub import emergency_guide, emergency_log
from hub.conversation import Draft, OwnAnswer
from hub.emergency_guide import KINDS, SOS, answer, first
from hub.keys import DATABASE, LOG
from hub.retention import delete_calls
from tests.stand_in import StandIn
from tests.talk import Traveler

LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
ENGLISH = Language("en", "Latn")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
GUIDE: dict[str, Any] = emergency_guide._guide()


def everything(language: Language) -> tuple[list[Draft], set[str]]:
    """All that the guide can say in a language, and the steps, found by pressing every button."""
    said: list[Draft] = []
    steps: set[str] = set()
    seen: set[str] = set()
    waiting = [SOS, *(f'/emergency{{"step": "{kind}"}}' for kind in KINDS)]
    while waiting:
        payload = waiting.pop()
        if payload in seen:
            continue
        seen.add(payload)
        steps.add(json.loads(payload.removeprefix("/emergency"))["step"])
        for draft in answer(payload, language, 1).replies:
            said.append(draft)
            waiting += [button["payload"] for button in draft.buttons or []]
    return said, steps


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_every_button_leads_on_and_every_step_is_said(language: Language) -> None:
    said, steps = everything(language)
    assert steps == set(GUIDE["steps"]) | {"place"}
    for draft in said:
        assert draft.text.strip()
        assert "{" not in draft.text
        assert (draft.language, draft.script) == (language.code, language.script)


def test_every_text_stands_in_four_languages_with_the_same_numbers() -> None:
    def texts(value: Any, path: str = "") -> list[tuple[str, dict[str, str]]]:
        if isinstance(value, dict) and set(value) & set(SCRIPTS):
            return [(path, value)]
        items = value.items() if isinstance(value, dict) else ()
        return [found for key, item in items for found in texts(item, f"{path}.{key}")]

    found = texts(GUIDE)
    assert len(found) > 60
    for path, by_language in found:
        # operators of the two countries are spoken to in their own languages
        told = path.startswith(".told.") or path.endswith(".told")
        assert set(by_language) == ({"zh", "kk", "ru"} if told else set(SCRIPTS)), path
        numbers = {code: sorted(re.findall(r"\d+", text)) for code, text in by_language.items()}
        assert len({tuple(each) for each in numbers.values()}) == 1, (path, numbers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_first_answer_instructs_and_names_the_country_of_every_number(
    kind: str, language: Language
) -> None:
    begun = first(kind, language, 1)
    instruction, where = begun.replies
    lines = instruction.text.split("\n")
    assert not re.match(r"[^.。!！?？؟]*[?？؟]", lines[0]), "a question comes first"
    countries = [
        emergency_guide._Tongue(language, 1).text(names) for names in GUIDE["countries"].values()
    ]
    calls = instruction.card["calls"] if instruction.card else []
    assert {call["number"] for call in calls} >= {"112"}
    for call in calls:
        assert call["line"] in lines
        assert any(country in call["line"] and country in call["label"] for country in countries)
    for line in lines:
        if re.search(r"(?<!\d)1[0-2]\d(?!\d)", line):
            assert any(country in line for country in countries), line
    assert [button["payload"] for button in where.buttons or []]
    assert begun.emergency == kind


def test_with_a_stopped_heart_the_defibrillator_and_its_place_are_named() -> None:
    for language in LANGUAGES:
        text = first("collapse", language, 1).replies[0].text
        assert "AED" in text
        assert ("移" in text and "驿站" in text) or "驛站" in text


def test_chest_compressions_come_with_a_beat_between_100_and_120() -> None:
    said = answer('/emergency{"step": "cpr", "kind": "collapse"}', ENGLISH, 1).replies[0]
    assert said.card
    assert 100 <= said.card["beat"] <= 120
    assert "2021" in said.card["note"]


@pytest.mark.parametrize(
    ("place", "languages", "numbers"),
    [
        ("cn_hall", ["zh-Hans"], {"120"}),
        ("kz", ["kk-Cyrl", "ru-Cyrl"], {"103", "112"}),
        ("between", ["zh-Hans", "ru-Cyrl"], {"120", "103", "112"}),
    ],
)
def test_a_place_gives_the_words_for_the_phone_in_the_language_spoken_there(
    place: str, languages: list[str], numbers: set[str]
) -> None:
    chosen = answer(
        f'/emergency{{"step": "place", "kind": "collapse", "place": "{place}"}}', ENGLISH, 1
    )
    card = chosen.replies[0].card or {}
    assert [phrase["lang"] for phrase in card["phrases"]] == languages
    assert {call["number"] for call in card["calls"]} == numbers
    assert all(phrase["text"] in chosen.replies[0].text for phrase in card["phrases"])
    assert chosen.place == place


@pytest.mark.parametrize("payload", ["/emergency", "/emergency{}", '/emergency{"step": 1}', "x"])
def test_a_payload_that_is_no_button_of_the_guide_is_refused(payload: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        answer(payload, ENGLISH, 1)


async def arrive(hub: TestClient, language: str = "en") -> Traveler:
    url = str(hub.make_url("")).rstrip("/")
    return await Traveler.arrive(hub.session, url, language=language)


async def test_sos_is_answered_at_once_while_the_assistant_is_dead(
    hub: TestClient, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    traveler = await arrive(hub, "ru")
    await traveler.say("вопрос, который ждёт")
    response = await traveler.press(SOS)
    assert response.status == 202
    # they are in the log before the request is answered
    said = [message for message in await traveler.messages() if message["author"] == "assistant"]
    assert len(said) == 2
    assert "Китай: 120" in said[0]["text"]
    assert "Казахстан: 112" in said[0]["text"]
    assert [body["message"] for body in assistant.asked] == ["вопрос, который ждёт"]
    assistant.go_on.set()


async def test_a_typed_call_is_answered_by_the_guide_and_noted_without_its_words(
    hub: TestClient, assistant: StandIn
) -> None:
    traveler = await arrive(hub, "en")
    await traveler.say("help, my father fell down and he is not breathing")
    said = [message for message in await traveler.messages() if message["author"] == "assistant"]
    assert "AED" in said[0]["text"]
    assert (await traveler.press(said[1]["buttons"][0]["payload"])).status == 202
    noted = await emergency_log.since(hub.app[DATABASE], LONG_AGO)
    assert [(event["seq"], event["kind"], event["place"]) for event in noted] == [
        (1, "collapse", "cn_hall")
    ]
    assert "father" not in json.dumps(noted, default=str)
    assert assistant.asked == []


async def test_no_emergency_after_all_is_answered_by_the_assistant_and_noted(
    hub: TestClient, assistant: StandIn
) -> None:
    traveler = await arrive(hub, "en")
    await traveler.say("he is not breathing")
    said = await traveler.messages()
    back = next(
        button
        for button in said[1]["buttons"]
        if json.loads(button["payload"].removeprefix("/emergency"))["step"] == "not_emergency"
    )
    for _ in range(2):
        assert (await traveler.press(back["payload"])).status == 202
    await traveler.say("good morning")
    shown = await traveler.log_until(answers=6)
    # pressed twice it is answered once
    assert [m["text"] for m in shown if m["text"].startswith("echo")] == [
        "echo he is not breathing",
        "echo good morning",
    ]
    assert [
        event["mistaken"] for event in await emergency_log.since(hub.app[DATABASE], LONG_AGO)
    ] == [True]


async def test_what_happened_after_an_sos_is_the_same_call(hub: TestClient) -> None:
    traveler = await arrive(hub, "en")
    await traveler.press(SOS)
    said = await traveler.messages()
    await traveler.press(said[1]["buttons"][0]["payload"])
    noted = await emergency_log.since(hub.app[DATABASE], LONG_AGO)
    assert [(event["seq"], event["kind"]) for event in noted] == [(1, "collapse")]


async def test_sos_is_taken_from_who_has_written_too_much(hub: TestClient) -> None:
    traveler = await arrive(hub, "en")
    for number in range(20):
        await traveler.say(f"what time is it, asked {number} times")
    assert (await traveler.press(SOS)).status == 202


async def test_a_note_of_a_call_outlives_the_conversation_and_ends_with_the_audit_log(
    hub: TestClient,
) -> None:
    traveler = await arrive(hub, "en")
    await traveler.press(SOS)
    log, database = hub.app[LOG], hub.app[DATABASE]
    await log.delete(traveler.conversation["id"])
    assert len(await emergency_log.since(database, LONG_AGO)) == 1
    async with database.write() as connection:
        assert (await delete_calls(connection, LONG_AGO))["emergencies"] == 0
        soon = datetime.now(UTC) + timedelta(minutes=1)
        assert (await delete_calls(connection, soon))["emergencies"] == 1
    assert await emergency_log.since(database, LONG_AGO) == []


async def test_another_button_of_the_guide_must_have_been_offered(hub: TestClient) -> None:
    traveler = await arrive(hub, "en")
    response = await traveler.press('/emergency{"step": "cpr", "kind": "collapse"}')
    assert response.status == 400
    assert (await response.json())["error"]["code"] == "not_offered"


async def test_a_guide_that_breaks_leaves_the_message_to_the_assistant(
    hub: TestClient, assistant: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> OwnAnswer:
        raise RuntimeError("broken")

    monkeypatch.setattr(emergency_guide, "first", broken)
    traveler = await arrive(hub, "en")
    await traveler.say("he is not breathing")
    shown = await traveler.log_until(answers=1)
    assert shown[-1]["text"] == "echo he is not breathing"
