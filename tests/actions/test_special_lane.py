"""The special lane's dialogue in four languages, with the real hub that keeps the requests."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from aiohttp.test_utils import TestClient
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import special_lane
from actions.cancel_request import CancelRequest
from actions.request_status import RequestStatus
from actions.special_lane import NAME, SpecialLane
from bot.clocks import PORT_TIME
from bot.language import SCRIPTS, Language
from bot.policy_texts import numbers_of
from hub.database import requests
from hub.keys import DATABASE, REQUESTS, SETTINGS
from hub.request_rules import accept
from hub.words import supported
from tests.desk.officer_page import traveler_of
from tests.system import ROOT

NOON = datetime(2026, 11, 24, 12, tzinfo=PORT_TIME)
PRESS = re.compile(r'/(\w+)\{"(\w+)": "([^"]+)"\}')

ASKS = "request_special_lane"
FALLBACK = "nlu_fallback"
ELSEWHERE = "policy"


class Dialogue:
    """A traveler and the actions, with slots and loop carried on as Rasa does."""

    def __init__(self, language: Language, sender: str) -> None:
        self.language, self.sender = language, sender
        self.slots: dict[str, Any] = {}
        self.loop: str | None = None
        self.messages = 0
        self.buttons: list[dict[str, str]] = []

    async def say(
        self,
        text: str,
        intent: str = ASKS,
        confidence: float = 0.9,
        *,
        again: bool = False,
        rejected: bool = False,
    ) -> list[dict[str, Any]]:
        """The replies; ``again`` is another try of the last message, after a kill."""
        entities = []
        if match := PRESS.fullmatch(text):
            intent = match.group(1)
            entities = [{"entity": match.group(2), "value": match.group(3)}]
        self.messages += not (again or rejected)
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": entities,
            "language": {"code": self.language.code, "script": self.language.script},
        }
        events: list[dict[str, Any]] = [
            {"event": "user", "text": text, "message_id": f"{self.sender}:{self.messages}"}
        ]
        if rejected:
            events.append({"event": "action_execution_rejected", "name": NAME})
        loop = {"name": self.loop} if self.loop else {}
        tracker = Tracker(self.sender, dict(self.slots), latest, events, False, None, loop, "")
        dispatcher = CollectingDispatcher()
        action: Action = SpecialLane()
        if self.loop is None and intent == "request_status":
            action = RequestStatus()
        elif self.loop is None and intent == "cancel_request":
            action = CancelRequest()
        found = await action.run(dispatcher, tracker, {})
        if again:
            return dispatcher.messages
        for event in found:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
            else:
                self.loop = event["name"]
        self.buttons = [b for m in dispatcher.messages for b in m.get("buttons") or []]
        return dispatcher.messages

    async def digress(
        self, text: str, intent: str = ELSEWHERE, confidence: float = 0.9
    ) -> list[dict[str, Any]]:
        """Another topic, answered by another action; what the form says after it."""
        with pytest.raises(ActionExecutionRejection):
            await self.say(text, intent, confidence)
        return await self.say(text, intent, confidence, rejected=True)


Meet = Callable[[str, str], Awaitable[Dialogue]]


@pytest.fixture
def meet(hub: TestClient, monkeypatch: pytest.MonkeyPatch) -> Meet:
    """Travelers whose actions reach this test's hub."""
    monkeypatch.setattr(special_lane, "now", lambda: NOON)
    monkeypatch.setenv("HUB_INTERNAL_URL", str(hub.make_url("")).rstrip("/"))
    monkeypatch.setenv("SERVICE_TOKEN", hub.app[SETTINGS].service_token)

    async def arrive(code: str, script: str = "") -> Dialogue:
        language = supported(code, script or None)
        assert language
        traveler = await traveler_of(hub, code, language.script)
        return Dialogue(language, traveler.conversation["id"])

    return arrive


async def kept(hub: TestClient) -> list[Any]:
    async with hub.app[DATABASE].read() as connection:
        query = sa.select(requests).order_by(requests.c.id)
        return list((await connection.execute(query)).mappings())


def asked(said: list[dict[str, Any]]) -> list[str]:
    return [str(message["response"]).removeprefix("utter_special_lane_") for message in said]


