"""Takes requests for wheelchair and special lane: all from one sentence, or question by question.

It is a loop of its own, ``special_lane_form`` in ``forms`` of the domain: while it is active
Rasa runs it first in every turn, and it rejects a message that is about something else, which is
then answered as always. It asks for no illness and for no number of a passport.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import hub
from actions.loops import REMINDERS, gives_up, interrupted, is_active
from actions.request_words import Words
from actions.traveler import Traveler, message_id, traveler_of
from bot.clocks import KAZAKHSTAN, PORT_TIME, ZONES
from bot.entities import clock, find, number_in, time_in
from bot.entities.reading import Reading
from bot.scripts.convert import readable

NAME = "special_lane_form"
INTENT = "request_special_lane"
NEAR = {INTENT, "nlu_fallback", "affirm", "deny", "out_of_scope"}
"""Intents under which a message that names something asked for here is meant for here."""

SURE = 0.7
"""Confidence from which a longer message is about its own topic, whatever else it names."""

MOST_PEOPLE = 50
FURTHEST = timedelta(days=90)
HELP = ("wheelchair", "walking", "elderly", "pregnant", "infant", "ill", "other")
VEHICLES = ("on_foot", "bus", "car")

ENOUGH = 2
"""Different things asked for here that make a message one for here, whatever its topic."""

GRACE = timedelta(minutes=15)
"""How long after its time a request can still be sent: typing takes some minutes."""

_DAYTIME = re.compile(r"0[1-6]:")
_SHORT = {"zh": 10, "kk": 32, "ru": 32, "en": 32}
"""Characters up to which a message that names what was asked for is an answer to it."""

Asked = Literal[
    "help", "people", "direction", "day", "time", "half", "zone", "vehicle", "change", "summary"
]


@dataclass(frozen=True)
class Told:
    """What the traveler has told so far; the slot ``special_lane`` holds it.

    ``half``: it is not said which half of the day ``time`` is in. ``zone`` is ``None`` until
    somebody says whose clock it is. ``reminded`` counts other topics since the last answer.
    """

    help: tuple[str, ...] = ()
    people: int | None = None
    direction: str | None = None
    date: str | None = None
    time: str | None = None
    half: bool = False
    zone: str | None = None
    vehicle: str | None = None
    contact: str | None = None
    asked: Asked | None = None
    reminded: int = 0

    @classmethod
    def of(cls, tracker: Tracker) -> Told:
        stored = tracker.get_slot("special_lane") or {}
        known = {field.name for field in fields(cls)}
        told = {name: value for name, value in stored.items() if name in known}
        return cls(**{**told, "help": tuple(told.get("help", ()))})

    def slots(self) -> list[EventType]:
        return [SlotSet("special_lane", {**asdict(self), "help": list(self.help)})]

    def clock(self, language: str) -> str | None:
        """Whose time it is. Who writes Chinese on the way out of China means Beijing's."""
        if self.zone or language != "zh":
            return self.zone
        return "beijing" if self.direction == "leaving_china" else None

    def moment(self, language: str) -> datetime | None:
        """When they arrive, in UTC."""
        zone = self.clock(language)
        if not (self.date and self.time and zone):
            return None
        local = datetime.combine(date.fromisoformat(self.date), time.fromisoformat(self.time))
        return local.replace(tzinfo=ZONES[zone]).astimezone(UTC)


@dataclass(frozen=True)
class Wrong:
    """What can't be: the response that asks about it, what it is filled with, what it asks for."""

    response: str
    asked: Asked
    values: tuple[tuple[str, str], ...] = ()


