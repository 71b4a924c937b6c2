"""The briefing's walk in four languages: steps, questions between, checklist, a group's links."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import briefing
from actions.briefing import INTENT, NAME, Briefing
from actions.briefing_words import command, for_group
from actions.loops import REMINDERS
from actions.traveler import Traveler
from bot.briefing import load
from bot.language import SCRIPTS, Language
from bot.policy_texts import numbers_of
from bot.scripts import to_script
from channels.base import wording_of
from hub.conversation import Message
from hub.keys import SETTINGS
from tests.system import ROOT

TODAY = date(2026, 6, 24)
KEYS = [step.key for step in load()]
LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
ENGLISH = Language("en", "Latn")
PRESS = re.compile(r"/(\w+)(\{.*\})?")
RESPONSES = yaml.safe_load((ROOT / "data/responses/briefing.yml").read_text("utf-8"))["responses"]
ELSEWHERE = "policy"


class Dialogue:
    """A traveler and the action, with slot and loop carried on as Rasa does."""

    def __init__(self, language: Language = ENGLISH) -> None:
        self.language = language
        self.slots: dict[str, Any] = {}
        self.loop: str | None = None
        self.messages = 0
        self.buttons: list[dict[str, str]] = []

    async def say(
        self, text: str, intent: str = INTENT, confidence: float = 0.9, *, rejected: bool = False
    ) -> list[dict[str, Any]]:
        """The replies; raises ``ActionExecutionRejection`` as the action does."""
        entities = []
        if match := PRESS.fullmatch(text):
            intent = match.group(1)
            given = json.loads(match.group(2) or "{}")
            entities = [{"entity": name, "value": value} for name, value in given.items()]
        self.messages += not rejected
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "language": {"code": self.language.code, "script": self.language.script},
        }
        events: list[dict[str, Any]] = [
            {"event": "user", "text": text, "message_id": f"t:{self.messages}"}
        ]
        if rejected:
            events.append({"event": "action_execution_rejected", "name": NAME})
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker("t", dict(self.slots), latest, events, False, None, loop, "")
        dispatcher = CollectingDispatcher()
        for event in await Briefing().run(dispatcher, tracker, {}):
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            else:
                self.loop = event["name"]
        self.buttons = [b for m in dispatcher.messages for b in m.get("buttons") or []]
        return dispatcher.messages

    async def digress(self, text: str, intent: str = ELSEWHERE) -> list[dict[str, Any]]:
        """Another topic, answered by another action; what the walk says after it."""
        with pytest.raises(ActionExecutionRejection):
            await self.say(text, intent)
        return await self.say(text, intent, rejected=True)

    async def press(self, title: str) -> list[dict[str, Any]]:
        return await self.say(next(b["payload"] for b in self.buttons if b["title"] == title))


def said(messages: list[dict[str, Any]]) -> list[str]:
    return [str(message["response"]).removeprefix("utter_briefing_") for message in messages]


def at(messages: list[dict[str, Any]]) -> str:
    """The step that the last message shows."""
    assert said(messages)[-1] == "step"
    return KEYS[int(messages[-1]["at"]) - 1]


@pytest.fixture(autouse=True)
def on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(briefing, "today", lambda: TODAY)


@pytest.fixture
def reached(hub: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The real hub, which the actions reach."""
    monkeypatch.setenv("HUB_INTERNAL_URL", str(hub.make_url("")).rstrip("/"))
    monkeypatch.setenv("SERVICE_TOKEN", hub.app[SETTINGS].service_token)
    return hub


