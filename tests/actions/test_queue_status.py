"""The queue is told as officers entered it, with its time by both clocks, or not at all."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.queue_status import QueueStatus, lanes_for
from bot.entities import find
from bot.language import SCRIPTS
from bot.scripts.convert import readable
from tests.system import ROOT

AT = "2026-11-24T06:05:30+00:00"
RESPONSES = yaml.safe_load((ROOT / "data/responses/queue_status.yml").read_text("utf-8"))[
    "responses"
]
LANES = yaml.safe_load((ROOT / "data/lanes.yml").read_text("utf-8"))["lanes"]


def figures(**known: tuple[int, int | None]) -> list[dict[str, Any]]:
    """As the hub gives them: those named are known."""
    return [
        {
            "lane": key,
            "waiting": known.get(key, (None, None))[0],
            "minutes": known.get(key, (None, None))[1],
            "at": AT if key in known else None,
            "known": key in known,
        }
        for key in LANES
    ]


async def told(
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    language: str,
    script: str = "",
    **known: tuple[int, int | None],
) -> tuple[str, str, list[str]]:
    """The response's name, its words, and the payloads of the buttons."""
    asked: list[tuple[str, Any]] = []

    async def tell(path: str, body: dict[str, Any]) -> dict[str, Any]:
        asked.append((path, body))
        return {"lanes": figures(**known)}

    monkeypatch.setattr(hub, "tell", tell)
    script = script or SCRIPTS[language][0]
    entities = [
        {"entity": found.kind, "value": found.value}
        for found in find(text, language, script, datetime.now(UTC).date())
    ]
    latest = {
        "text": text,
        "language": {"code": language, "script": script},
        "entities": entities,
    }
    tracker = Tracker("c1", {}, latest, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    assert await QueueStatus().run(dispatcher, tracker, {}) == []
    assert asked == [("queue", {})]
    (message,) = dispatcher.messages
    variations = RESPONSES[message["response"]]
    (words,) = (v["text"] for v in variations if v["metadata"]["language"] == language)
    payloads = [button["payload"] for button in message["buttons"]]
    return message["response"], words.format(lines=message["lines"]), payloads


ASKED = {
    "zh": "现在排队吗",
    "kk": "Кезек ұзын ба?",
    "ru": "Какая сейчас очередь?",
    "en": "long line now?",
}


@pytest.mark.parametrize("language", SCRIPTS)
async def test_a_figure_is_told_with_its_time_by_both_clocks(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    name, text, _ = await told(
        monkeypatch, ASKED[language], language, passengers_out=(40, 15), trucks_in=(0, None)
    )
    assert name == "utter_queue_status_partly"
    out, trucks, rest = text.split("\n")
    assert re.findall(r"\d+(?::\d\d)?", out) == ["40", "15", "14:05", "11:05"]
    assert re.findall(r"\d+(?::\d\d)?", trucks) == ["14:05", "11:05"]
    assert "12367" in rest
    assert LANES["passengers_out"]["name"][language] in out


@pytest.mark.parametrize("language", SCRIPTS)
async def test_what_nobody_entered_or_only_long_ago_is_not_known(
    monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    name, text, payloads = await told(monkeypatch, ASKED[language], language)
    assert name == "utter_queue_status_unknown"
    assert "14:05" not in text
    assert set(re.findall(r"\d+", text)) - {"24", "5", "2025"} == {"30", "12367"}
    assert payloads[-1] == "/talk_to_officer"


async def test_when_every_figure_asked_for_is_there_nothing_is_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, text, _ = await told(
        monkeypatch,
        "how many trucks are waiting?",
        "en",
        passengers_out=(40, 15),
        trucks_out=(12, None),
        trucks_in=(1, 10),
    )
    assert name == "utter_queue_status_known"
    assert text.splitlines()[:-1] == [
        "Trucks leaving China: 12 waiting (14:05 Beijing time, 11:05 in Kazakhstan)",
        "Trucks entering China: 1 waiting, a wait of about 10 min"
        " (14:05 Beijing time, 11:05 in Kazakhstan)",
    ]


async def test_a_lane_asked_for_is_named_also_when_it_is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, text, payloads = await told(
        monkeypatch, "Фуры докуда стоят?", "ru", passengers_out=(40, 15), trucks_out=(3, None)
    )
    assert name == "utter_queue_status_partly"
    assert "Грузовики на въезд в Китай: сейчас неизвестно" in text
    assert "Пассажиры" not in text
    assert payloads == ['/policy{"topic": "truck_clearance"}', "/talk_to_officer"]


PASSENGERS = {"passengers_out", "passengers_in"}
TRUCKS = {"trucks_out", "trucks_in"}


@pytest.mark.parametrize(
    ("language", "script", "text", "lanes"),
    [
        ("zh", "Hans", "货车队排到哪儿了", TRUCKS),
        ("zh", "Hant", "貨車現在排多長", TRUCKS),
        ("zh", "Hans", "大厅人多不多", PASSENGERS),
        ("zh", "Hans", "出境的人多吗", {"passengers_out"}),
        ("zh", "Hans", "水果货车现在要排多久", {"produce"}),
        ("zh", "Hans", "我妈坐轮椅，现在要等吗", {"special_lane"}),
        ("zh", "Hans", "客车道排了几辆车", PASSENGERS | {"buses_cars"}),
        ("kk", "Cyrl", "Неше фура тұр қақпаның алдында", TRUCKS),
        ("kk", "Cyrl", "Бүгін адам көп пе", PASSENGERS),
        ("kk", "Arab", "قازىر وتكەلدە ادام كوپ پە", PASSENGERS),
        ("kk", "Latn", "Qazir adam köp pe", PASSENGERS),
        ("kk", "Cyrl", "Жеміс тиеген көліктер көп пе", {"produce"}),
        ("ru", "Cyrl", "Много народу сегодня?", PASSENGERS),
        ("ru", "Cyrl", "Сколько легковых машин перед шлагбаумом", {"buses_cars"}),
        ("ru", "Cyrl", "Фуры в Казахстан долго стоят?", {"trucks_out"}),
        ("ru", "Cyrl", "Негабарит долго ждёт?", {"large_equipment"}),
        ("en", "Latn", "is there a long line of trucks today", TRUCKS),
        ("en", "Latn", "how many people are in line right now", PASSENGERS),
        ("en", "Latn", "is the tour group lane busy", {"tour_groups"}),
    ],
)
async def test_only_the_lanes_that_a_message_names_are_told(
    monkeypatch: pytest.MonkeyPatch, language: str, script: str, text: str, lanes: set[str]
) -> None:
    everything = {key: (number, None) for number, key in enumerate(LANES, 101)}
    name, words, payloads = await told(monkeypatch, text, language, script, **everything)
    assert name == "utter_queue_status_known"
    numbers = {int(number) for number in re.findall(r"\b1\d\d(?!\d)|(?<=\D)1\d\d(?=\D)", words)}
    assert numbers == {everything[key][0] for key in lanes}
    assert len(payloads) <= 3


def test_a_direction_alone_asks_for_all_lanes_of_it() -> None:
    assert set(lanes_for([], "entering_china")) == {"passengers_in", "trucks_in"}
    assert lanes_for([], None) == []


def test_every_lane_can_be_asked_for_in_every_language() -> None:
    setting = yaml.safe_load((ROOT / "data/lanes.yml").read_text("utf-8"))
    vehicles = yaml.safe_load((ROOT / "data/languages/entities.yml").read_text("utf-8"))["vehicle"]
    for lane in setting["lanes"].values():
        assert set(lane["asked"]) <= {*setting["said"], *vehicles}
    for words in setting["said"].values():
        for language, script in ((code, scripts[0]) for code, scripts in SCRIPTS.items()):
            assert words[language]
            assert [readable(word, language, script) for word in words[language]] == words[language]