class SpecialLane(Action):
    """Asks for what is missing, and sends the request to the hub once it is confirmed."""

    def name(self) -> str:
        return NAME

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        told, traveler = Told.of(tracker), traveler_of(tracker)
        words = Words(traveler)
        active = is_active(tracker, NAME)
        if active and interrupted(tracker, NAME):
            return _after_another_topic(dispatcher, tracker, told, words)
        heard = _heard(tracker, traveler, told.asked)
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        answer = heard.get("answer")
        if active and not heard and gives_up(tracker):
            answer = "cancel"
        if active and told.asked == "help" and not heard and intent == INTENT:
            # said in words that name none of the kinds; what somebody suffers from is not asked
            heard = {"help": ["other"]}
        if active and not heard and not answer and told.asked == "summary":
            answer = _answer_to_summary(tracker, intent, traveler)
        if not active:
            if answer:
                dispatcher.utter_message(response="utter_special_lane_nothing")
                return _ended()
            if heard:
                # another request, not what was left of one
                told = Told()
        elif not heard and not answer and intent != INTENT:
            raise ActionExecutionRejection(NAME)
        if answer == "cancel":
            dispatcher.utter_message(response="utter_special_lane_stopped")
            return _ended()
        if answer == "change":
            dispatcher.utter_message(response="utter_special_lane_ask_change")
            return [ActiveLoop(NAME), *replace(told, asked="change", reminded=0).slots()]
        told, wrong = merged(replace(told, reminded=0), heard, intent == "deny", now())
        told, wrong = _possible(told, wrong, words, now())
        if answer == "send" and wrong is None and _missing(told, traveler.language) is None:
            return await _send(dispatcher, tracker, told, words)
        return [ActiveLoop(NAME), *_say(dispatcher, told, wrong, words).slots()]


def now() -> datetime:
    """The moment by the port's clock."""
    return datetime.now(PORT_TIME)


# ---- what a message says, and whether it is for this dialogue


def _heard(tracker: Tracker, traveler: Traveler, asked: Asked | None) -> dict[str, Any]:
    """Kinds of ``bot.entities`` with their values, what a button gives, or an ``answer``.

    Nothing where the message is about another topic.
    """
    text = tracker.latest_message.get("text") or ""
    if text.startswith("/"):
        if (tracker.latest_message.get("intent") or {}).get("name") != INTENT:
            return {}
        given = tracker.latest_message.get("entities") or []
        pressed = {each["entity"]: each["value"] for each in given}
        heard: dict[str, Any] = {
            name: pressed[name]
            for name in ("direction", "date", "time", "zone", "vehicle", "answer")
            if name in pressed
        }
        if "help" in pressed:
            heard["help"] = [pressed["help"]]
        # what a button says is said in full
        return {**heard, "exact": True} if heard else {}
    language, script = traveler.language, traveler.script
    moment = now()
    found: dict[str, list[Any]] = {}
    for each in find(text, language, script, moment.date(), moment):
        found.setdefault(each.kind, []).append(each.value)
    heard = {
        # the last one is the corrected one
        name: found[name][-1]
        for name in ("count", "direction", "date", "time", "zone", "bad_date", "vehicle", "contact")
        if name in found
    }
    if "help" in found:
        heard["help"] = found["help"]
    if found.get("reach") == ["here"]:
        heard["contact"] = None
    if asked == "people" and "count" not in heard:
        _add(heard, "count", number_in(text, language, script))
    normal = readable(text, language, script)
    if asked == "half" and "time" not in heard:
        _add(heard, "half", _half_said(found, normal, Words(traveler)))
    if asked in ("time", "half") and not heard.keys() & {"time", "half", "count"}:
        _add(heard, "time", time_in(text, language, script))
    if asked == "zone" and "zone" not in heard:
        for zone in ZONES:
            if any(word in normal for word in Words(traveler).said(f"zone_{zone}")):
                heard["zone"] = zone
    if "time" in heard:
        part = clock.part(Reading.of(text, language, script))
        heard["exact"] = part in ("morning", "night") or heard["time"] in text
    return heard if _is_ours(tracker, heard, asked, traveler) else {}


def _add(heard: dict[str, Any], name: str, value: Any) -> None:
    if value is not None:
        heard[name] = value


def _half_said(found: dict[str, list[Any]], normal: str, words: Words) -> str | None:
    """``early`` or ``late``: which of the two times they mean."""
    for part in found.get("part", []):
        return "late" if part in ("afternoon", "evening") else "early"
    for half in ("early", "late"):
        if normal.strip(" .!。！") in words.said(half):
            return half
    return None


_ANSWERS: dict[str | None, tuple[str, ...]] = {
    "help": ("help",),
    "people": ("count",),
    "direction": ("direction",),
    "day": ("date", "bad_date"),
    "time": ("time",),
    "half": ("time", "half"),
    "zone": ("zone",),
    "vehicle": ("vehicle",),
}