def wants(*help_: str, **details: Any) -> dict[str, Any]:
    """Details of the request that a dialogue is to end with."""
    return {"help": list(help_), "zone": "beijing", **details}


LEAVING, ENTERING = "leaving_china", "entering_china"
# language, turns (text, intent, what is said; a "~" before the text marks another topic), details
DIALOGUES: list[tuple[str, list[tuple[str, str, str]], dict[str, Any]]] = [
    (
        "en",
        [
            (
                "need a wheelchair for my dad, bus arrives around 3pm Beijing time",
                ASKS,
                "ask_people",
            ),
            ("2", FALLBACK, "ask_direction"),
            ("leaving", "goodbye", "ask_day"),
            ("tomorrow", FALLBACK, "summary"),
            ("no, four people", "deny", "summary"),
            ("yes", "affirm", "sent"),
        ],
        wants(
            "wheelchair",
            people=4,
            direction=LEAVING,
            date="2026-11-25",
            time="15:00",
            vehicle="bus",
        ),
    ),
    (
        "en",
        [
            (
                "wheelchair tomorrow at 10:00 Kazakhstan time, 3 people by car to China",
                ASKS,
                "summary",
            ),
            ("send it", FALLBACK, "sent"),
        ],
        {
            "help": ["wheelchair"],
            "people": 3,
            "direction": ENTERING,
            "date": "2026-11-25",
            "time": "10:00",
            "zone": "kazakhstan",
            "vehicle": "car",
        },
    ),
    (
        "en",
        [
            ("I am pregnant and can't stand in line", ASKS, "ask_people"),
            ("~may I bring a dog?", ELSEWHERE, "ask_people"),
            ("just me", FALLBACK, "ask_direction"),
            ("~what documents do I need to go to Kazakhstan?", ELSEWHERE, "ask_direction"),
            ("to Kazakhstan", "policy", "ask_day"),
            ("31 February", FALLBACK, "no_such_day"),
            ("1 November 2026", FALLBACK, "past_day"),
            ("on Friday", FALLBACK, "ask_time"),
            ("at 3", FALLBACK, "ask_half"),
            ('/request_special_lane{"time": "15:00"}', "", "ask_zone"),
            ("Beijing", FALLBACK, "ask_vehicle"),
            ('/request_special_lane{"vehicle": "on_foot"}', "", "summary"),
            ('/request_special_lane{"answer": "send"}', "", "sent"),
        ],
        wants(
            "pregnant",
            "walking",
            people=1,
            direction=LEAVING,
            date="2026-11-27",
            time="15:00",
            vehicle="on_foot",
        ),
    ),
    (
        "en",
        [
            ("wheelchair please", ASKS, "ask_people"),
            ("0", FALLBACK, "people_none"),
            ("500 people", FALLBACK, "people_many"),
            ("5", FALLBACK, "ask_direction"),
            ("entering", FALLBACK, "ask_day"),
            ('/request_special_lane{"date": "2026-11-24"}', "", "ask_time"),
            ("9 am", FALLBACK, "ask_zone"),
            ('/request_special_lane{"zone": "beijing"}', "", "past_time"),
            ("16:30", FALLBACK, "ask_vehicle"),
            ("by bus", "policy", "summary"),
            ("my number is +7 701 123 45 67", FALLBACK, "summary"),
            ('/request_special_lane{"answer": "change"}', "", "ask_change"),
            ("tomorrow", FALLBACK, "summary"),
            ("ok", "affirm", "sent"),
        ],
        wants(
            "wheelchair",
            people=5,
            direction=ENTERING,
            date="2026-11-25",
            time="16:30",
            vehicle="bus",
            contact="+77011234567",
        ),
    ),
    (
        "en",
        [
            ("help walking needed for my grandmother", ASKS, "ask_people"),
            ("two of us", FALLBACK, "ask_direction"),
            ("~is the port open on Sunday?", ELSEWHERE, "ask_direction"),
            ("leaving China by car tomorrow at 11:00 Beijing time", FALLBACK, "summary"),
            ("no, at 12:30", "deny", "summary"),
            ("yes", "affirm", "sent"),
        ],
        wants(
            "walking",
            "elderly",
            people=2,
            direction=LEAVING,
            date="2026-11-25",
            time="12:30",
            vehicle="car",
        ),
    ),
    (
        "zh",
        [
            ("我妈坐轮椅,明天上午十点到,我们三个人", ASKS, "ask_direction"),
            ("出境", FALLBACK, "ask_vehicle"),
            ("大巴", FALLBACK, "summary"),
            ("发送", FALLBACK, "sent"),
        ],
        wants(
            "wheelchair",
            people=3,
            direction=LEAVING,
            date="2026-11-25",
            time="10:00",
            vehicle="bus",
        ),
    ),
    (
        "zh",
        [
            ("需要轮椅", ASKS, "ask_people"),
            ("两个人", FALLBACK, "ask_direction"),
            ("入境", FALLBACK, "ask_day"),
            ("明天", FALLBACK, "ask_time"),
            ("下午三点", FALLBACK, "ask_zone"),
            ("哈萨克斯坦", FALLBACK, "ask_vehicle"),
            ("自驾", "policy", "summary"),
            ("不对,四个人", "deny", "summary"),
            ("对", "affirm", "sent"),
        ],
        {
            "help": ["wheelchair"],
            "people": 4,
            "direction": ENTERING,
            "date": "2026-11-25",
            "time": "15:00",
            "zone": "kazakhstan",
            "vehicle": "car",
        },
    ),
    (
        "zh",
        [
            ("我怀孕了,排队站不住", ASKS, "ask_people"),
            ("~可以带狗吗?", ELSEWHERE, "ask_people"),
            ("0个人", FALLBACK, "people_none"),
            ("500人", FALLBACK, "people_many"),
            ("2人", FALLBACK, "ask_direction"),
            ("去哈萨克斯坦", "policy", "ask_day"),
            ("2月31日", FALLBACK, "no_such_day"),
            ("11月28号", FALLBACK, "ask_time"),
            ("上午9点半", FALLBACK, "ask_vehicle"),
            ("步行", FALLBACK, "summary"),
            ("好的", "affirm", "sent"),
        ],
        wants(
            "pregnant",
            "walking",
            people=2,
            direction=LEAVING,
            date="2026-11-28",
            time="09:30",
            vehicle="on_foot",
        ),
    ),
    (
        "zh",
        [
            ("奶奶走不动,后天出境,需要轮椅", ASKS, "ask_people"),
            ("我们三个", FALLBACK, "ask_time"),
            ("~口岸几点开门?", ELSEWHERE, "ask_time"),
            ("10点", FALLBACK, "ask_vehicle"),
            ("坐大巴", FALLBACK, "summary"),
            ("改成11点", FALLBACK, "summary"),
            ("可以", FALLBACK, "sent"),
        ],
        wants(
            "elderly",
            "walking",
            "wheelchair",
            people=3,
            direction=LEAVING,
            date="2026-11-26",
            time="11:00",
            vehicle="bus",
        ),
    ),
    (
        "zh",
        [
            ("抱着宝宝,想走特殊通道,明天下午2点开车出境", ASKS, "ask_people"),
            ("3", FALLBACK, "summary"),
            ("电话13912345678", FALLBACK, "summary"),
            ("确认", FALLBACK, "sent"),
        ],
        wants(
            "infant",
            people=3,
            direction=LEAVING,
            date="2026-11-25",
            time="14:00",
            vehicle="car",
            contact="+8613912345678",
        ),
    ),
    (
        "kk",
        [
            ("жүре алмайтын анама арба керек, ертең сағат 10-да екі адам", ASKS, "ask_direction"),
            ("Қытайдан шығамыз", FALLBACK, "ask_zone"),
            ("Қазақстан уақыты", FALLBACK, "ask_vehicle"),
            ("автобуспен", FALLBACK, "summary"),
            ("иә", "affirm", "sent"),
        ],
        {
            "help": ["walking", "wheelchair"],
            "people": 2,
            "direction": LEAVING,
            "date": "2026-11-25",
            "time": "10:00",
            "zone": "kazakhstan",
            "vehicle": "bus",
        },
    ),
    (
        "kk",
        [
            ("мүгедектер арбасы керек", ASKS, "ask_people"),
            ("үш адам", FALLBACK, "ask_direction"),
            ("Қытайға", FALLBACK, "ask_day"),
            ("ертең", FALLBACK, "ask_time"),
            ("15:00", FALLBACK, "ask_zone"),
            ('/request_special_lane{"zone": "beijing"}', "", "ask_vehicle"),
            ("машинамен", FALLBACK, "summary"),
            ("жоқ, төрт адам", "deny", "summary"),
            ("жібер", FALLBACK, "sent"),
        ],
        wants(
            "wheelchair",
            people=4,
            direction=ENTERING,
            date="2026-11-25",
            time="15:00",
            vehicle="car",
        ),
    ),
    (
        "kk",
        [
            ("әйелім жүкті, кезексіз өтсек", ASKS, "ask_people"),
            ("~итті алып өтуге бола ма?", ELSEWHERE, "ask_people"),
            ("екеуміз", FALLBACK, "ask_direction"),
            ("шығамыз", FALLBACK, "ask_day"),
            ("31 ақпан", FALLBACK, "no_such_day"),
            ("28 қараша", FALLBACK, "ask_time"),
            ("сағат 11-де Бейжің уақытымен", FALLBACK, "ask_vehicle"),
            ("жаяу", FALLBACK, "summary"),
            ("дұрыс", FALLBACK, "sent"),
        ],
        wants(
            "pregnant",
            people=2,
            direction=LEAVING,
            date="2026-11-28",
            time="11:00",
            vehicle="on_foot",
        ),
    ),
    (
        "kk",
        [
            ("арба керек", ASKS, "ask_people"),
            ("0", FALLBACK, "people_none"),
            ("500 адам", FALLBACK, "people_many"),
            ("5", FALLBACK, "ask_direction"),
            ("шығу", FALLBACK, "ask_day"),
            ("кеше", FALLBACK, "past_day"),
            ("бүрсігүні", FALLBACK, "ask_time"),
            ("~бекет қашан ашылады?", ELSEWHERE, "ask_time"),
            ("12:00", FALLBACK, "ask_zone"),
            ("Бейжің", FALLBACK, "ask_vehicle"),
            ("автобус", FALLBACK, "summary"),
            ("иә", "affirm", "sent"),
        ],
        wants(
            "wheelchair",
            people=5,
            direction=LEAVING,
            date="2026-11-26",
            time="12:00",
            vehicle="bus",
        ),
    ),
    (
        "kk",
        [
            (
                "сәбиіміз бар, ертең сағат 14:00-де Бейжің уақытымен машинамен Қазақстанға шығамыз",
                ASKS,
                "ask_people",
            ),
            ("төртеуміз", FALLBACK, "summary"),
            ("+7 701 123 45 67", FALLBACK, "summary"),
            ("жарайды", "affirm", "sent"),
        ],
        wants(
            "infant",
            people=4,
            direction=LEAVING,
            date="2026-11-25",
            time="14:00",
            vehicle="car",
            contact="+77011234567",
        ),
    ),
    (
        "ru",
        [
            ("нужна инвалидная коляска для мамы, завтра в 10:00, нас двое", ASKS, "ask_direction"),
            ("в Китай", FALLBACK, "ask_zone"),
            ("по пекинскому", "policy", "ask_vehicle"),
            ("на автобусе", "policy", "summary"),
            ("нет, нас трое", "deny", "summary"),
            ("да", "affirm", "sent"),
        ],
        wants(
            "wheelchair",
            people=3,
            direction=ENTERING,
            date="2026-11-25",
            time="10:00",
            vehicle="bus",
        ),
    ),
    (
        "ru",
        [
            ("бабушке трудно идти", ASKS, "ask_people"),
            ("~можно провезти собаку?", ELSEWHERE, "ask_people"),
            ("вчетвером", FALLBACK, "ask_direction"),
            ("выезжаем", FALLBACK, "ask_day"),
            ("31 февраля", FALLBACK, "no_such_day"),
            ("вчера", FALLBACK, "past_day"),
            ("послезавтра", FALLBACK, "ask_time"),
            ("в 3", FALLBACK, "ask_half"),
            ("15:00", FALLBACK, "ask_zone"),
            ("казахстанское", FALLBACK, "ask_vehicle"),
            ("на машине", FALLBACK, "summary"),
            ("отправляйте", FALLBACK, "sent"),
        ],
        {
            "help": ["elderly", "walking"],
            "people": 4,
            "direction": LEAVING,
            "date": "2026-11-26",
            "time": "15:00",
            "zone": "kazakhstan",
            "vehicle": "car",
        },
    ),
    (
        "ru",
        [
            ("коляска нужна", ASKS, "ask_people"),
            ("0", FALLBACK, "people_none"),
            ("500 человек", FALLBACK, "people_many"),
            ("6", FALLBACK, "ask_direction"),
            ("выезд", FALLBACK, "ask_day"),
            ("завтра", FALLBACK, "ask_time"),
            ("~во сколько открывается пункт?", ELSEWHERE, "ask_time"),
            ("в 11 утра по Пекину", FALLBACK, "ask_vehicle"),
            ("пешком", FALLBACK, "summary"),
            ("верно", FALLBACK, "sent"),
        ],
        wants(
            "wheelchair",
            people=6,
            direction=LEAVING,
            date="2026-11-25",
            time="11:00",
            vehicle="on_foot",
        ),
    ),
    (
        "ru",
        [
            (
                "жена беременна, завтра в 16:00 по пекинскому времени выезд из Китая на машине",
                ASKS,
                "ask_people",
            ),
            ("2", FALLBACK, "summary"),
            ("нет, послезавтра", "deny", "summary"),
            ("+7 701 123 45 67", FALLBACK, "summary"),
            ("да, отправляйте", "affirm", "sent"),
        ],
        wants(
            "pregnant",
            people=2,
            direction=LEAVING,
            date="2026-11-26",
            time="16:00",
            vehicle="car",
            contact="+77011234567",
        ),
    ),
    (
        "ru",
        [
            ("мы с грудным ребенком, можно без очереди", ASKS, "ask_direction"),
            ("нас трое", FALLBACK, "ask_direction"),
            ('/request_special_lane{"direction": "entering_china"}', "", "ask_day"),
            ('/request_special_lane{"date": "2026-11-25"}', "", "ask_time"),
            ("9:30", FALLBACK, "ask_zone"),
            ('/request_special_lane{"zone": "kazakhstan"}', "", "ask_vehicle"),
            ("автобус", FALLBACK, "summary"),
            ("нет", "deny", "ask_change"),
            ("нас четверо", FALLBACK, "summary"),
            ("да", "affirm", "sent"),
        ],
        {
            "help": ["infant"],
            "people": 4,
            "direction": ENTERING,
            "date": "2026-11-25",
            "time": "09:30",
            "zone": "kazakhstan",
            "vehicle": "bus",
        },
    ),
]


