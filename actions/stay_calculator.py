"""Counts days of visa-free stay in a dialogue: takes dates in, asks for what is missing, answers.

It is a loop of its own, ``action_stay_calculator`` in ``forms`` of the domain:
while it is active Rasa runs it first in every turn, and it rejects a message
that is about something else, which is then answered as always.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.loops import interrupted, is_active
from actions.stay_cards import dates_card, timeline_card
from actions.stay_words import Words
from actions.traveler import Traveler, today, traveler_of
from bot.policies import load
from bot.stay_text import Reading, Span, read
from bot.stays import DAY, DAYS_PER_ENTRY, BadStaysError, Plan, Problem, Stay, Verdict, assess

NAME = "action_stay_calculator"
RULE = "visa_free_stay"
"""The policy that says the rule, its source and until when it may be stated flatly."""

OWN = {"stay_calculator", "nlu_fallback", "affirm", "deny", "out_of_scope"}
NEAR = {"visa_free_stay", "visa_free_limits", "overstay"}
"""Intents, and topics of policies, under which days in a message are days of stay."""

SURE = 0.7
"""Confidence from which a message with two days that belong together is about its own topic."""

PATIENCE = 5
"""Other topics in a row after which days in a message are no longer taken for more stays."""

Asked = Literal["stays", "plan", "country", "change"]


@dataclass(frozen=True)
class Told:
    """What the traveler has told so far; the slots ``stays`` and ``stay_plan`` hold it.

    ``days`` is a length told without or with the plan's first day. ``asked`` is
    what was asked for last, ``others`` how many other topics came since.
    ``inside``: the stay without exit is one that lasts, not one half told.
    """

    stays: tuple[Stay, ...] = ()
    country: str | None = None
    entry: date | None = None
    last: date | None = None
    days: int | None = None
    asked: Asked | None = None
    others: int = 0
    inside: bool = False
    wrong: tuple[tuple[str, dict[str, Any]], ...] = field(default=(), compare=False)

    @property
    def plan(self) -> Plan | None:
        entry = self.entry
        if entry is None:
            lasting = [stay.entry for stay in self.stays if stay.exit is None]
            if not (lasting and self.days):
                return None
            entry = lasting[0]
        last = entry + (self.days - 1) * DAY if self.days else self.last
        return Plan(entry, last)

    @classmethod
    def of(cls, tracker: Tracker) -> Told:
        """Raises: ValueError, if a slot holds no day where one must stand."""
        more = tracker.get_slot("stay_plan") or {}
        stays = tuple(
            Stay(date.fromisoformat(stay["entry"]), _day(stay["exit"]))
            for stay in tracker.get_slot("stays") or []
        )
        return cls(
            stays=stays,
            country=more.get("country"),
            entry=_day(more.get("entry")),
            last=_day(more.get("last")),
            days=more.get("days"),
            asked=more.get("asked"),
            others=more.get("others", 0),
            inside=more.get("inside", False),
        )

    def slots(self) -> list[EventType]:
        stays = [{"entry": _iso(stay.entry), "exit": _iso(stay.exit)} for stay in self.stays]
        more = {
            "country": self.country,
            "entry": _iso(self.entry),
            "last": _iso(self.last),
            "days": self.days,
            "asked": self.asked,
            "others": self.others,
            "inside": self.inside,
        }
        return [SlotSet("stays", stays), SlotSet("stay_plan", more)]


class StayCalculator(Action):
    """Answers how many days are used and left, and until when a plan is permitted."""

    def name(self) -> str:
        return NAME

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        told, day = Told.of(tracker), today()
        traveler = traveler_of(tracker)
        active = is_active(tracker, NAME)
        if active and interrupted(tracker, NAME):
            return _after_another_topic(dispatcher, tracker, told, traveler, day)
        expected: Any = told.asked if told.asked in ("stays", "plan") else None
        text = tracker.latest_message.get("text") or ""
        reading = Reading()
        if not text.startswith("/"):
            reading = read(text, traveler.language, traveler.script, day, expected)
        chosen = next(tracker.get_latest_entity_values("stay_country"), None)
        if active and not chosen and not _is_ours(reading, tracker, told):
            raise ActionExecutionRejection(NAME)
        if reading.again or (not active and reading.stays):
            told = Told(country=told.country)
        if chosen in ("CN", "KZ"):
            told = replace(told, country=chosen)
        told = _say(dispatcher, merged(told, reading, day), traveler, day)
        return [ActiveLoop(NAME), *told.slots()]


# ---- whether a message is for this dialogue


def _is_ours(reading: Reading, tracker: Tracker, told: Told) -> bool:
    intent = tracker.latest_message.get("intent") or {}
    topic = next(tracker.get_latest_entity_values("topic"), None)
    if intent.get("name") == "stay_calculator" or reading.again:
        return True
    if reading.has_days:
        if intent.get("name") in OWN or topic in NEAR or reading.bare:
            return True
        return bool(reading.stays) and (intent.get("confidence") or 0) < SURE
    if reading.lasting:
        return any(stay.exit is None for stay in told.stays)
    # 中国 alone says nothing of a place but where one was
    return bool(reading.country) and told.asked == "country"


def _after_another_topic(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    told: Told,
    traveler: Traveler,
    day: date,
) -> list[EventType]:
    """Asks once more, and once only; who goes on with other things is left alone.

    Days that they think of later are still understood for a while.
    """
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    if told.others >= PATIENCE or intent in ("cancel", "goodbye"):
        return [ActiveLoop(None), *replace(told, asked=None, others=0).slots()]
    if told.asked not in (None, "plan") and not told.others:
        dispatcher.utter_message(
            response="utter_stay_go_on", json_message={"card": dates_card(Words(traveler), day)}
        )
    return replace(told, others=told.others + 1).slots()


# ---- what a message changes


def merged(told: Told, reading: Reading, day: date) -> Told:
    """What was told, with a message added; ``wrong`` are responses that ask about it."""
    changing = reading.corrects or told.asked == "change"
    told = replace(
        told,
        country=reading.country or told.country,
        inside=told.inside or reading.lasting,
        others=0,
    )
    for parts in reading.impossible:
        told = _asking(told, "utter_stay_no_such_day", written=parts)
    for span in reading.stays:
        told = _with_stay(told, span, changing, day)
    if reading.since:
        told = _with_since(told, reading.since)
    if reading.until:
        told = _with_until(told, reading.until, day)
    if reading.plan:
        told = replace(told, entry=reading.plan.first, last=reading.plan.last, days=None)
    if reading.days:
        told = replace(told, days=reading.days, last=None)
    return told


def _with_stay(told: Told, span: Span, changing: bool, day: date) -> Told:
    if span.last is not None and span.last < span.first:
        return _asking(told, "utter_stay_reversed", stays=[Stay(span.first, span.last)])
    stay = Stay(span.first, span.last)
    if stay.exit is not None and stay.exit > day:
        # one that lasts, with the day on which it is to end
        others = tuple(each for each in told.stays if each != Stay(stay.entry))
        return replace(told, stays=others, entry=stay.entry, last=stay.exit, days=None)
    kept = told.stays
    if changing:
        kept = tuple(each for each in kept if not _overlap(each, stay))
    kept = tuple(each for each in kept if each.exit is not None or each.entry != stay.entry)
    return replace(told, stays=tuple(sorted({*kept, stay}, key=_order)))


def _with_since(told: Told, entry: date) -> Told:
    if any(stay.entry <= entry <= (stay.exit or stay.entry) for stay in told.stays):
        return told
    return replace(told, stays=tuple(sorted({*told.stays, Stay(entry)}, key=_order)))


def _with_until(told: Told, last: date, day: date) -> Told:
    """A single last day ends the stay that lasts, or else corrects the one that ended nearest."""
    lasting = [stay for stay in told.stays if stay.exit is None]
    ended = [stay for stay in told.stays if stay.exit is not None]
    if last > day and (told.entry or lasting):
        entry = told.entry or lasting[0].entry
        others = tuple(stay for stay in told.stays if stay.exit is not None)
        return replace(told, stays=others, entry=entry, last=last, days=None)
    if not told.stays:
        return _asking(told, "utter_stay_entry_missing", exit=last)
    target = lasting[0] if lasting else min(ended, key=lambda s: abs((s.exit or s.entry) - last))
    others = tuple(stay for stay in told.stays if stay != target)
    if last < target.entry:
        return _asking(told, "utter_stay_reversed", stays=[Stay(target.entry, last)])
    return replace(told, stays=tuple(sorted((*others, Stay(target.entry, last)), key=_order)))


def _asking(told: Told, response: str, **values: Any) -> Told:
    return replace(told, wrong=(*told.wrong, (response, values)))


def _overlap(one: Stay, other: Stay) -> bool:
    return (one.entry < (other.exit or date.max) and other.entry < (one.exit or date.max)) or (
        one.entry == other.entry
    )


def _order(stay: Stay) -> tuple[date, date]:
    return stay.entry, stay.exit or date.max


# ---- what is said


def _say(dispatcher: CollectingDispatcher, told: Told, traveler: Traveler, day: date) -> Told:
    """Answers, or asks for what is wrong or missing; returns what was told, and now asked."""
    words = Words(traveler)
    if told.wrong:
        response, values = told.wrong[0]
        _ask(dispatcher, response, words, day, **words.of(values))
        return replace(told, asked="change", wrong=())
    if not told.stays and not told.plan:
        _ask(dispatcher, "utter_stay_ask_dates", words, day)
        return replace(told, asked="stays")
    left_open = [
        stay
        for stay in told.stays
        if stay.exit is None and stay.entry + DAYS_PER_ENTRY * DAY <= day and not told.inside
    ]
    if left_open:
        entry = words.day(left_open[0].entry)
        _ask(dispatcher, "utter_stay_exit_missing", words, day, entry=entry)
        return replace(told, asked="change")
    try:
        verdict = assess(told.stays, told.plan, day)
    except BadStaysError as error:
        return _say_problem(dispatcher, told, error.problems[0], words, day)
    if told.country is None:
        buttons = [
            {
                "title": words.phrase(f"country_{code}"),
                "payload": f'/stay_calculator{{"stay_country": "{code}"}}',
            }
            for code in ("CN", "KZ")
        ]
        dispatcher.utter_message(response="utter_stay_ask_country", buttons=buttons)
        return replace(told, asked="country")
    _say_verdict(dispatcher, told, verdict, words, day)
    return replace(told, asked="plan" if told.plan is None else None)


def _ask(
    dispatcher: CollectingDispatcher, response: str, words: Words, day: date, **values: str
) -> None:
    """A question with the card that chooses days."""
    card = {"card": dates_card(words, day)}
    dispatcher.utter_message(response=response, json_message=card, **values)


def _say_problem(
    dispatcher: CollectingDispatcher, told: Told, problem: Problem, words: Words, day: date
) -> Told:
    if problem.trouble == "still_inside":
        entry = words.day(problem.stays[0].entry)
        _ask(dispatcher, "utter_stay_exit_missing", words, day, entry=entry)
        return replace(told, asked="change")
    response = f"utter_stay_{problem.trouble}"
    _ask(dispatcher, response, words, day, stays=words.stays(problem.stays))
    if problem.trouble == "future":
        kept = tuple(stay for stay in told.stays if stay not in problem.stays)
        return replace(told, stays=kept, asked="stays")
    if problem.trouble.startswith("plan_") or told.plan == Plan(
        problem.stays[0].entry, problem.stays[0].exit
    ):
        return replace(told, entry=None, last=None, days=None, asked="plan")
    return replace(told, asked="change")


def _say_verdict(
    dispatcher: CollectingDispatcher, told: Told, verdict: Verdict, words: Words, day: date
) -> None:
    plan = verdict.plan
    entry = words.day(plan.entry)
    last_day = words.day(verdict.last_day) if verdict.last_day else words.phrase("no_last_day")
    first = verdict.first_entry
    values = {
        "entry": entry,
        "plan": words.stays([Stay(plan.entry, plan.last)]),
        "days": words.days(plan.days or 1),
        "longest": words.days(verdict.longest),
        "last_day": last_day,
        "first_entry": words.day(first) if first else words.phrase("never"),
    }
    card = timeline_card(told.stays, verdict, words)
    dispatcher.utter_message(
        response=_verdict_response(verdict, day), json_message={"card": card}, **values
    )
    policy = load()[RULE]
    source = policy.sources[0]
    language = words.traveler.language
    dispatcher.utter_message(
        response="utter_stay_count",
        country=words.phrase(f"country_{told.country}"),
        stays=words.stays(told.stays) or words.phrase("none"),
        entry=entry,
        used=words.days(verdict.used),
        left=words.days(verdict.left),
        last_day=last_day,
        limit=words.phrase(f"limit_{verdict.limit}"),
        source=words.phrase(
            "source", who=source.name[language], day=words.day(date.fromisoformat(source.date))
        ),
    )
    if verdict.too_long:
        dispatcher.utter_message(
            response="utter_stay_visa_note", stays=words.stays(verdict.too_long)
        )
    if policy.state(day) != "flat":
        dispatcher.utter_message(
            response="utter_stay_rule_old", verified=words.day(policy.verified)
        )


def _verdict_response(verdict: Verdict, day: date) -> str:
    if verdict.last_day is None:
        return "utter_stay_refused"
    if verdict.last_day < day:
        return "utter_stay_inside_over"
    if verdict.plan.last is None:
        return "utter_stay_until"
    return "utter_stay_permitted" if verdict.permitted else "utter_stay_too_long"


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