def _is_ours(
    tracker: Tracker, heard: dict[str, Any], asked: Asked | None, traveler: Traveler
) -> bool:
    intent = tracker.latest_message.get("intent") or {}
    if intent.get("name") == INTENT:
        return True
    text = (tracker.latest_message.get("text") or "").strip()
    fits = any(kind in heard for kind in _ANSWERS.get(asked, ()))
    is_question = text.endswith(("?", "？", "؟"))
    if intent.get("name") in NEAR:
        # "may my dog come on the bus?" names a vehicle and wants an answer
        return fits or not is_question or asked in ("summary", "change")
    if is_question:
        return False
    told = sum(kind in heard for kind in ("help", "count", "direction", "vehicle", "zone"))
    told += "date" in heard or "time" in heard
    if told >= ENOUGH:
        # "two of us, at three by Beijing's clock" is no question about clocks
        return True
    if len(text) <= _SHORT[traveler.language]:
        return True
    return fits and (intent.get("confidence") or 0) < SURE


def _answer_to_summary(tracker: Tracker, intent: str | None, traveler: Traveler) -> str | None:
    text = tracker.latest_message.get("text") or ""
    normal = re.sub(r"[\s.!。！]+$", "", readable(text, traveler.language, traveler.script)).strip()
    if intent == "affirm" or normal in Words(traveler).said("send"):
        return "send"
    return "change" if intent == "deny" else None


def _after_another_topic(
    dispatcher: CollectingDispatcher, tracker: Tracker, told: Told, words: Words
) -> list[EventType]:
    """Asks again, but not for ever; what was told stays for when they come back to it."""
    if told.reminded >= REMINDERS:
        return [ActiveLoop(None), *replace(told, reminded=0).slots()]
    told = _say(dispatcher, told, None, words)
    return replace(told, reminded=told.reminded + 1).slots()


def _ended() -> list[EventType]:
    return [ActiveLoop(None), SlotSet("special_lane", None)]


# ---- what a message changes


def merged(
    told: Told, heard: dict[str, Any], corrects: bool, moment: datetime
) -> tuple[Told, Wrong | None]:
    """What was told, with a message added; and what of it can't be."""
    wrong = None
    if "help" in heard:
        new = corrects or told.asked == "change"
        kept = () if new else told.help
        told = replace(told, help=tuple(dict.fromkeys((*kept, *heard["help"]))))
    if "count" in heard:
        people = int(heard["count"])
        if 0 < people <= MOST_PEOPLE:
            told = replace(told, people=people)
        else:
            name = "people_many" if people else "people_none"
            wrong, told = Wrong(f"utter_special_lane_{name}", "people"), replace(told, people=None)
    for name in ("direction", "vehicle", "date", "contact"):
        if name in heard:
            told = replace(told, **{name: heard[name]})
    if "zone" in heard:
        told = replace(told, zone=None if heard["zone"] == "unclear" else heard["zone"])
    if heard.get("time") == clock.NOW:
        told = replace(
            told, date=f"{moment:%Y-%m-%d}", time=f"{moment:%H:%M}", zone="beijing", half=False
        )
    elif "time" in heard:
        half = not heard.get("exact") and bool(_DAYTIME.match(heard["time"]))
        told = replace(told, time=heard["time"], half=half)
    elif "half" in heard and told.time:
        late = heard["half"] == "late"
        told = replace(told, time=_afternoon(told.time) if late else told.time, half=False)
    if "bad_date" in heard and "date" not in heard:
        written = (("written", str(heard["bad_date"])),)
        wrong = Wrong("utter_special_lane_no_such_day", "day", written)
        told = replace(told, date=None)
    return told, wrong


def _possible(
    told: Told, wrong: Wrong | None, words: Words, moment: datetime
) -> tuple[Told, Wrong | None]:
    """Takes a day or time back that has passed or is too far away."""
    if told.date:
        day = date.fromisoformat(told.date)
        # on the other side of the border it may still be the day before
        name = "past" if day < moment.astimezone(KAZAKHSTAN).date() else ""
        name = "far" if day > moment.date() + FURTHEST else name
        if name:
            values = (("day", words.day(day)),)
            wrong = Wrong(f"utter_special_lane_{name}_day", "day", values)
            return replace(told, date=None), wrong
    due = told.moment(words.traveler.language)
    if due and not told.half and due < moment - GRACE:
        wrong = Wrong("utter_special_lane_past_time", "time", (("when", words.when(due)),))
        return replace(told, time=None, half=False), wrong
    return told, wrong