@pytest.mark.parametrize(
    ("code", "turns", "details"), DIALOGUES, ids=[f"{d[0]}-{d[1][0][0]}" for d in DIALOGUES]
)
async def test_a_dialogue_ends_with_one_request_that_says_what_was_told(
    hub: TestClient, meet: Meet, code: str, turns: Any, details: dict[str, Any]
) -> None:
    dialogue = await meet(code, "")
    for text, intent, expected in turns:
        if text.startswith("~"):
            said = await dialogue.digress(text[1:], intent)
        else:
            said = await dialogue.say(text, intent)
        assert asked(said) == [expected], (text, dialogue.slots)
    (row,) = await kept(hub)
    assert row["details"] == details
    assert row["number"] == said[0]["number"]
    assert dialogue.loop is None
    assert dialogue.slots["special_lane"] is None


async def ready(dialogue: Dialogue) -> None:
    said = await dialogue.say(
        "wheelchair tomorrow at 10:00 Beijing time, 3 people by car to China", ASKS
    )
    assert asked(said) == ["summary"]


async def test_the_summary_shows_both_clocks_and_three_buttons(meet: Meet) -> None:
    dialogue = await meet("en", "")
    said = await dialogue.say(
        "wheelchair tomorrow at 10:00 Beijing time, 3 people by car to China", ASKS
    )
    assert said[0]["when"] == "Wednesday, 25 November, 10:00 Beijing time (07:00 in Kazakhstan)"
    assert said[0]["people"] == "3"
    text = (ROOT / "data/responses/special_lane.yml").read_text("utf-8")
    (summary,) = (
        v
        for v in yaml.safe_load(text)["responses"]["utter_special_lane_summary"]
        if v["metadata"]["language"] == "en"
    )
    answers = [PRESS.fullmatch(button["payload"]) for button in summary["buttons"]]
    assert [match and match.groups() for match in answers] == [
        ("request_special_lane", "answer", answer) for answer in ("send", "change", "cancel")
    ]


