"""Walks a traveler through their first trip abroad, step by step, or makes a group's briefing.

It is a loop of its own, ``action_briefing`` in ``forms`` of the domain: while it is active
Rasa runs it first in every turn, and it rejects a message that is about something else, which is
then answered as always. A step's button names the step, so an old button leads where it says.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import hub
from actions.briefing_words import command, for_group, title
from actions.loops import REMINDERS, gives_up, interrupted, is_active
from actions.policy import sources_card
from actions.request_words import Words
from actions.traveler import Traveler, message_id, today, traveler_of
from bot.briefing import Step, load
from bot.clocks import PORT_TIME
from bot.entities import find, number_in

NAME = "action_briefing"
INTENT = "first_departure_briefing"

MOST_PEOPLE = 200
AHEAD = timedelta(days=30)
"""What the hub takes of a group: people, and how far ahead its day may be."""

MANY = 10
"""People from whom on it is a group, whatever it is called."""

SURE = 0.7
"""Confidence from which a longer message is about its own topic, though it holds a number."""

SHORT = 40
"""Characters up to which a message with a number or a day is the answer to a question for it."""

Asked = Literal["walk", "people", "day"]
Buttons = list[dict[str, str]]


@dataclass(frozen=True)
class Walk:
    """Where the walk stands; the slot ``briefing_walk`` holds it.

    ``step`` is the key of the step shown last. ``people`` and ``day`` (ISO) are of a group,
    ``reminded`` counts other topics since the last answer.
    """

    step: str | None = None
    asked: Asked = "walk"
    people: int | None = None
    day: str | None = None
    reminded: int = 0

    @classmethod
    def of(cls, tracker: Tracker) -> Walk:
        stored = tracker.get_slot("briefing_walk") or {}
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in stored.items() if name in known}
        walk = cls(**kept)
        return walk if walk.step in {None, *_keys()} else replace(walk, step=None)

    def going_on(self) -> list[EventType]:
        return [ActiveLoop(NAME), SlotSet("briefing_walk", asdict(self))]

    def ended(self) -> list[EventType]:
        """The step stays for the button that goes on."""
        kept = replace(self, asked="walk", people=None, day=None, reminded=0)
        return [ActiveLoop(None), SlotSet("briefing_walk", asdict(kept))]


@dataclass(frozen=True)
class Heard:
    """What a message says: a step to show or a command, and numbers and days of a group."""

    wish: str | None = None
    count: int | None = None
    day: str | None = None
    bad_day: bool = False
    group: bool = False


class Briefing(Action):
    """Shows steps, goes back and on, ends with the checklist or with a group's links."""

    def name(self) -> str:
        return NAME

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        walk, traveler = Walk.of(tracker), traveler_of(tracker)
        active = is_active(tracker, NAME)
        if active and interrupted(tracker, NAME):
            return _after_another_topic(dispatcher, walk, traveler)
        heard = _heard(tracker, traveler, walk if active else None)
        if heard is None:
            raise ActionExecutionRejection(NAME)
        walk = replace(walk, reminded=0)
        if heard.group:
            return await _group(dispatcher, tracker, walk, heard, traveler)
        wish = heard.wish or "begin"
        if wish in ("stop", "next", "back", "again") and walk.step is None:
            # asked for a number of people before any step, or a button of a walk long forgotten
            if not active:
                dispatcher.utter_message(response="utter_briefing_nothing")
                return walk.ended()
            wish = "nothing" if wish == "stop" else "begin"
        match wish:
            case "nothing":
                dispatcher.utter_message(response="utter_briefing_nothing")
                return walk.ended()
            case "stop":
                return _stop(dispatcher, walk, traveler)
            case "checklist":
                return await _checklist(dispatcher, walk, traveler)
            case "begin":
                dispatcher.utter_message(response="utter_briefing_begin", of=str(len(_keys())))
                return _show(dispatcher, _keys()[0], traveler)
            case "next" | "back" | "again":
                at = _keys().index(walk.step or "") + {"next": 1, "back": -1, "again": 0}[wish]
                if at == len(_keys()):
                    return await _checklist(dispatcher, walk, traveler)
                return _show(dispatcher, _keys()[max(at, 0)], traveler)
            case _:
                return _show(dispatcher, wish, traveler)


def _keys() -> list[str]:
    return [step.key for step in load()]


def _step(key: str) -> tuple[int, Step]:
    """A step and its place, counted from 1."""
    return next((at, step) for at, step in enumerate(load(), start=1) if step.key == key)