def _missing(told: Told, language: str) -> Asked | None:
    """What to ask for next."""
    needed: list[tuple[Asked, Any]] = [
        ("help", told.help),
        ("people", told.people),
        ("direction", told.direction),
        ("day", told.date),
        ("time", told.time),
        ("half", not told.half),
        ("zone", told.clock(language)),
        ("vehicle", told.vehicle),
    ]
    return next((asked for asked, known in needed if not known), None)


# ---- what is said


def _say(dispatcher: CollectingDispatcher, told: Told, wrong: Wrong | None, words: Words) -> Told:
    """Asks for what is wrong or missing, or shows it all; returns what is now asked for."""
    if wrong:
        buttons = _BUTTONS[wrong.asked](told, words) if wrong.asked in _BUTTONS else []
        dispatcher.utter_message(response=wrong.response, buttons=buttons, **dict(wrong.values))
        return replace(told, asked=wrong.asked)
    asked = _missing(told, words.traveler.language)
    if asked is None:
        due = told.moment(words.traveler.language)
        dispatcher.utter_message(
            response="utter_special_lane_summary",
            help=words.listed("help", told.help),
            people=str(told.people),
            direction=words.phrase(f"direction_{told.direction}"),
            when=words.when(due) if due else "",
            vehicle=words.phrase(f"vehicle_{told.vehicle}"),
            reach=told.contact or words.phrase("here"),
        )
        return replace(told, asked="summary")
    values = {}
    if asked == "half" and told.time:
        values = {"early": told.time, "late": _afternoon(told.time)}
    if asked == "zone" and told.time:
        values = {"time": told.time}
    buttons = _BUTTONS[asked](told, words) if asked in _BUTTONS else []
    dispatcher.utter_message(response=f"utter_special_lane_ask_{asked}", buttons=buttons, **values)
    return replace(told, asked=asked)


def _afternoon(early: str) -> str:
    return f"{int(early[:2]) + 12}{early[2:]}"


def _choices(kind: str, values: tuple[str, ...]) -> Callable[[Told, Words], list[dict[str, str]]]:
    return lambda told, words: [
        words.button(INTENT, kind, value, words.phrase(f"{kind}_{value}")) for value in values
    ]


def _days(told: Told, words: Words) -> list[dict[str, str]]:
    day = now().date()
    return [
        words.button(INTENT, "date", each.isoformat(), words.phrase(name))
        for name, each in (("today", day), ("tomorrow", day + timedelta(days=1)))
    ]


def _halves(told: Told, words: Words) -> list[dict[str, str]]:
    times = [told.time, _afternoon(told.time)] if told.time else []
    return [words.button(INTENT, "time", each, each) for each in times]


_BUTTONS: dict[str, Callable[[Told, Words], list[dict[str, str]]]] = {
    "help": _choices("help", HELP),
    "direction": _choices("direction", ("leaving_china", "entering_china")),
    "day": _days,
    "half": _halves,
    "zone": _choices("zone", tuple(ZONES)),
    "vehicle": _choices("vehicle", VEHICLES),
}


async def _send(
    dispatcher: CollectingDispatcher, tracker: Tracker, told: Told, words: Words
) -> list[EventType]:
    details = {
        "help": list(told.help),
        "people": told.people,
        "direction": told.direction,
        "date": told.date,
        "time": told.time,
        "zone": told.clock(words.traveler.language),
        "vehicle": told.vehicle,
        "contact": told.contact,
    }
    made = await hub.tell(
        "requests",
        {
            "conversation_id": tracker.sender_id,
            "kind": "special_lane",
            # the same for every try, so that a repeated turn asks once
            "key": message_id(tracker),
            "details": details,
        },
    )
    number = made["number"]
    if made.get("same"):
        title = words.phrase("cancel_number", number=number)
        dispatcher.utter_message(
            response="utter_special_lane_same",
            number=number,
            buttons=[words.button("cancel_request", "request_number", number, title)],
        )
    else:
        dispatcher.utter_message(response="utter_special_lane_sent", number=number)
    return _ended()