async def test_actions_killed_after_the_request_was_written_make_no_second_one(
    hub: TestClient, meet: Meet
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    first = await dialogue.say("yes", "affirm", again=True)
    second = await dialogue.say("yes", "affirm", again=True)
    assert asked(first) == asked(second) == ["sent"]
    assert first[0]["number"] == second[0]["number"]
    assert len(await kept(hub)) == 1


async def test_the_same_request_twice_is_one_and_offers_to_cancel_it(
    hub: TestClient, meet: Meet
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    (sent,) = await dialogue.say("yes", "affirm")
    await ready(dialogue)
    (same,) = await dialogue.say("yes", "affirm")
    assert (asked([same]), same["number"]) == (["same"], sent["number"])
    assert len(await kept(hub)) == 1
    (cancelled,) = await dialogue.say(dialogue.buttons[0]["payload"])
    assert cancelled["response"] == "utter_cancel_request_done"
    await ready(dialogue)
    (again,) = await dialogue.say("yes", "affirm")
    assert again["number"] != sent["number"]


async def test_a_button_pressed_again_after_it_was_sent_sends_nothing(
    hub: TestClient, meet: Meet
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    await dialogue.say('/request_special_lane{"answer": "send"}')
    assert asked(await dialogue.say('/request_special_lane{"answer": "send"}')) == ["nothing"]
    assert len(await kept(hub)) == 1


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("never mind", "cancel"),
        ("cancel it", "cancel_request"),
        ('/request_special_lane{"answer": "cancel"}', ASKS),
    ],
)
async def test_cancelled_in_the_middle_nothing_is_sent(
    hub: TestClient, meet: Meet, text: str, intent: str
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    assert asked(await dialogue.say(text, intent)) == ["stopped"]
    assert dialogue.loop is None
    assert await kept(hub) == []


async def test_cancelling_a_request_of_before_leaves_the_form_open(
    hub: TestClient, meet: Meet
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    number = (await dialogue.say("yes", "affirm"))[0]["number"]
    await dialogue.say("wheelchair on Friday", ASKS)
    for text in (
        f"cancel {number}",
        f'/cancel_request{{"request_number": "{number}"}}',
        '/cancel_request{"answer": "keep"}',
    ):
        assert asked(await dialogue.digress(text, "cancel_request")) == ["ask_people"]


async def test_a_question_that_names_something_asked_for_is_no_answer(meet: Meet) -> None:
    dialogue = await meet("en", "")
    await dialogue.say("wheelchair please", ASKS)
    said = await dialogue.digress("may my dog come on the bus?", FALLBACK)
    assert asked(said) == ["ask_people"]
    assert dialogue.slots["special_lane"]["vehicle"] is None
    await ready(dialogue)
    assert asked(await dialogue.say("can it be four people?", FALLBACK)) == ["summary"]
    assert dialogue.slots["special_lane"]["people"] == 4


@pytest.mark.parametrize(
    ("language", "text", "time"),
    [
        ("en", "afternoon", "15:00"),
        ("en", "the second one", "15:00"),
        ("ru", "дня", "15:00"),
        ("ru", "ночью", "03:00"),
        ("zh", "下午", "15:00"),
        ("kk", "түстен кейін", "15:00"),
    ],
)
async def test_a_part_of_the_day_says_which_of_two_times_is_meant(
    meet: Meet, language: str, text: str, time: str
) -> None:
    dialogue = await meet(language, "")
    begun = {"en": "wheelchair", "ru": "коляска", "zh": "轮椅", "kk": "арба"}[language]
    await dialogue.say(begun, ASKS)
    for button in ('"direction": "leaving_china"', '"date": "2026-11-26"'):
        await dialogue.say(f"/request_special_lane{{{button}}}", ASKS)
    told = dialogue.slots["special_lane"]
    dialogue.slots["special_lane"] = {**told, "people": 2, "time": "03:00", "half": True}
    await dialogue.say("?", ASKS)
    await dialogue.say(text, FALLBACK)
    assert dialogue.slots["special_lane"]["time"] == time
    assert not dialogue.slots["special_lane"]["half"]


async def test_how_many_they_are_is_no_time_where_a_time_was_asked_for(meet: Meet) -> None:
    dialogue = await meet("en", "")
    await dialogue.say("wheelchair for two, leaving China tomorrow at 3", ASKS)
    assert asked(await dialogue.say("no, four people", "deny")) == ["ask_half"]
    assert dialogue.slots["special_lane"]["people"] == 4
    assert dialogue.slots["special_lane"]["time"] == "03:00"


async def test_a_sentence_with_several_answers_is_for_here_whatever_its_topic(meet: Meet) -> None:
    dialogue = await meet("ru", "")
    await dialogue.say("коляска для мамы", ASKS)
    said = await dialogue.say("нас двое, завтра в 15:00 по Пекину, на автобусе", ELSEWHERE)
    assert asked(said) == ["ask_direction"]


async def test_help_in_words_that_name_no_kind_is_taken_as_other_help(meet: Meet) -> None:
    dialogue = await meet("en", "")
    assert asked(await dialogue.say("I'd like some assistance", ASKS)) == ["ask_help"]
    assert asked(await dialogue.say("somebody to carry our bags", ASKS)) == ["ask_people"]
    assert dialogue.slots["special_lane"]["help"] == ["other"]


async def test_after_other_topics_one_after_another_it_leaves_off_and_comes_back_when_asked(
    meet: Meet,
) -> None:
    dialogue = await meet("en", "")
    await dialogue.say("wheelchair for three people tomorrow", ASKS)
    for _ in range(3):
        assert asked(await dialogue.digress("may I bring a dog?")) == ["ask_direction"]
    assert await dialogue.digress("and a cat?") == []
    assert dialogue.loop is None
    # "go on with my request" names nothing new
    assert asked(await dialogue.say("about that request", ASKS)) == ["ask_direction"]
    assert dialogue.slots["special_lane"]["people"] == 3


async def test_a_time_that_passes_while_the_summary_waits_is_not_sent(
    hub: TestClient, meet: Meet, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogue = await meet("en", "")
    await ready(dialogue)
    monkeypatch.setattr(special_lane, "now", lambda: datetime(2026, 11, 25, 12, tzinfo=PORT_TIME))
    assert asked(await dialogue.say("yes", "affirm")) == ["past_time"]
    assert await kept(hub) == []


async def test_in_an_hour_needs_no_other_question_about_the_time(meet: Meet) -> None:
    dialogue = await meet("en", "")
    said = await dialogue.say("wheelchair in an hour, two people, to China by bus", ASKS)
    assert asked(said) == ["summary"]
    assert said[0]["when"].startswith("Tuesday, 24 November, 13:00")


async def test_too_far_ahead_gets_a_clear_question(meet: Meet) -> None:
    dialogue = await meet("en", "")
    assert asked(await dialogue.say("a wheelchair on 1 May 2028", ASKS)) == ["far_day"]


async def test_how_a_request_stands_is_told_by_number_and_from_its_conversation(
    hub: TestClient, meet: Meet
) -> None:
    mine, other = await meet("en", ""), await meet("ru", "")
    (none,) = await mine.say("where is my wheelchair?", "request_status")
    assert none["response"] == "utter_request_status_none"
    await ready(mine)
    number = (await mine.say("yes", "affirm"))[0]["number"]
    (waits,) = await mine.say("where is my wheelchair?", "request_status")
    assert (waits["number"], waits["state"]) == (
        number,
        "received, waiting for an officer to take it up",
    )
    await hub.app[REQUESTS].change(
        number, lambda r: accept(r, 1, "hall_entrance", None, NOON), "officer"
    )
    (accepted,) = await mine.say("any news?", "request_status")
    assert accepted["state"] == (
        "accepted, meeting place: entrance of the passenger hall, "
        "Wednesday, 25 November, 10:00 Beijing time (07:00 in Kazakhstan)"
    )
    (told,) = await other.say(f"что с заявкой {number[:4]} {number[4:]}?", "request_status")
    assert (told["number"], told["state"]) == (number, "принята")
    (unknown,) = await other.say("заявка R000001", "request_status")
    assert unknown["response"] == "utter_request_unknown"


async def test_without_a_number_cancelling_asks_which_and_with_one_it_is_done(
    hub: TestClient, meet: Meet
) -> None:
    dialogue = await meet("zh", "Hant")
    (none,) = await dialogue.say("取消申請", "cancel_request")
    assert none["response"] == "utter_cancel_request_none"
    await dialogue.say("輪椅,明天上午十點,三個人,出境,坐大巴", ASKS)
    number = (await dialogue.say("發送", "affirm"))[0]["number"]
    (sure,) = await dialogue.say("取消申請", "cancel_request")
    assert (sure["response"], sure["number"]) == ("utter_cancel_request_sure", number)
    (kept_,) = await dialogue.say(dialogue.buttons[-1]["payload"])
    assert kept_["response"] == "utter_cancel_request_kept"
    (done,) = await dialogue.say(f"取消{number}", "cancel_request")
    assert (done["response"], done["number"]) == ("utter_cancel_request_done", number)
    # the answer of that message was lost; then it is over
    (again,) = await dialogue.say(f"取消{number}", "cancel_request", again=True)
    assert again["response"] == "utter_cancel_request_done"
    (over,) = await dialogue.say(f"取消{number}", "cancel_request")
    assert (over["response"], over["state"]) == ("utter_cancel_request_over", "已取消")
    (unknown,) = await dialogue.say("取消R000001", "cancel_request")
    assert unknown["response"] == "utter_request_unknown"
    assert [row["state"] for row in await kept(hub)] == ["cancelled"]


LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_every_script_gets_its_buttons(meet: Meet, language: Language) -> None:
    dialogue = await meet(language.code, language.script)
    await dialogue.say("?", ASKS)
    assert len(dialogue.buttons) == 7
    titles = "".join(button["title"] for button in dialogue.buttons)
    if language.script in ("Arab", "Latn"):
        assert not re.search("[а-яәғқңөұүһі]", titles, re.IGNORECASE)
    if language.script == "Hant":
        assert "輪椅" in titles


def test_every_question_and_answer_has_its_wording() -> None:
    named: set[str] = set()
    for name in ("special_lane", "request_status", "cancel_request"):
        code = (ROOT / f"actions/{name}.py").read_text("utf-8")
        named |= set(re.findall(r'"(utter_\w+)"', code))
    named |= {f"utter_special_lane_ask_{asked}" for asked in special_lane._BUTTONS}
    named |= {f"utter_special_lane_{name}" for name in ("ask_people", "ask_time")}
    named |= {f"utter_special_lane_people_{name}" for name in ("none", "many")}
    named |= {f"utter_special_lane_{name}_day" for name in ("past", "far")}
    worded: set[str] = set()
    for name in ("special_lane", "request_status", "cancel_request"):
        text = (ROOT / f"data/responses/{name}.yml").read_text("utf-8")
        worded |= set(yaml.safe_load(text)["responses"])
    assert named == worded


def test_phrases_and_places_say_the_same_in_four_languages() -> None:
    for name in ("special_lane_words", "places"):
        text = (ROOT / f"data/{name}.yml").read_text("utf-8")
        for key, worded in yaml.safe_load(text).items():
            assert set(worded) == set(SCRIPTS), key
            if key.endswith("_said"):
                continue
            for code, phrase in worded.items():
                assert numbers_of(phrase, code) == numbers_of(worded["en"], "en"), key
                assert re.findall(r"\{\w+\}", phrase) == re.findall(r"\{\w+\}", worded["en"]), key
