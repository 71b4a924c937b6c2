"""Complaints, praise and suggestions in four languages, with the real hub that keeps them."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient

from hub.keys import DATABASE
from tests.actions.dialogue import ELSEWHERE, FALLBACK, Meet, kept, responses
from tests.desk.officer_page import texts

ASKS = "complaint"
TOLD = "The officer at window 4 shouted at my mother and threw her passport"

DIALOGUES: list[tuple[str, list[tuple[str, str, str]], dict[str, Any]]] = [
    (
        "en",
        [
            ("I want to make a complaint", ASKS, "complaint_ask_sender"),
            ("~can I take a dog?", ELSEWHERE, "complaint_ask_sender"),
            ('/complaint{"sender": "named"}', "", "complaint_ask_text"),
            ("~can I take a dog?", ELSEWHERE, "complaint_ask_text"),
            ("They did not let my dog in, nobody told us why", "policy", "complaint_summary"),
            ("+7 701 123 45 67", FALLBACK, "complaint_summary"),
            ("yes", "affirm", "complaint_sent"),
        ],
        {
            "tone": "complaint",
            "text": "They did not let my dog in, nobody told us why",
            "anonymous": False,
            "contact": "+77011234567",
        },
    ),
    (
        "en",
        [
            ("feedback", ASKS, "complaint_ask_tone"),
            ('/complaint{"tone": "praise"}', "", "complaint_ask_sender"),
            ("no", "deny", "complaint_ask_text"),
            ("Thank you, officer Wang, you carried my bags", "thank", "complaint_summary"),
            ("It was on Monday at noon", ASKS, "complaint_summary"),
            ('/complaint{"answer": "send"}', "", "complaint_sent"),
        ],
        {
            "tone": "praise",
            "text": "Thank you, officer Wang, you carried my bags\nIt was on Monday at noon",
            "anonymous": False,
        },
    ),
    (
        "zh",
        [
            ("我要投诉", ASKS, "complaint_ask_sender"),
            ("匿名", FALLBACK, "complaint_ask_text"),
            ("窗口的人对我大喊大叫，还把护照扔给我", "need_interpreter", "complaint_summary"),
            ('/complaint{"answer": "change"}', "", "short_form_ask_change"),
            ('/complaint{"change_field": "tone"}', "", "complaint_ask_tone"),
            ("建议", FALLBACK, "complaint_summary"),
            ("发送", FALLBACK, "complaint_sent_anonymous"),
        ],
        {"tone": "suggestion", "text": "窗口的人对我大喊大叫，还把护照扔给我", "anonymous": True},
    ),
    (
        "kk",
        [
            ("Пікір қалдыратын жер бар ма", ASKS, "complaint_ask_tone"),
            ("Ұсыныс", FALLBACK, "complaint_ask_sender"),
            ("иә", "affirm", "complaint_ask_text"),
            ("~бекет қашан ашылады?", ELSEWHERE, "complaint_ask_text"),
            ("Залға көбірек орындық қойыңыздар", "policy", "complaint_summary"),
            ("иә", "affirm", "complaint_sent_anonymous"),
        ],
        {"tone": "suggestion", "text": "Залға көбірек орындық қойыңыздар", "anonymous": True},
    ),
    (
        "ru",
        [
            ("Инспектор нахамил моей маме у окна", ASKS, "complaint_ask_sender"),
            ("анонимно", FALLBACK, "complaint_summary"),
            ("нет", "deny", "short_form_ask_change"),
            ("Инспектор нахамил моей маме у второго окна", FALLBACK, "complaint_summary"),
            ("да", "affirm", "complaint_sent_anonymous"),
        ],
        {
            "tone": "complaint",
            "text": "Инспектор нахамил моей маме у второго окна",
            "anonymous": True,
        },
    ),
]


@pytest.mark.parametrize(
    ("code", "turns", "details"), DIALOGUES, ids=[f"{d[0]}-{d[1][0][0]}" for d in DIALOGUES]
)
async def test_it_ends_with_one_request_that_says_word_for_word_what_was_told(
    hub: TestClient, travelers: Meet, code: str, turns: Any, details: dict[str, Any]
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.goes(turns)
    (row,) = await kept(hub)
    assert (row["kind"], row["details"]) == ("complaint", details)
    assert row["number"] == said[0]["number"]
    assert dialogue.loop is None
    assert dialogue.slots["complaint"] is None


async def test_the_text_is_what_was_written_whatever_topic_it_sounds_like(travelers: Meet) -> None:
    dialogue = await travelers()
    for intent in ("policy", "lost_and_found", "talk_to_officer", "thank", "greet", "cancel"):
        await dialogue.say("I want to make a complaint", ASKS)
        await dialogue.say('/complaint{"sender": "named"}')
        assert responses(await dialogue.say(TOLD, intent)) == ["complaint_summary"]
        assert dialogue.slots["complaint"]["values"]["text"] == TOLD
        stopped = await dialogue.say("never mind", "cancel")
        assert responses(stopped) == ["short_form_stopped"]


async def test_an_anonymous_one_keeps_no_phone_number_and_nothing_of_the_conversation(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say(f"{TOLD}, call me: +7 701 123 45 67", ASKS)
    await dialogue.say("not anonymous", FALLBACK)
    (shown,) = await dialogue.say("anonymous", FALLBACK)
    assert shown["sender"] == "Anonymous"
    (sent,) = await dialogue.say("yes", "affirm")
    (row,) = await kept(hub)
    assert "contact" not in row["details"]
    assert dialogue.sender not in str(dict(row))
    # who knows the number reads its state; without it nobody finds it, the traveler neither
    (told,) = await dialogue.say(f"how is {sent['number']}?", "request_status")
    assert (told["response"], told["number"]) == ("utter_request_status", sent["number"])
    (none,) = await dialogue.say("any news?", "request_status")
    assert none["response"] == "utter_request_status_none"
    (done,) = await dialogue.say(f"cancel {sent['number']}", "cancel_request")
    assert done["response"] == "utter_cancel_request_done"
    assert texts(await dialogue.traveler.messages(), "system") == []
    async with hub.app[DATABASE].read() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM request_history")).all()
    assert dialogue.sender not in str(rows)


async def test_an_anonymous_one_is_written_once_though_the_actions_were_killed(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say(TOLD, ASKS)
    await dialogue.say("anonymous", FALLBACK)
    first, second = [await dialogue.say("yes", "affirm", again=True) for _ in range(2)]
    assert first == second
    assert len(await kept(hub)) == 1


async def test_the_same_words_twice_are_one_and_other_words_a_second(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    said = []
    for text in (TOLD, f"{TOLD}!", f"{TOLD}. And his colleague laughed"):
        await dialogue.say(text, ASKS)
        await dialogue.say('/complaint{"sender": "named"}')
        said += await dialogue.say("yes", "affirm")
    assert responses(said) == ["complaint_sent", "complaint_same", "complaint_sent"]
    assert len(await kept(hub)) == 2


@pytest.mark.parametrize(
    ("code", "text", "asks", "tone"),
    [
        ("en", "they made us stand outside in minus twenty", "sender", "complaint"),
        ("zh", "保安推了我一把，没人道歉", "sender", "complaint"),
        ("zh", "我们老年团对你们特别满意，民警帮忙拿行李", "sender", "praise"),
        ("ru", "Прекрасный порядок, чистота, улыбки, так держать", "sender", "praise"),
        ("kk", "Залға көбірек орындық қоюды ұсынамын, апаларға қиын", "sender", "suggestion"),
        ("en", "thank the lady, but her colleague was rude to us", "tone", None),
    ],
)
async def test_which_kind_it_is_is_asked_only_where_the_words_leave_it_open(
    travelers: Meet, code: str, text: str, asks: str, tone: str | None
) -> None:
    dialogue = await travelers(code)
    assert responses(await dialogue.say(text, ASKS)) == [f"complaint_ask_{asks}"]
    assert dialogue.slots["complaint"]["values"].get("tone") == tone


async def test_a_long_complaint_is_kept_whole_and_shown_shortened(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    text = "They shouted at us. " * 60
    await dialogue.say(text, ASKS)
    (shown,) = await dialogue.say("anonymous", FALLBACK)
    assert len(shown["said"]) == 501
    await dialogue.say("yes", "affirm")
    (row,) = await kept(hub)
    assert row["details"]["text"] == text.strip()