@pytest.fixture
async def asked(
    aiohttp_server: Callable[..., Awaitable[TestServer]], monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, Any]]:
    """What a hub that makes every group's briefing was asked for."""
    bodies: list[dict[str, Any]] = []

    async def make(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        link = "https://port.example/briefing/ABCD2345"
        return web.json_response(
            {"code": "ABCD2345", "link": link, "leader_link": f"{link}/leader#key"}
        )

    app = web.Application()
    app.router.add_post("/internal/briefings", make)
    server = await aiohttp_server(app)
    monkeypatch.setenv("HUB_INTERNAL_URL", str(server.make_url("")).rstrip("/"))
    return bodies


# ---- the walk


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_the_buttons_lead_through_all_steps_to_a_checklist_of_that_language(
    language: Language, reached: TestClient
) -> None:
    dialogue = Dialogue(language)
    messages = await dialogue.say("/first_departure_briefing")
    assert said(messages) == ["begin", "step"]
    shown = [at(messages)]
    while said(messages)[-1] == "step":
        payload = dialogue.buttons[0]["payload"]
        messages = await dialogue.say(payload)
        shown += [at(messages)] if said(messages)[-1] == "step" else []
    assert shown == KEYS
    assert said(messages) == ["checklist"]
    assert dialogue.loop is None
    links = messages[0]["custom"]["card"]["links"]
    address = reached.app[SETTINGS].public_url
    query = f"language={language.code}&script={language.script}"
    assert [link["href"] for link in links] == [
        f"{address}briefing/checklist?{query}",
        f"{address}briefing/checklist.pdf?{query}",
    ]


@pytest.mark.parametrize(
    ("language", "forth", "back"),
    [
        (Language("en", "Latn"), "next", "back"),
        (Language("en", "Latn"), "OK!", "go back"),
        (Language("ru", "Cyrl"), "Дальше", "назад"),
        (Language("kk", "Cyrl"), "келесі", "артқа"),
        (Language("kk", "Arab"), "كەلەسى", "ارتقا"),
        (Language("kk", "Latn"), "kelesi", "artqa"),
        (Language("zh", "Hans"), "下一步", "上一步"),
        (Language("zh", "Hant"), "下一個", "上一步"),
    ],
    ids=str,
)
async def test_a_typed_word_leads_on_and_back_whatever_it_is_taken_for(
    language: Language, forth: str, back: str
) -> None:
    dialogue = Dialogue(language)
    await dialogue.say("?")
    assert at(await dialogue.say(forth, "nlu_fallback")) == KEYS[1]
    assert at(await dialogue.say(forth, "affirm")) == KEYS[2]
    assert at(await dialogue.say(back, "cancel")) == KEYS[1]
    assert at(await dialogue.say(back, INTENT)) == KEYS[0]
    assert at(await dialogue.say(back, "goodbye")) == KEYS[0]


async def test_any_yes_leads_on_but_a_question_is_left_to_the_others() -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    assert at(await dialogue.say("yes, please do", "affirm")) == KEYS[1]
    with pytest.raises(ActionExecutionRejection):
        await dialogue.say("is that right?", "affirm")


async def test_a_question_is_answered_and_the_walk_goes_on_where_it_was() -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    await dialogue.say("next")
    messages = await dialogue.digress("may I bring my dog?")
    assert said(messages) == ["go_on"]
    assert messages[0]["title"] == load()[1].title["en"]
    assert [b["title"] for b in dialogue.buttons] == ["Go on", "This step again", "Stop"]
    assert at(await dialogue.press("This step again")) == KEYS[1]
    await dialogue.digress("and cash?")
    assert at(await dialogue.say("next")) == KEYS[2]


async def test_after_many_other_topics_the_walk_is_not_offered_again() -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    for _ in range(REMINDERS):
        assert said(await dialogue.digress("may I bring my dog?")) == ["go_on"]
    assert said(await dialogue.digress("may I bring my dog?")) == []
    assert dialogue.loop is None


@pytest.mark.parametrize(
    ("text", "intent"),
    [("stop", "nlu_fallback"), ("leave it", "cancel"), ("bye", "goodbye"), ("no", "deny")],
)
async def test_a_stopped_walk_goes_on_by_its_button(text: str, intent: str) -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    await dialogue.say("next")
    assert said(await dialogue.say(text, intent)) == ["stopped"]
    assert dialogue.loop is None
    assert at(await dialogue.press("Go on")) == KEYS[2]
    assert dialogue.loop == NAME


async def test_an_old_button_leads_to_the_step_that_it_names() -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    onward = dialogue.buttons[0]["payload"]
    await dialogue.say(onward)
    await dialogue.say("next")
    assert at(await dialogue.say(onward)) == KEYS[1]


async def test_a_forgotten_stop_is_answered_and_begins_nothing() -> None:
    dialogue = Dialogue()
    assert said(await dialogue.say('/first_departure_briefing{"briefing": "stop"}')) == ["nothing"]
    assert dialogue.loop is None


async def test_after_the_last_step_the_word_for_on_gives_the_checklist(
    reached: TestClient,
) -> None:
    dialogue = Dialogue()
    await dialogue.say(f'/first_departure_briefing{{"briefing": "{KEYS[-1]}"}}')
    assert said(await dialogue.say("next")) == ["checklist"]


async def test_the_checklist_can_be_asked_for_at_any_step(reached: TestClient) -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    assert said(await dialogue.say("checklist", "nlu_fallback")) == ["checklist"]


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_a_step_says_its_facts_what_to_tick_its_sources_and_how_sure_it_is(
    language: Language,
) -> None:
    dialogue = Dialogue(language)
    for step in load():
        (message,) = await dialogue.say(f'/{INTENT}{{"briefing": "{step.key}"}}')
        body = message["body"]
        assert step.text[language.code] in body
        for item in step.items:
            assert f"☐ {item.text[language.code]}" in body
        assert ("12367" in body) is (not step.certain or "12367" in step.text["en"])
        lines = message["custom"]["card"]["lines"]
        assert [line["name"] for line in lines] == [
            to_script(source.name[language.code], *language_of(language)) for source in step.sources
        ]
        titles = " ".join(button["title"] for button in dialogue.buttons)
        if language.script == "Arab":
            assert not re.search("[а-яәғқңөұүһі]", titles)


def language_of(language: Language) -> tuple[str, str]:
    return language.code, language.script


async def test_past_its_day_a_step_says_when_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    step = load()[0]
    monkeypatch.setattr(briefing, "today", lambda: step.check_by + timedelta(days=1))
    messages = await Dialogue().say("first time abroad")
    assert "last checked on 31 March 2026" in messages[-1]["body"]


# ---- a group


@pytest.mark.parametrize(
    ("language", "text", "people", "day"),
    [
        ("en", "briefing for my group of 23 for tomorrow", 23, 1),
        ("en", "give 1st timers a talk, 28 people, today", 28, 0),
        ("zh", "明天我带团出境，23个人都是第一次，给讲讲", 23, 1),
        ("ru", "Завтра везу группу, 23 человека, все впервые", 23, 1),
        ("kk", "Ертең тобымды алып шығамын, 23 адам, бәрі бірінші рет", 23, 1),
    ],
)
async def test_one_sentence_makes_a_groups_briefing(
    language: str, text: str, people: int, day: int, asked: list[dict[str, Any]]
) -> None:
    dialogue = Dialogue(Language(language, SCRIPTS[language][0]))
    messages = await dialogue.say(text)
    assert said(messages) == ["group"]
    assert asked == [
        {
            "conversation_id": "t",
            "key": "t:1",
            "people": people,
            "day": (TODAY + timedelta(days=day)).isoformat(),
        }
    ]
    assert "https://port.example/briefing/ABCD2345" in messages[0]["link"]
    assert "https://port.example/briefing/ABCD2345/leader#key" in messages[0]["leader"]
    assert messages[0]["custom"]["card"]["qr"]["src"] == "/briefing/ABCD2345/qr.svg"
    assert dialogue.loop is None


async def test_what_is_missing_of_a_group_is_asked_for_one_by_one(
    asked: list[dict[str, Any]],
) -> None:
    dialogue = Dialogue()
    assert said(await dialogue.say("I need a briefing for my group")) == ["ask_people"]
    assert said(await dialogue.digress("may we bring food?")) == ["ask_people"]
    assert said(await dialogue.say("12", "nlu_fallback")) == ["ask_day"]
    assert said(await dialogue.press("Tomorrow")) == ["group"]
    assert (asked[0]["people"], asked[0]["day"]) == (12, "2026-06-25")


@pytest.mark.parametrize("number", ["0", "500", "201"])
async def test_a_group_that_cannot_be_is_asked_about_again(
    number: str, asked: list[dict[str, Any]]
) -> None:
    dialogue = Dialogue()
    await dialogue.say("a briefing for my group tomorrow please")
    assert said(await dialogue.say(number, "nlu_fallback")) == ["bad_people"]
    assert said(await dialogue.say("20", "nlu_fallback")) == ["group"]
    assert asked[0]["people"] == 20


@pytest.mark.parametrize("day", ["31 February", "23 June 2026", "1 October 2026", "yesterday"])
async def test_a_day_that_cannot_be_is_asked_about_again(
    day: str, asked: list[dict[str, Any]]
) -> None:
    dialogue = Dialogue()
    await dialogue.say("a briefing for my group of 20")
    assert said(await dialogue.say(day, "nlu_fallback")) == ["bad_day"]
    assert said(await dialogue.say("26 June", "nlu_fallback")) == ["group"]
    assert asked[0]["day"] == "2026-06-26"


async def test_a_leader_finds_the_group_from_the_first_step_and_back() -> None:
    dialogue = Dialogue()
    await dialogue.say("first time abroad")
    assert said(await dialogue.press("For my group")) == ["ask_people"]
    assert at(await dialogue.press("Only for me")) == KEYS[0]


async def test_a_group_that_is_given_up_ends_with_a_word() -> None:
    dialogue = Dialogue()
    await dialogue.say("a briefing for my group")
    assert said(await dialogue.say("stop", "cancel")) == ["nothing"]
    assert dialogue.loop is None


async def test_the_same_turn_again_asks_for_the_same_briefing(asked: list[dict[str, Any]]) -> None:
    for _ in range(2):
        await Dialogue().say("briefing for my group of 23, tomorrow")
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    ("language", "text", "group"),
    [
        ("en", "first time abroad with my parents", False),
        ("en", "as a tour leader I must instruct my people", True),
        ("zh", "我闺女在网上给我报了个团", False),
        ("zh", "跟团第一次出境", False),
        ("zh", "我們團員都是首次出國", True),
        ("kk", "топқа брифинг", True),
        ("kk", "топырақ алып шықсам бола ма", False),
        ("ru", "еду первый раз с семьёй", False),
        ("ru", "я руководитель группы", True),
    ],
)
def test_who_speaks_for_a_group(language: str, text: str, group: bool) -> None:
    assert for_group(text, Traveler(language, SCRIPTS[language][0])) is group


