"""The dialogue on days of stay: one sentence, missing dates, corrections, other topics between."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any, get_args

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import stay_calculator
from actions.stay_calculator import NAME, StayCalculator
from actions.stay_words import Words
from actions.traveler import Traveler
from bot.language import SCRIPTS, Language
from bot.policies import load
from bot.policy_texts import numbers_of
from bot.stays import Stay, Trouble
from tests.system import ROOT

TODAY = date(2026, 11, 24)
ENGLISH = Language("en", "Latn")
SPRING = "I was in China 3–20 March and 1–25 May"
LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


class Dialogue:
    """A traveler and the action, with slots and loop carried on as Rasa does."""

    def __init__(self, language: Language = ENGLISH) -> None:
        self.language = language
        self.slots: dict[str, Any] = {}
        self.loop: str | None = None

    async def say(
        self,
        text: str,
        intent: str = "stay_calculator",
        confidence: float = 0.9,
        entities: list[dict[str, Any]] | None = None,
        rejected: bool = False,
    ) -> list[dict[str, Any]]:
        """The replies; raises ``ActionExecutionRejection`` as the action does."""
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities or [],
            "language": {"code": self.language.code, "script": self.language.script},
        }
        events: list[dict[str, Any]] = [{"event": "user", "text": text}]
        if rejected:
            events += [
                {"event": "action_execution_rejected", "name": NAME},
                {"event": "action", "name": "action_answer_policy"},
            ]
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker("t", dict(self.slots), latest, events, False, None, loop, "")
        dispatcher = CollectingDispatcher()
        for event in await StayCalculator().run(dispatcher, tracker, {}):
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            else:
                self.loop = event["name"]
        return dispatcher.messages

    async def digress(self, text: str, intent: str) -> list[dict[str, Any]]:
        """Another topic, answered by another action; what this one adds."""
        with pytest.raises(ActionExecutionRejection):
            await self.say(text, intent)
        return await self.say(text, intent, rejected=True)


@pytest.fixture(autouse=True)
def on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stay_calculator, "today", lambda: TODAY)


def card_of(messages: list[dict[str, Any]]) -> dict[str, Any]:
    (card,) = [m["custom"]["card"] for m in messages if m.get("custom")]
    return card


def responses(messages: list[dict[str, Any]]) -> list[str]:
    return [message["response"] for message in messages]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (ENGLISH, f"{SPRING}, may I go again on 1 December for 20 days?"),
        (Language("zh", "Hans"), "3月3日到20日、5月1日到25日在中国,12月1日还想去20天"),
        (
            Language("ru", "Cyrl"),
            "Был в Китае с 3 по 20 марта и 1–25 мая, можно снова 1 декабря на 20 дней?",
        ),
        (
            Language("kk", "Cyrl"),
            "Қытайда 3–20 наурыз және 1–25 мамыр аралығында болдым, "
            "1 желтоқсанда 20 күнге барсам бола ма?",
        ),
    ],
    ids=str,
)
async def test_one_sentence_is_answered_at_once(language: Language, text: str) -> None:
    said = await Dialogue(language).say(text)
    assert responses(said) == ["utter_stay_permitted", "utter_stay_count"]
    card = card_of(said)
    assert card["kind"] == "stay_timeline"
    assert (card["used"], card["left"], card["last_day"]) == (0, 90, "2026-12-30")
    assert card["plan"] == {"entry": "2026-12-01", "last": "2026-12-20", "permitted": True}
    assert numbers_of(said[1]["last_day"], language.code) == {"2026", "12", "30"}
    assert "2023" in said[1]["source"]


async def test_without_dates_it_asks_and_goes_on_with_what_comes() -> None:
    dialogue = Dialogue()
    said = await dialogue.say("how many days do I have left?")
    assert responses(said) == ["utter_stay_ask_dates"]
    assert card_of(said)["kind"] == "stay_dates"
    said = await dialogue.say("2026-10-01 – 2026-10-20", "nlu_fallback", 0.2)
    assert responses(said) == ["utter_stay_ask_country"]
    assert [button["payload"] for button in said[0]["buttons"]] == [
        '/stay_calculator{"stay_country": "CN"}',
        '/stay_calculator{"stay_country": "KZ"}',
    ]
    pressed = [{"entity": "stay_country", "value": "KZ"}]
    said = await dialogue.say(said[0]["buttons"][1]["payload"], entities=pressed)
    assert responses(said) == ["utter_stay_until", "utter_stay_count"]
    assert said[1]["used"] == "20 days"
    assert said[1]["country"] == "Kazakhstan"
    said = await dialogue.say("1–20 December", "policy", 0.3)
    # not told to be a plan, but it was asked for
    assert responses(said)[0] == "utter_stay_permitted"


async def test_a_second_message_corrects_and_adds() -> None:
    dialogue = Dialogue()
    await dialogue.say(f"{SPRING}, may I go again on 1 December for 20 days?")
    await dialogue.say("no, until 22 March", "deny")
    assert dialogue.slots["stays"][0] == {"entry": "2026-03-03", "exit": "2026-03-22"}
    await dialogue.say("and 2026-09-01 – 2026-09-10", "nlu_fallback", 0.2)
    assert len(dialogue.slots["stays"]) == 3
    await dialogue.say("no, 2–24 May", "deny")
    assert {"entry": "2026-05-02", "exit": "2026-05-24"} in dialogue.slots["stays"]
    assert len(dialogue.slots["stays"]) == 3
    assert dialogue.slots["stay_plan"]["entry"] == "2026-12-01"


async def test_no_day_ends_with_two_dots() -> None:
    said = await Dialogue(Language("ru", "Cyrl")).say("в Китае с 3 по 20 марта, можно 1 декабря?")
    assert not re.search(r"г\.", f"{said[1]['stays']}{said[1]['last_day']}{said[1]['source']}")


def test_a_month_keeps_its_letters_where_the_russian_year_loses_its_own() -> None:
    words = Words(Traveler("ru", "Cyrl"))
    assert words.stays([Stay(date(2026, 8, 1), date(2026, 8, 20))]) == "1–20 авг. 2026"
    assert words.day(date(2026, 8, 1)) == "1 августа 2026"


async def test_start_over_forgets_all_days() -> None:
    dialogue = Dialogue()
    await dialogue.say(SPRING)
    said = await dialogue.say("start over", "nlu_fallback")
    assert responses(said) == ["utter_stay_ask_dates"]
    assert dialogue.slots["stays"] == []


async def test_the_window_limits_where_it_is_nearer_than_30_days() -> None:
    said = await Dialogue().say(
        "In China 1–30 September, 1–30 October, 1–20 November, may I go on 1 December for 20 days?"
    )
    assert responses(said)[0] == "utter_stay_too_long"
    assert said[0]["longest"] == "10 days"
    assert said[1]["limit"] == "90 days in any 180"
    assert card_of(said)["last_day"] == "2026-12-10"
    card = card_of(said)
    assert not card["plan"]["permitted"]
    lines = {line["kind"]: line["text"] for line in card["lines"]}
    assert lines["plan"] == "Plan: 1–20 Dec 2026"
    assert lines["over"] == "Beyond the permitted days: 11–20 Dec 2026"


async def test_without_a_day_left_the_first_possible_entry_is_told() -> None:
    said = await Dialogue().say(
        "In China 1–30 September, 1–30 October, 1–24 November and 18–23 August, "
        "may I go on 1 December for 5 days?"
    )
    assert responses(said)[0] == "utter_stay_refused"
    assert said[0]["first_entry"] == "14 February 2027"


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("in China 31 February to 3 March", "utter_stay_no_such_day"),
        ("in China 20 March to 3 March", "utter_stay_reversed"),
        ("in China 3–20 March and 15 March - 1 April", "utter_stay_overlap"),
        ("I want to go to China again on 1 May 2026", "utter_stay_plan_past"),
        ("I want to go to China again on 1 May 2030", "utter_stay_plan_far"),
        ("since 10 November 2027 I am still in China", "utter_stay_future"),
        ("I entered China on 3 March", "utter_stay_exit_missing"),
        ("left China on 3 March", "utter_stay_entry_missing"),
    ],
)
async def test_bad_dates_get_a_clear_question(text: str, response: str) -> None:
    said = await Dialogue().say(text)
    assert responses(said) == [response]
    assert card_of(said)["kind"] == "stay_dates"


async def test_overlapping_stays_are_put_right_by_writing_one_anew() -> None:
    dialogue = Dialogue()
    await dialogue.say("in China 3–20 March and 15 March - 1 April")
    said = await dialogue.say("3–14 March", "nlu_fallback", 0.2)
    assert responses(said) == ["utter_stay_until", "utter_stay_count"]
    assert [stay["exit"] for stay in dialogue.slots["stays"]] == ["2026-03-14", "2026-04-01"]


async def test_a_stay_that_lasts_is_told_its_last_day() -> None:
    said = await Dialogue().say("I entered China on 10 November, when must I leave?")
    assert responses(said) == ["utter_stay_until", "utter_stay_count"]
    assert said[0]["last_day"] == "9 December 2026"


async def test_a_missing_exit_may_be_answered_with_a_day_or_with_still_there() -> None:
    dialogue = Dialogue()
    await dialogue.say("I entered China on 3 October")
    said = await dialogue.say("until 20 October", "nlu_fallback")
    assert responses(said)[0] == "utter_stay_until"
    dialogue = Dialogue()
    await dialogue.say("I entered China on 3 October")
    said = await dialogue.say("still there", "nlu_fallback")
    assert responses(said)[0] == "utter_stay_inside_over"


async def test_another_topic_is_left_to_others_and_the_question_comes_once_more() -> None:
    dialogue = Dialogue()
    await dialogue.say("count my days")
    said = await dialogue.digress("may I bring a dog", "policy")
    assert responses(said) == ["utter_stay_go_on"]
    assert not await dialogue.digress("and a cat?", "policy")


async def test_days_that_come_after_another_topic_are_added_to_the_stays() -> None:
    dialogue = Dialogue()
    await dialogue.say("I was in China 3–20 September")
    assert not await dialogue.digress("may I bring a dog", "policy")
    said = await dialogue.say("1–15 October", "nlu_fallback")
    assert [(stay["entry"], stay["exit"]) for stay in card_of(said)["stays"]] == [
        ("2026-09-03", "2026-09-20"),
        ("2026-10-01", "2026-10-15"),
    ]


async def test_after_many_other_topics_the_loop_ends_and_keeps_the_days() -> None:
    dialogue = Dialogue()
    await dialogue.say(f"{SPRING}, may I go again on 1 December for 20 days?")
    for _ in range(stay_calculator.PATIENCE):
        assert not await dialogue.digress("thank you", "thank")
        assert dialogue.loop == NAME
    await dialogue.digress("thank you", "thank")
    assert dialogue.loop is None
    assert len(dialogue.slots["stays"]) == 2


async def test_goodbye_ends_the_loop() -> None:
    dialogue = Dialogue()
    await dialogue.say("count my days")
    assert not await dialogue.digress("goodbye", "goodbye")
    assert dialogue.loop is None


@pytest.mark.parametrize(
    ("language", "written"),
    [("zh", "2027年2月30日"), ("kk", "30 ақпан"), ("ru", "30 февраля"), ("en", "30 February")],
)
def test_a_day_of_no_calendar_is_named_as_people_write_it(language: str, written: str) -> None:
    words = Words(Traveler(language, SCRIPTS[language][0]))
    assert words.of({"written": (2027, 2, 30)})["written"] == written


def test_of_29_february_the_year_is_named_too() -> None:
    assert Words(Traveler("ru", "Cyrl")).of({"written": (2027, 2, 29)})["written"] == (
        "29 февраля 2027"
    )


def test_kazakh_names_the_month_of_a_stay_within_one_once() -> None:
    words = Words(Traveler("kk", "Cyrl"))
    stay = Stay(date(2026, 9, 3), date(2026, 9, 20))
    assert words.stays([stay]) == "2026\u202fж. 3–20 қыркүйек"


async def test_a_wheelchair_for_a_day_is_no_plan_of_a_stay() -> None:
    dialogue = Dialogue()
    await dialogue.say("count my days")
    with pytest.raises(ActionExecutionRejection):
        await dialogue.say(
            "I need a wheelchair for my grandmother on 5 December", "request_special_lane"
        )


async def test_a_past_stay_above_30_days_is_counted_with_a_word_on_visas() -> None:
    said = await Dialogue().say("I was in China 1 September to 10 October")
    assert "utter_stay_visa_note" in responses(said)


async def test_when_the_rule_has_not_been_checked_for_long_the_answer_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = load()["visa_free_stay"].verify_by + timedelta(days=1)
    monkeypatch.setattr(stay_calculator, "today", lambda: late)
    said = await Dialogue().say("in China 3–20 March, again on 1 May for 5 days?")
    assert responses(said)[-1] == "utter_stay_rule_old"


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_cards_are_in_language_and_script(language: Language) -> None:
    dialogue = Dialogue(language)
    asked = card_of(await dialogue.say("?"))
    entities = [{"entity": "stay_country", "value": "CN"}]
    drawn = card_of(await dialogue.say("2026-10-01 – 2026-10-20", entities=entities))
    assert all(asked["words"].values())
    assert [line["kind"] for line in drawn["lines"]] == ["window", "stay", "plan", "last_day"]
    if language.script == "Arab":
        assert not re.search("[а-яәғқңөұүһі]", str([asked, drawn]), re.IGNORECASE)
    assert all(month["label"] for month in drawn["months"])


def test_every_question_and_answer_has_its_wording() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "actions").glob("stay_*.py"))
    named = set(re.findall(r'"(utter_stay_\w+)"', code))
    named |= {f"utter_stay_{trouble}" for trouble in get_args(Trouble) if trouble != "still_inside"}
    path = ROOT / "data" / "responses" / "stay_calculator.yml"
    assert named == set(yaml.safe_load(path.read_text("utf-8"))["responses"])


def test_phrases_say_the_same_in_four_languages() -> None:
    text = (ROOT / "data" / "stay_words.yml").read_text("utf-8")
    for name, worded in yaml.safe_load(text).items():
        assert set(worded) == set(SCRIPTS), name
        for code, phrase in worded.items():
            assert numbers_of(phrase, code) == numbers_of(worded["en"], "en"), name
            assert re.findall(r"\{\w+\}", phrase) == re.findall(r"\{\w+\}", worded["en"]), name
