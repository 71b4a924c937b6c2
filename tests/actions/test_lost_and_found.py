"""Reports of lost things in four languages, with the real hub that keeps the requests."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from rasa_sdk.interfaces import ActionExecutionRejection

from tests.actions.dialogue import ELSEWHERE, FALLBACK, Meet, kept, responses

ASKS = "lost_and_found"

DIALOGUES: list[tuple[str, list[tuple[str, str, str]], dict[str, Any]]] = [
    (
        "en",
        [
            ("I left my green bag in the hall yesterday", ASKS, "lost_item_summary"),
            ("yes", "affirm", "lost_item_sent"),
        ],
        {
            "what": "I left my green bag in the hall yesterday",
            "where": "Hall",
            "date": "2026-11-23",
        },
    ),
    (
        "en",
        [
            ("lost and found?", ASKS, "lost_item_ask_what"),
            ("a wheelchair with a red blanket", "request_special_lane", "lost_item_ask_where"),
            ("~may I bring a dog?", ELSEWHERE, "lost_item_ask_where"),
            ("on the bench by the door", ELSEWHERE, "lost_item_ask_day"),
            ("31 February", FALLBACK, "lost_item_no_such_day"),
            ("1 December", FALLBACK, "lost_item_future_day"),
            ("on Sunday", FALLBACK, "lost_item_summary"),
            ("no, it was on Saturday", "deny", "lost_item_summary"),
            ("my number is +7 701 123 45 67", FALLBACK, "lost_item_summary"),
            ('/lost_and_found{"answer": "send"}', "", "lost_item_sent"),
        ],
        {
            "what": "a wheelchair with a red blanket",
            "where": "on the bench by the door",
            "date": "2026-11-21",
            "contact": "+77011234567",
        },
    ),
    (
        "zh",
        [
            ("失物招领在哪里", ASKS, "lost_item_ask_what"),
            ("黑色双肩包，里面有电脑", ELSEWHERE, "lost_item_ask_where"),
            ('/lost_and_found{"where": "scanner"}', "", "lost_item_ask_day"),
            ("2月31号", FALLBACK, "lost_item_no_such_day"),
            ("明天", FALLBACK, "lost_item_future_day"),
            ("~口岸几点开门？", ELSEWHERE, "lost_item_ask_day"),
            ("昨天", FALLBACK, "lost_item_summary"),
            ('/lost_and_found{"answer": "change"}', "", "short_form_ask_change"),
            ('/lost_and_found{"change_field": "what"}', "", "lost_item_ask_what"),
            ("蓝色双肩包", FALLBACK, "lost_item_summary"),
            ("发送", FALLBACK, "lost_item_sent"),
        ],
        {"what": "蓝色双肩包", "where": "行李检查处", "date": "2026-11-23"},
    ),
    (
        "kk",
        [
            ("Затымды жоғалтып алдым", ASKS, "lost_item_ask_what"),
            ("қоңыр былғары әмиян", "cancel_request", "lost_item_ask_where"),
            ("залда", FALLBACK, "lost_item_ask_day"),
            ("31 ақпан", FALLBACK, "lost_item_no_such_day"),
            ("білмеймін", FALLBACK, "lost_item_summary"),
            ("иә", "affirm", "lost_item_sent"),
        ],
        {"what": "қоңыр былғары әмиян", "where": "залда"},
    ),
    (
        "ru",
        [
            ("Где у вас бюро находок?", ASKS, "lost_item_ask_what"),
            ("детская коляска, синяя", "request_special_lane", "lost_item_ask_where"),
            ('/lost_and_found{"where": "toilet"}', "", "lost_item_ask_day"),
            ('/lost_and_found{"date": "unknown"}', "", "lost_item_summary"),
            ("нет", "deny", "short_form_ask_change"),
            ("детская коляска, зелёная", FALLBACK, "lost_item_summary"),
            ("да", "affirm", "lost_item_sent"),
        ],
        {"what": "детская коляска, зелёная", "where": "Туалет"},
    ),
]


@pytest.mark.parametrize(
    ("code", "turns", "details"), DIALOGUES, ids=[f"{d[0]}-{d[1][0][0]}" for d in DIALOGUES]
)
async def test_a_report_ends_with_one_request_that_says_what_was_told(
    hub: TestClient, travelers: Meet, code: str, turns: Any, details: dict[str, Any]
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.goes(turns)
    (row,) = await kept(hub)
    assert (row["kind"], row["details"]) == ("lost_item", details)
    assert row["number"] == said[0]["number"]
    assert (row["due_at"], row["people"]) == (None, None)
    assert dialogue.loop is None
    assert dialogue.slots["lost_item"] is None


async def test_what_is_told_later_is_added_to_what_was_lost(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers("en")
    await dialogue.say("I left my phone in the hall", ASKS)
    assert responses(await dialogue.say("black, with a cracked screen", FALLBACK)) == [
        "lost_item_ask_day"
    ]
    with pytest.raises(ActionExecutionRejection):
        await dialogue.say("yes", "affirm")
    (shown,) = await dialogue.say("yesterday", FALLBACK)
    assert shown["what"] == "I left my phone in the hall\nblack, with a cracked screen"


async def test_what_was_lost_is_taken_whatever_topic_it_sounds_like_but_no_question_or_cancel(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say("I lost something", ASKS)
    for text, intent in (
        ("where is the toilet?", ELSEWHERE),
        ("can I take a dog to Kazakhstan", ELSEWHERE),
    ):
        assert responses(await dialogue.digress(text, intent)) == ["lost_item_ask_what"]
    assert responses(await dialogue.say("forget it", "cancel")) == ["short_form_stopped"]
    assert await kept(hub) == []
    for intent in ("policy", "cancel", "talk_to_officer", "change_language"):
        await dialogue.say("I lost something", ASKS)
        text = "a passport cover, a ticket that I had to cancel, and the officer's own red pen"
        assert responses(await dialogue.say(text, intent)) == ["lost_item_ask_where"]
        assert dialogue.slots["lost_item"]["values"]["what"] == text
        await dialogue.say('/lost_and_found{"answer": "cancel"}')


async def test_whoever_found_something_is_told_to_hand_it_over(
    hub: TestClient, travelers: Meet
) -> None:
    for code, text in (
        ("en", "I found a purse on the floor, where do I give it"),
        ("zh", "我捡到一部手机"),
        ("ru", "Нашла чужой телефон на лавке"),
        ("kk", "Залдан әмиян тауып алдым"),
    ):
        dialogue = await travelers(code)
        assert responses(await dialogue.say(text, ASKS)) == ["lost_item_found"]
        assert dialogue.loop is None


@pytest.mark.parametrize(
    ("code", "text", "day"),
    [
        ("zh", "昨天过的关,今天发现少了件大衣,落在大厅", "2026-11-23"),
        ("ru", "Сняла пуховик в зале. Можно забрать завтра?", None),
        ("en", "left my coat in the hall on Sunday", "2026-11-22"),
        ("zh", "有没有人在大厅捡到一个红色钱夹", None),
    ],
)
async def test_the_day_is_when_it_was_lost_not_when_it_was_missed_or_is_fetched(
    travelers: Meet, code: str, text: str, day: str | None
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.say(text, ASKS)
    assert responses(said) == ["lost_item_summary" if day else "lost_item_ask_day"]
    assert dialogue.slots["lost_item"]["values"].get("day") == day


async def test_the_same_thing_twice_is_one_report_and_another_thing_a_second(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    report = "I left my green bag in the hall yesterday"
    numbers = []
    for text in (report, report.upper(), "I left my phone in the hall yesterday"):
        await dialogue.say(text, ASKS)
        said = await dialogue.say("yes", "affirm")
        numbers.append(said[0]["number"])
    assert numbers[0] == numbers[1] != numbers[2]
    assert len(await kept(hub)) == 2


async def test_actions_killed_after_it_was_written_make_no_second_one(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say("I left my green bag in the hall yesterday", ASKS)
    first, second = [await dialogue.say("yes", "affirm", again=True) for _ in range(2)]
    assert responses(first) == responses(second) == ["lost_item_sent"]
    assert first[0]["number"] == second[0]["number"]
    assert len(await kept(hub)) == 1


async def test_a_button_pressed_after_it_was_sent_sends_nothing(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say("I left my green bag in the hall yesterday", ASKS)
    for expected in ("lost_item_sent", "short_form_nothing"):
        said = await dialogue.say('/lost_and_found{"answer": "send"}')
        assert responses(said) == [expected]
    assert len(await kept(hub)) == 1


async def test_its_state_is_told_with_its_kind_and_it_can_be_cancelled(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    await dialogue.say("I left my green bag in the hall yesterday", ASKS)
    number = (await dialogue.say("yes", "affirm"))[0]["number"]
    (told,) = await dialogue.say("any news of my bag?", "request_status")
    assert (told["response"], told["kind"]) == ("utter_request_status_kind", "lost thing")
    (sure,) = await dialogue.say("cancel my request", "cancel_request")
    assert (sure["response"], sure["what"]) == ("utter_cancel_request_sure", "lost thing")
    assert dialogue.buttons[0]["title"] == f"Cancel {number} (lost thing)"
    (done,) = await dialogue.say(dialogue.buttons[0]["payload"])
    assert done["response"] == "utter_cancel_request_done"
    assert [row["state"] for row in await kept(hub)] == ["cancelled"]


async def test_after_other_topics_one_after_another_it_leaves_off_and_comes_back_when_asked(
    travelers: Meet,
) -> None:
    dialogue = await travelers()
    await dialogue.say("I lost my phone", ASKS)
    for _ in range(3):
        assert responses(await dialogue.digress("may I bring a dog?")) == ["lost_item_ask_where"]
    assert await dialogue.digress("and a cat?") == []
    assert dialogue.loop is None
    assert responses(await dialogue.say("my lost thing", ASKS)) == ["lost_item_ask_where"]
    assert dialogue.slots["lost_item"]["values"]["what"] == "I lost my phone"