def test_no_word_means_two_commands() -> None:
    words = yaml.safe_load((ROOT / "data/briefing_words.yml").read_text("utf-8"))
    for language, scripts in SCRIPTS.items():
        for name in ("next", "back", "again", "stop", "checklist"):
            for word in words[f"{name}_said"][language]:
                assert command(word, Traveler(language, scripts[0])) == name


# ---- wording


def test_the_responses_state_the_same_in_all_languages() -> None:
    for name, variations in RESPONSES.items():
        texts = {v["metadata"]["language"]: v["text"] for v in variations}
        assert set(texts) == set(SCRIPTS), name
        for language, text in texts.items():
            assert numbers_of(text, language) == numbers_of(texts["en"], "en"), (name, language)
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", texts["en"]))


async def test_the_links_can_be_read_where_no_card_is_shown(asked: list[dict[str, Any]]) -> None:
    (made,) = await Dialogue().say("briefing for my group of 23, tomorrow")
    text = next(
        v["text"] for v in RESPONSES["utter_briefing_group"] if v["metadata"]["language"] == "en"
    ).format(**made)
    message = Message(
        seq=1,
        author="assistant",
        text=text,
        language="en",
        script="Latn",
        card=made["custom"]["card"],
    )
    for link in made["custom"]["card"]["links"]:
        assert link["href"] in wording_of(message)
        # the page shows the line on the card instead: it must stand alone
        assert link["line"] in text.split("\n")
