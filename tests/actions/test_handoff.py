"""Asking for an officer: where the traveler stands is told honestly, in every language."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import handoff, hub
from actions.desk_hours import WORDS, told
from actions.unsure import not_understood_before
from tests.system import ROOT

LANGUAGES = ("zh", "kk", "ru", "en")
RESPONSES = yaml.safe_load((ROOT / "data/responses/handoff.yml").read_text("utf-8"))["responses"]


def user(message_id: str, intent: str = "talk_to_officer") -> dict[str, Any]:
    return {
        "event": "user",
        "message_id": message_id,
        "parse_data": {"intent": {"name": intent}},
    }


def hours(
    is_open: bool, changes_at: str | None = None, known: bool = True, holiday: bool = False
) -> dict[str, Any]:
    """As the hub tells them; ``changes_at`` is given in the port's time."""
    at = changes_at and f"{changes_at}:00+08:00"
    return {"known": known, "open": is_open, "changes_at": at, "holiday": holiday}


NOT_SET = hours(False, known=False)
UNTIL_SEVEN, FROM_TEN = hours(True, "2026-12-30T19:00"), hours(False, "2026-12-31T10:00")
NOON = datetime(2026, 12, 30, 4, 0, tzinfo=UTC)


async def message_for(
    waiting: dict[str, Any], language: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the action says to a traveler who asked in message 3 and now waits so."""
    told: list[tuple[str, dict[str, Any]]] = []

    async def tell(path: str, body: dict[str, Any]) -> dict[str, Any]:
        told.append((path, body))
        return waiting

    monkeypatch.setattr(hub, "tell", tell)
    monkeypatch.setattr(handoff, "now", lambda: NOON)
    events = [user("c1:1", "greet"), {"event": "bot"}, user("c1:3")]
    latest = {"language": {"code": language, "script": "Cyrl"}}
    tracker = Tracker("c1", {}, latest, events, False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await handoff.Handoff().run(dispatcher, tracker, {}) == []
    # the same message asks with the same key, however often it is tried
    asked = {"conversation_id": "c1", "reason": "asked", "key": "c1:3:action_handoff"}
    assert told == [("handoffs", asked)]
    (message,) = dispatcher.messages
    return message


def text_of(message: dict[str, Any], language: str) -> str:
    """A message's response in a language, filled; everything that it wants must be there."""
    variations = RESPONSES[message["response"]]
    (text,) = (v["text"] for v in variations if v["metadata"]["language"] == language)
    return str(text.format(**message))


def standing(owner: str, on_duty: int, place: int, wait: float | None, hours: Any) -> Any:
    return {"owner": owner, "on_duty": on_duty, "place": place, "wait": wait, "hours": hours}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("waiting", "response", "said"),
    [
        (standing("queue", 0, 1, None, NOT_SET), "unmanned", ["12367"]),
        (standing("queue", 2, 3, None, NOT_SET), "wait_unknown", ["3"]),
        (standing("queue", 1, 2, 170.0, NOT_SET), "wait", ["2", "3"]),
        (standing("officer", 1, 0, None, FROM_TEN), "officer", []),
        (standing("queue", 2, 3, None, UNTIL_SEVEN), "wait_unknown", ["3", "19:00", "16:00"]),
        (standing("queue", 1, 2, 170.0, UNTIL_SEVEN), "wait", ["2", "3", "19:00", "16:00"]),
        # an officer off hours is there all the same
        (standing("queue", 1, 2, 170.0, FROM_TEN), "off_hours", ["2", "10:00", "07:00", "12367"]),
        (standing("queue", 0, 2, 170.0, FROM_TEN), "unmanned", ["10:00", "07:00", "12367"]),
        # nobody there wins over hours that say "open"
        (standing("queue", 0, 1, 170.0, UNTIL_SEVEN), "unmanned", ["12367"]),
        (standing("queue", 0, 1, None, hours(True)), "unmanned", ["12367"]),
    ],
)
async def test_what_is_said_is_where_the_traveler_stands(
    waiting: dict[str, Any],
    response: str,
    said: list[str],
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = await message_for(waiting, language, monkeypatch)
    assert message["response"] == f"utter_handoff_{response}"
    text = text_of(message, language)
    numbers = set(re.findall(r"\d+(?::\d+)?", text)) - {"24"}
    assert numbers == set(said)
    assert "  " not in text


@pytest.mark.parametrize(
    ("known", "zh", "kk", "ru", "en"),
    [
        (
            hours(True),
            "全天开放",
            "тәулік бойы ашық",
            "открыт круглосуточно",
            "The desk is open 24 hours.",
        ),
        (
            UNTIL_SEVEN,
            "今天开放到北京时间19:00（哈萨克斯坦时间16:00）",
            "бүгінгі жабылуы: Пекин уақытымен сағат 19:00 (Қазақстанда 16:00)",
            "открыт сегодня до 19:00 по пекинскому времени (в Казахстане 16:00)",
            "The desk is open until 19:00 Beijing time today (16:00 in Kazakhstan).",
        ),
        (
            # midnight in Beijing is still the day before in Kazakhstan, and that is said
            hours(True, "2026-12-31T00:00"),
            "明天北京时间00:00（哈萨克斯坦时间12月30日21:00）",
            "ертең, Пекин уақытымен сағат 00:00 (Қазақстанда 30 желтоқсан, 21:00)",
            "до 00:00 завтрашнего дня по пекинскому времени (в Казахстане 30 декабря, 21:00)",
            "until 00:00 Beijing time tomorrow (30 December, 21:00 in Kazakhstan)",
        ),
        (
            hours(True, "2027-01-02T19:00"),
            "开放到2027年1月2日北京时间19:00",
            "жабылуы: 2027 ж. 2 қаңтар, Пекин уақытымен сағат 19:00",
            "2 января 2027 г., 19:00 по пекинскому времени",
            "until 2 January 2027, 19:00 Beijing time (16:00 in Kazakhstan)",
        ),
        (
            hours(False, "2026-12-30T14:30"),
            "今天北京时间14:30开放（哈萨克斯坦时间11:30）",
            "Бүгінгі ашылуы: Пекин уақытымен сағат 14:30 (Қазақстанда 11:30)",
            "откроется сегодня в 14:30 по пекинскому времени (в Казахстане 11:30)",
            "closed now; it opens today at 14:30 Beijing time (11:30 in Kazakhstan)",
        ),
        (
            FROM_TEN,
            "明天北京时间10:00开放（哈萨克斯坦时间07:00）",
            "Ашылуы: ертең, Пекин уақытымен сағат 10:00 (Қазақстанда 07:00)",
            "откроется завтра в 10:00 по пекинскому времени (в Казахстане 07:00)",
            "closed now; it opens tomorrow at 10:00 Beijing time (07:00 in Kazakhstan)",
        ),
        (
            hours(False, "2027-01-02T10:00"),
            "现在不是值班台的工作时间，2027年1月2日北京时间10:00开放",
            "Ашылуы: 2027 ж. 2 қаңтар, Пекин уақытымен сағат 10:00",
            "откроется 2 января 2027 г. в 10:00 по пекинскому времени",
            "closed now; it opens on 2 January 2027 at 10:00 Beijing time",
        ),
        (
            # a holiday names the day, even where it is tomorrow
            hours(False, "2026-12-31T10:00", holiday=True),
            "今天休息，12月31日北京时间10:00开放",
            "Бүгін кезекшілік демалады. Ашылуы: 31 желтоқсан, Пекин уақытымен сағат 10:00",
            "Сегодня у пульта выходной; он откроется 31 декабря в 10:00 по пекинскому времени",
            "closed today; it opens again on 31 December at 10:00 Beijing time",
        ),
        (hours(False), "何时再开放还不知道", "белгісіз", "неизвестно", "is not known"),
        (NOT_SET, "", "", "", ""),
    ],
)
def test_hours_are_told_in_beijing_time_and_kazakhstans(
    known: dict[str, Any], zh: str, kk: str, ru: str, en: str
) -> None:
    for language, expected in zip(LANGUAGES, (zh, kk, ru, en), strict=True):
        # without the narrow spaces of dates
        sentence = " ".join(told(known, language, NOON).split())
        assert expected in sentence
        assert bool(sentence) == bool(expected)


def test_sentences_about_hours_have_the_same_gaps_in_four_languages() -> None:
    for name, texts in yaml.safe_load(WORDS.read_text("utf-8")).items():
        assert tuple(texts) == LANGUAGES, name
        gaps = [sorted(re.findall(r"{\w+}", text)) for text in texts.values()]
        assert all(each == gaps[0] for each in gaps), name


def test_after_two_messages_that_were_not_understood_a_person_is_offered() -> None:
    unknown = user("1", "nlu_fallback")
    assert not not_understood_before([unknown])
    assert not not_understood_before([unknown, user("2", "greet"), unknown])
    assert not_understood_before([user("0"), unknown, {"event": "bot"}, unknown])


def test_every_state_of_waiting_has_its_words() -> None:
    assert set(RESPONSES) == {
        f"utter_handoff_{name}"
        for name in ("officer", "unmanned", "off_hours", "wait_unknown", "wait")
    }
