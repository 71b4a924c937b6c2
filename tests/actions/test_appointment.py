"""Requests of a time for trucks in four languages, with the real hub that keeps them."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from rasa_sdk.interfaces import ActionExecutionRejection

from tests.actions.dialogue import ELSEWHERE, FALLBACK, Meet, kept, responses

ASKS = "request_appointment"


def wants(cargo: str, count: int, **details: Any) -> dict[str, Any]:
    return {"cargo": cargo, "count": count, "vehicle": "truck", "zone": "beijing", **details}


LEAVING, ENTERING = "leaving_china", "entering_china"
DIALOGUES: list[tuple[str, list[tuple[str, str, str]], dict[str, Any]]] = [
    (
        "en",
        [
            (
                "book two trucks with apples, leaving China tomorrow at 10:00 Beijing time",
                ASKS,
                "appointment_summary",
            ),
            ("no, three trucks", "deny", "appointment_summary"),
            ("yes", "affirm", "appointment_sent"),
        ],
        wants("apples", 3, direction=LEAVING, date="2026-11-25", time="10:00"),
    ),
    (
        "en",
        [
            ("I want to book an appointment for my truck", ASKS, "appointment_ask_cargo"),
            ("~may I bring a dog?", ELSEWHERE, "appointment_ask_cargo"),
            ("frozen fish, 20 tons", "policy", "appointment_ask_direction"),
            ("leaving", "goodbye", "special_lane_ask_day"),
            ("31 February", FALLBACK, "special_lane_no_such_day"),
            ("1 November 2026", FALLBACK, "special_lane_past_day"),
            ("on Friday", FALLBACK, "special_lane_ask_time"),
            ("at 3", FALLBACK, "special_lane_ask_half"),
            ('/request_appointment{"time": "15:00"}', "", "special_lane_ask_zone"),
            ("Beijing", FALLBACK, "appointment_summary"),
            ('/request_appointment{"answer": "change"}', "", "short_form_ask_change"),
            ('/request_appointment{"change_field": "count"}', "", "appointment_ask_count"),
            ("0", FALLBACK, "appointment_count_none"),
            ("500 trucks", FALLBACK, "appointment_count_many"),
            ("5", FALLBACK, "appointment_summary"),
            ('/request_appointment{"answer": "send"}', "", "appointment_sent"),
        ],
        wants("frozen fish, 20 tons", 5, direction=LEAVING, date="2026-11-27", time="15:00"),
    ),
    (
        "zh",
        [
            ("帮我约两台车,拉苹果,明天上午十点出境", ASKS, "appointment_summary"),
            ("改成三台车", FALLBACK, "appointment_summary"),
            ("确认", FALLBACK, "appointment_sent"),
        ],
        wants("苹果", 3, direction=LEAVING, date="2026-11-25", time="10:00"),
    ),
    (
        "zh",
        [
            ("我要预约货车通关", ASKS, "appointment_ask_cargo"),
            ("冷冻鱼", ELSEWHERE, "appointment_ask_count"),
            ("0台", FALLBACK, "appointment_count_none"),
            ("500台", FALLBACK, "appointment_count_many"),
            ("2", FALLBACK, "appointment_ask_direction"),
            ("入境", FALLBACK, "special_lane_ask_day"),
            ("2月31日", FALLBACK, "special_lane_no_such_day"),
            ("昨天", FALLBACK, "special_lane_past_day"),
            ("后天", FALLBACK, "special_lane_ask_time"),
            ("下午三点", FALLBACK, "special_lane_ask_zone"),
            ("北京时间", FALLBACK, "appointment_summary"),
            ("发送", FALLBACK, "appointment_sent"),
        ],
        wants("冷冻鱼", 2, direction=ENTERING, date="2026-11-26", time="15:00"),
    ),
    (
        "kk",
        [
            ("Жүк көлігімді жазып қойыңызшы ертеңге", ASKS, "appointment_ask_cargo"),
            ("қызанақ", FALLBACK, "appointment_ask_direction"),
            ("Қытайдан шығамыз", FALLBACK, "special_lane_ask_time"),
            ("~бекет қашан ашылады?", ELSEWHERE, "special_lane_ask_time"),
            ("11:00", FALLBACK, "special_lane_ask_zone"),
            ("Бейжің", FALLBACK, "appointment_summary"),
            ("жоқ, екі фура", "deny", "appointment_summary"),
            ("жібер", FALLBACK, "appointment_sent"),
        ],
        wants("қызанақ", 2, direction=LEAVING, date="2026-11-25", time="11:00"),
    ),
    (
        "ru",
        [
            ("Хочу записать фуру с луком на завтра", ASKS, "appointment_ask_direction"),
            ('/request_appointment{"direction": "leaving_china"}', "", "special_lane_ask_time"),
            ("в 11 утра по Пекину", FALLBACK, "appointment_summary"),
            ("две фуры", FALLBACK, "appointment_summary"),
            ("+7 701 123 45 67", FALLBACK, "appointment_summary"),
            ("да", "affirm", "appointment_sent"),
        ],
        wants(
            "лук",
            2,
            direction=LEAVING,
            date="2026-11-25",
            time="11:00",
            contact="+77011234567",
        ),
    ),
]


@pytest.mark.parametrize(
    ("code", "turns", "details"), DIALOGUES, ids=[f"{d[0]}-{d[1][0][0]}" for d in DIALOGUES]
)
async def test_a_dialogue_ends_with_one_request_that_says_what_was_told(
    hub: TestClient, travelers: Meet, code: str, turns: Any, details: dict[str, Any]
) -> None:
    dialogue = await travelers(code)
    said = await dialogue.goes(turns)
    (row,) = await kept(hub)
    assert (row["kind"], row["details"]) == ("appointment", details)
    assert (row["people"], row["direction"]) == (None, details["direction"])
    assert row["number"] == said[0]["number"]
    assert dialogue.loop is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ru", "Вчера купил тягач, хочу записаться, груз мебель"),
        ("zh", "那我现在约,装白菜,一台车"),
    ],
)
async def test_a_time_that_is_no_arrival_is_not_taken_for_one(
    travelers: Meet, code: str, text: str
) -> None:
    dialogue = await travelers(code)
    assert responses(await dialogue.say(text, ASKS)) == ["appointment_ask_direction"]
    values = dialogue.slots["appointment"]["values"]
    assert not values.get("time")
    assert values.get("date") in (None, "2026-11-24")


async def test_the_same_day_and_cargo_are_one_request_and_another_cargo_a_second(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers()
    said = []
    for cargo, hour in (("apples", 10), ("apples", 15), ("onions", 10)):
        await dialogue.say(
            f"2 trucks with {cargo}, leaving China tomorrow at {hour}:00 Beijing time", ASKS
        )
        said += await dialogue.say("yes", "affirm")
    assert responses(said) == ["appointment_sent", "appointment_same", "appointment_sent"]
    assert len(await kept(hub)) == 2
    which = await dialogue.say("cancel my request", "cancel_request")
    assert responses(which) == ["cancel_request_which"]
    assert "time for a truck" in dialogue.buttons[0]["title"]


async def test_several_answers_at_once_are_no_request_of_another_kind(
    hub: TestClient, travelers: Meet
) -> None:
    dialogue = await travelers("ru")
    await dialogue.say("записать две фуры с яблоками, выезд из Китая", ASKS)
    said = await dialogue.say("послезавтра в 9 утра по пекинскому времени", "request_special_lane")
    assert responses(said) == ["appointment_summary"]


async def test_a_wheelchair_in_between_is_another_request(hub: TestClient, travelers: Meet) -> None:
    dialogue = await travelers("ru")
    await dialogue.say("записать две фуры с яблоками, выезд из Китая", ASKS)
    with pytest.raises(ActionExecutionRejection):
        await dialogue.say("коляска для мамы завтра в 9 по пекинскому", "request_special_lane")


async def test_a_bare_yes_is_no_cargo(hub: TestClient, travelers: Meet) -> None:
    dialogue = await travelers("ru")
    await dialogue.say("запишите фуру", ASKS)
    with pytest.raises(ActionExecutionRejection):
        await dialogue.say("да", "affirm")


async def test_cancelled_in_the_middle_nothing_is_sent(hub: TestClient, travelers: Meet) -> None:
    dialogue = await travelers()
    for text, intent in (("never mind", "cancel"), ("cancel it", "cancel_request")):
        await dialogue.say("I want to book an appointment for my truck", ASKS)
        assert responses(await dialogue.say(text, intent)) == ["short_form_stopped"]
        assert dialogue.loop is None
    assert await kept(hub) == []