# ---- what a message says, and whether it is for this dialogue


def _heard(tracker: Tracker, traveler: Traveler, walk: Walk | None) -> Heard | None:
    """``None`` where the message is about something else; ``walk`` only while it goes on."""
    text = (tracker.latest_message.get("text") or "").strip()
    intent = tracker.latest_message.get("intent") or {}
    asked = walk.asked if walk else None
    if text.startswith("/"):
        return _pressed(tracker) if intent.get("name") == INTENT else None
    moment = datetime.now(PORT_TIME)
    found = find(text, traveler.language, traveler.script, today(), moment)
    values = {each.kind: each.value for each in found}
    count = values.get("count")
    if asked == "people" and count is None:
        count = number_in(text, traveler.language, traveler.script)
    heard = Heard(
        wish=command(text, traveler),
        count=int(count) if count is not None else None,
        day=str(values["date"]) if "date" in values else None,
        bad_day="bad_date" in values and "date" not in values,
    )
    led = for_group(text, traveler)
    if intent.get("name") == INTENT and not (walk and heard.wish):
        group = led or (heard.count or 0) >= MANY or asked in ("people", "day")
        return replace(heard, group=group, wish=None)
    if walk is None:
        return None
    if asked in ("people", "day"):
        return _answer(heard, tracker, asked)
    if heard.wish:
        return heard
    if gives_up(tracker):
        return replace(heard, wish="stop")
    is_question = text.endswith(("?", "？", "؟"))
    if led and (heard.count or 0) > 1 and not is_question:
        return replace(heard, group=True)
    if intent.get("name") in ("affirm", "deny") and not is_question:
        return replace(heard, wish="next" if intent["name"] == "affirm" else "stop")
    return None


def _pressed(tracker: Tracker) -> Heard:
    given = tracker.latest_message.get("entities") or []
    pressed = {each["entity"]: each["value"] for each in given}
    if "date" in pressed:
        return Heard(day=str(pressed["date"]), group=True)
    wish = pressed.get("briefing")
    if wish == "for_group":
        return Heard(group=True)
    known = wish in _keys() or wish in ("begin", "stop", "checklist")
    return Heard(wish=str(wish) if known else "begin")


def _answer(heard: Heard, tracker: Tracker, asked: Asked) -> Heard | None:
    """What a message says to the question for people or a day of a group."""
    intent = tracker.latest_message.get("intent") or {}
    text = (tracker.latest_message.get("text") or "").strip()
    if heard.wish == "stop" or gives_up(tracker):
        return Heard(wish="stop")
    fits = heard.count is not None if asked == "people" else bool(heard.day or heard.bad_day)
    if not fits or text.endswith(("?", "？", "؟")):
        return None
    if len(text) > SHORT and (intent.get("confidence") or 0) >= SURE:
        return None
    return replace(heard, wish=None, group=True)


# ---- the walk


def _show(dispatcher: CollectingDispatcher, key: str, traveler: Traveler) -> list[EventType]:
    at, step = _step(key)
    language = traveler.language
    items = "\n".join(f"☐ {item.text[language]}" for item in step.items)
    parts = [step.text[language], items, step.caution(language, today())]
    following = _keys()[at] if at < len(_keys()) else "checklist"
    buttons = [_button(following, "next" if at < len(_keys()) else "checklist", traveler)]
    if at == 1:
        buttons.append(_button("for_group", "for_group", traveler))
    else:
        buttons.append(_button(_keys()[at - 2], "back", traveler))
    buttons.append(_button("stop", "stop", traveler))
    dispatcher.utter_message(
        response="utter_briefing_step",
        at=str(at),
        of=str(len(_keys())),
        title=step.title[language],
        body="\n\n".join(part for part in parts if part),
        buttons=buttons,
        json_message={"card": sources_card(step.sources, step.checked, traveler)},
    )
    return Walk(step=key).going_on()


def _stop(dispatcher: CollectingDispatcher, walk: Walk, traveler: Traveler) -> list[EventType]:
    at, step = _step(walk.step or _keys()[0])
    dispatcher.utter_message(
        response="utter_briefing_stopped",
        at=str(at),
        title=step.title[traveler.language],
        buttons=_ways_on(at, traveler),
    )
    return walk.ended()


def _ways_on(at: int, traveler: Traveler) -> Buttons:
    """On to the step after the one shown last, or straight to the checklist."""
    checklist = _button("checklist", "checklist", traveler)
    if at == len(_keys()):
        return [checklist]
    return [_button(_keys()[at], "go_on", traveler), checklist]


