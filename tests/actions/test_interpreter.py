"""Interpreters for now and for later, in four languages, with the real hub."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from hub.database import conversations
from hub.keys import DATABASE
from tests.actions.dialogue import ELSEWHERE, FALLBACK, Meet, kept, responses

ASKS = "need_interpreter"

NOW: list[tuple[str, str, list[str]]] = [
    ("en", "nobody at window 3 speaks Russian", ["en", "ru"]),
    ("en", "the officer asks me something and I don't understand, help", ["en"]),
    ("zh", "窗口的人跟我讲哈萨克语我不明白", ["zh", "kk"]),
    ("kk", "Офицердің не айтқанын түсінбедім, аударып беріңізші", ["kk"]),
    ("kk", "Қытайша білмеймін, аудармашы керек", ["kk", "zh"]),
    ("ru", "Нужен переводчик, не понимаю офицера", ["ru"]),
]

LATER: list[tuple[str, list[tuple[str, str, str]], dict[str, Any]]] = [
    (
        "en",
        [
            ("I'd like an interpreter for tomorrow at 10", ASKS, "special_lane_ask_zone"),
            ("~is the port open on Sunday?", ELSEWHERE, "special_lane_ask_zone"),
            ("Beijing time", FALLBACK, "interpreter_summary"),
            ("no, at 14:30", "deny", "interpreter_summary"),
            ("yes", "affirm", "interpreter_sent"),
        ],
        {"languages": ["en"], "date": "2026-11-25", "time": "14:30", "zone": "beijing"},
    ),
    (
        "zh",
        [
            ("明天上午9点在3号窗口需要俄语翻译", ASKS, "special_lane_ask_zone"),
            ("北京时间", FALLBACK, "interpreter_summary"),
            ('/need_interpreter{"answer": "change"}', "", "short_form_ask_change"),
            ('/need_interpreter{"change_field": "time"}', "", "special_lane_ask_day"),
            ("2月31号", FALLBACK, "special_lane_no_such_day"),
            ("后天", FALLBACK, "special_lane_ask_time"),
            ("上午9点", FALLBACK, "special_lane_ask_zone"),
            ("哈萨克斯坦时间", FALLBACK, "interpreter_summary"),
            ("发送", FALLBACK, "interpreter_sent"),
        ],
        {
            "languages": ["zh", "ru"],
            "place": "3号窗口",
            "date": "2026-11-26",
            "time": "09:00",
            "zone": "kazakhstan",
        },
    ),
    (
        "kk",
        [
            ("Ертең сағат 10-ға аудармашыға тапсырыс берем", ASKS, "special_lane_ask_zone"),
            ("Қазақстан уақыты", FALLBACK, "interpreter_summary"),
            ("иә", "affirm", "interpreter_sent"),
        ],
        {"languages": ["kk"], "date": "2026-11-25", "time": "10:00", "zone": "kazakhstan"},
    ),
    (
        "ru",
        [
            ("Нужен переводчик на 28 ноября", ASKS, "special_lane_ask_time"),
            ("в 3", FALLBACK, "special_lane_ask_half"),
            ('/need_interpreter{"time": "15:00"}', "", "special_lane_ask_zone"),
            ('/need_interpreter{"zone": "beijing"}', "", "interpreter_summary"),
            ("да", "affirm", "interpreter_sent"),
        ],
        {"languages": ["ru"], "date": "2026-11-28", "time": "15:00", "zone": "beijing"},
    ),
]


@pytest.mark.parametrize(("code", "text", "languages"), NOW)
async def test_for_now_the_sentence_the_number_and_where_one_stands_come_at_once(
    hub: TestClient, travelers: Meet, code: str, text: str, languages: list[str]
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.say(text, ASKS)
    assert responses(said) == ["need_interpreter", "interpreter_now_sent", "handoff_unmanned"]
    (row,) = await kept(hub)
    assert row["number"] == said[1]["number"]
    assert row["details"]["languages"] == languages
    assert row["details"]["now"] is True
    assert row["due_at"] is not None
    assert dialogue.loop is None
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(conversations.c.owner, conversations.c.reason)
        assert tuple((await connection.execute(query)).one()) == ("queue", "asked")


async def test_asked_twice_for_now_it_is_one_request(hub: TestClient, travelers: Meet) -> None:
    dialogue = await travelers()
    first = await dialogue.say("interpreter please", ASKS)
    second = await dialogue.say("I need a translator!", ASKS)
    assert responses(second)[:2] == ["need_interpreter", "interpreter_now_same"]
    assert first[1]["number"] == second[1]["number"]
    again = await dialogue.say("I need a translator!", ASKS, again=True)
    assert again[1]["number"] == first[1]["number"]
    assert len(await kept(hub)) == 1


@pytest.mark.parametrize(
    ("code", "turns", "details"), LATER, ids=[f"{d[0]}-{d[1][0][0]}" for d in LATER]
)
async def test_for_later_it_asks_when_and_ends_with_one_request(
    hub: TestClient, travelers: Meet, code: str, turns: Any, details: dict[str, Any]
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.goes(turns)
    (row,) = await kept(hub)
    assert (row["kind"], row["details"]) == ("interpreter", details)
    assert row["number"] == said[0]["number"]
    assert dialogue.loop is None


async def test_a_time_without_its_day_may_turn_out_to_be_now(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    said = await dialogue.say("an interpreter this afternoon", ASKS)
    assert responses(said) == ["special_lane_ask_time"]
    said = await dialogue.say(dialogue.buttons[-1]["payload"])
    assert responses(said)[:2] == ["need_interpreter", "interpreter_now_sent"]
    assert dialogue.loop is None


async def test_a_time_that_has_passed_gets_a_clear_question(travelers: Meet) -> None:
    dialogue = await travelers()
    said = await dialogue.say("an interpreter today at 9:00 Beijing time", ASKS)
    assert responses(said) == ["special_lane_past_time"]
    said = await dialogue.say("on 1 May 2028", FALLBACK)
    assert responses(said) == ["special_lane_far_day"]


async def test_another_dialogue_that_goes_on_is_not_ended_by_a_request_for_now(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    dialogue.loop = "special_lane_form"
    said = await dialogue.say("interpreter please", ASKS)
    assert responses(said)[:2] == ["need_interpreter", "interpreter_now_sent"]
    assert dialogue.loop == dialogue.next == "special_lane_form"