async def _checklist(
    dispatcher: CollectingDispatcher, walk: Walk, traveler: Traveler
) -> list[EventType]:
    """Ends the walk with links that the hub makes: only it knows its own address."""
    made = await hub.tell("checklist", {"language": traveler.language, "script": traveler.script})
    links = [
        _link("open_checklist", made["link"], traveler),
        _link("open_pdf", made["pdf"], traveler),
    ]
    dispatcher.utter_message(
        response="utter_briefing_checklist",
        page=links[0]["line"],
        pdf=links[1]["line"],
        buttons=[_button("for_group", "for_group", traveler)],
        json_message={"card": {"type": "briefing", "links": links}},
    )
    return replace(walk, step=None).ended()


def _after_another_topic(
    dispatcher: CollectingDispatcher, walk: Walk, traveler: Traveler
) -> list[EventType]:
    """Offers to go on, but not for ever."""
    if walk.reminded >= REMINDERS:
        return walk.ended()
    if walk.asked != "walk":
        _ask(dispatcher, walk.asked, traveler)
    else:
        at, step = _step(walk.step or _keys()[0])
        ways = _ways_on(at, traveler)
        again = _button(step.key, "again", traveler)
        dispatcher.utter_message(
            response="utter_briefing_go_on",
            at=str(at),
            title=step.title[traveler.language],
            buttons=[ways[0], again, _button("stop", "stop", traveler)],
        )
    return replace(walk, reminded=walk.reminded + 1).going_on()


# ---- a group's briefing


async def _group(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    walk: Walk,
    heard: Heard,
    traveler: Traveler,
) -> list[EventType]:
    """Asks for what is missing of a group, and has the hub make its briefing."""
    walk = replace(walk, people=heard.count or walk.people, day=heard.day or walk.day)
    if heard.count is not None and not 0 < heard.count <= MOST_PEOPLE:
        _ask(dispatcher, "people", traveler, "bad")
        return replace(walk, people=None, asked="people").going_on()
    if heard.bad_day or (walk.day and not _possible(walk.day)):
        _ask(dispatcher, "day", traveler, "bad")
        return replace(walk, day=None, asked="day").going_on()
    if walk.people is None or walk.day is None:
        asked: Asked = "people" if walk.people is None else "day"
        _ask(dispatcher, asked, traveler)
        return replace(walk, asked=asked).going_on()
    made = await hub.tell(
        "briefings",
        {
            "conversation_id": tracker.sender_id,
            # the same for every try, so that a repeated turn makes one
            "key": message_id(tracker),
            "people": walk.people,
            "day": walk.day,
        },
    )
    links = [
        _link("group_link", made["link"], traveler),
        _link("leader_link", made["leader_link"], traveler),
    ]
    qr = {"src": f"{urlsplit(made['link']).path}/qr.svg", "title": title("qr", traveler)}
    dispatcher.utter_message(
        response="utter_briefing_group",
        people=str(walk.people),
        day=Words(traveler).day(date.fromisoformat(walk.day)),
        link=links[0]["line"],
        leader=links[1]["line"],
        buttons=[_button("begin", "for_me", traveler)],
        json_message={"card": {"type": "briefing", "links": links, "qr": qr}},
    )
    return walk.ended()


def _possible(day: str) -> bool:
    return today() <= date.fromisoformat(day) <= today() + AHEAD


def _ask(
    dispatcher: CollectingDispatcher, asked: Asked, traveler: Traveler, how: str = "ask"
) -> None:
    values = {"most": str(MOST_PEOPLE), "ahead": str(AHEAD.days)}
    buttons = [_button("begin", "for_me", traveler)]
    if asked == "day":
        days = (("today", today()), ("tomorrow", today() + timedelta(days=1)))
        words = Words(traveler)
        buttons = [
            words.button(INTENT, "date", each.isoformat(), words.phrase(name))
            for name, each in days
        ]
    dispatcher.utter_message(response=f"utter_briefing_{how}_{asked}", buttons=buttons, **values)


def _button(value: str, name: str, traveler: Traveler) -> dict[str, str]:
    return {"title": title(name, traveler), "payload": f'/{INTENT}{{"briefing": "{value}"}}'}


def _link(name: str, address: str, traveler: Traveler) -> dict[str, str]:
    """A link of the card; ``line`` is how the message's text says it."""
    shown = title(name, traveler)
    return {"href": address, "title": shown, "line": f"{shown}: {address}"}
