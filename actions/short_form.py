"""Short forms: a few questions one at a time, a summary to confirm, and the number of the request.

A form is an action that is also named in ``forms`` of the domain: while it is active Rasa runs it
first in every turn, and it rejects a message that is about something else. What was told stands
in a slot of the form's own. A question for free text takes whatever is no question and no cancel.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from actions import hub, moments
from actions.loops import REMINDERS, gives_up, interrupted, is_active
from actions.moments import Values, Wrong
from actions.request_numbers import number_asked_for
from actions.request_words import Words
from actions.service_reading import (
    is_question,
    names,
    reading_of,
    sounds_like_a_question,
)
from actions.traveler import Traveler, message_id, traveler_of
from bot.clocks import PORT_TIME
from bot.entities import find
from bot.entities.reading import Reading
from bot.scripts.convert import readable

NEAR = {"nlu_fallback", "affirm", "deny", "out_of_scope", "thank", "greet", "goodbye"}
"""Intents under which a message that names something asked for is meant for a form."""

SURE = 0.7
"""Confidence from which a message is about its own topic, whatever else it says."""

SHORT = {"zh": 10, "kk": 32, "ru": 32, "en": 32}
"""Characters up to which a message is an answer, or gives up, and tells nothing else."""

OFFICERS = {
    "talk_to_officer",
    "need_interpreter",
    "report_medical_emergency",
    "report_danger",
    "cancel_request",
    "request_status",
    "change_language",
    "help",
    "bot_challenge",
}
"""Intents that are never part of what somebody tells."""

SKIPPED = ""
"""Stands for what the traveler does not know."""

LONGEST = 500
"""Characters of a field in the traveler's own words, unless the field says otherwise."""


def now() -> datetime:
    """The moment by the port's clock."""
    return datetime.now(PORT_TIME)


@dataclass(frozen=True)
class Field:
    """One thing to ask for, by ``utter_<form>_ask_<name>``.

    ``free`` takes any message as it was written. ``choices`` are buttons with the phrases
    ``<name>_<choice>``; they give the ``entity``, which is called like the field unless said
    otherwise. ``longest`` cuts what is written.
    """

    name: str
    free: bool = False
    entity: str | None = None
    choices: tuple[str, ...] = ()
    longest: int = LONGEST


@dataclass(frozen=True)
class Told:
    """What the traveler has told so far, as the form's slot holds it.

    ``asked`` is the field asked for last, ``change`` or ``summary``. ``begun`` is the id of the
    message that began it; ``reminded`` counts other topics since the last answer.
    """

    values: Values = field(default_factory=dict)
    asked: str | None = None
    begun: str | None = None
    reminded: int = 0

    @classmethod
    def of(cls, tracker: Tracker, slot: str) -> Told:
        return cls(**(tracker.get_slot(slot) or {}))


@dataclass(frozen=True)
class Heard:
    """One message, and what stands in it. ``found`` are the kinds of ``bot.entities``, the last
    value of each."""

    text: str
    intent: str | None
    confidence: float
    reading: Reading
    found: Values
    pressed: Values
    is_button: bool

    @classmethod
    def of(cls, tracker: Tracker, traveler: Traveler) -> Heard:
        text = tracker.latest_message.get("text") or ""
        intent = tracker.latest_message.get("intent") or {}
        is_button = text.startswith("/")
        entities = tracker.latest_message.get("entities") or []
        moment = now()
        found: Values = {}
        if not is_button:
            for each in find(text, traveler.language, traveler.script, moment.date(), moment):
                # the last one is the corrected one
                found[each.kind] = each.value
        return cls(
            text=text.strip(),
            intent=intent.get("name"),
            confidence=intent.get("confidence") or 0,
            reading=reading_of("" if is_button else text, traveler),
            found=found,
            pressed={each["entity"]: each["value"] for each in entities} if is_button else {},
            is_button=is_button,
        )


class ShortForm(Action, ABC):
    """What the forms share; each says what it asks for and what a message tells it."""

    form: ClassVar[str]
    """Begins the names of slot and responses; the loop is ``<form>_form``."""

    intent: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]
    main: ClassVar[str] = ""
    """The free field that a message goes to which names nothing else."""

    def name(self) -> str:
        return f"{self.form}_form"

    # ---- what each form says for itself

    @abstractmethod
    def heard(self, heard: Heard, told: Told, traveler: Traveler) -> Values:
        """Values that a message names; kinds of ``moments`` under their own names."""

    @abstractmethod
    def opening(self, heard: Heard, traveler: Traveler) -> Values:
        """Of a message that begins the form also what stands in it without being asked for."""

    def merged(self, told: Told, heard: Values, words: Words) -> tuple[Told, Wrong | None]:
        """What was told, with a message added; and what of it can't be."""
        return replace(told, values={**told.values, **heard}), None

    def missing(self, values: Values, language: str) -> str | None:
        """What to ask for next."""
        return next((each.name for each in self.fields if values.get(each.name) is None), None)

    @abstractmethod
    def summary(self, values: Values, words: Words) -> dict[str, str]:
        """What ``utter_<form>_summary`` is filled with."""

    @abstractmethod
    def details(self, values: Values, traveler: Traveler) -> Values:
        """The request's details as the hub takes them."""

    def instead(self, heard: Heard, dispatcher: CollectingDispatcher) -> bool:
        """Answers a message that begins the form but wants something else; false for none."""
        return False

    def confirms(self, values: Values) -> bool:
        """Whether the summary is to be confirmed before it is sent."""
        return True

    async def before_answering(self, tracker: Tracker, told: Told) -> None:
        """What has to be done once a message is taken, before it is answered."""

    def tell(
        self, dispatcher: CollectingDispatcher, made: dict[str, Any], values: Values, words: Words
    ) -> None:
        """Tells the number of the request that was made, or of the one that says the same."""
        if not made.get("same"):
            dispatcher.utter_message(response=f"utter_{self.form}_sent", number=made["number"])
            return
        title = words.phrase("cancel_number", number=made["number"])
        button = words.button("cancel_request", "request_number", made["number"], title)
        dispatcher.utter_message(
            response=f"utter_{self.form}_same", number=made["number"], buttons=[button]
        )

    # ---- a turn

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        told, traveler = Told.of(tracker, self.form), traveler_of(tracker)
        words, active = Words(traveler), is_active(tracker, self.name())
        if active:
            await self.before_answering(tracker, told)
        if active and interrupted(tracker, self.name()):
            return self._after_another_topic(dispatcher, told, words)
        heard = Heard.of(tracker, traveler)
        values, answer = self._values(heard, told, tracker, traveler, active)
        if not active:
            if answer:
                dispatcher.utter_message(response="utter_short_form_nothing")
                return back(tracker)
            if not heard.is_button and self.instead(heard, dispatcher):
                return back(tracker)
            if values:
                # another request, not what was left of one
                told = Told()
            if told.begun is None:
                told = replace(told, begun=message_id(tracker))
        elif not values and not answer and heard.intent != self.intent:
            raise ActionExecutionRejection(self.name())
        if answer == "cancel":
            dispatcher.utter_message(response="utter_short_form_stopped")
            return self._ended()
        if answer in self.changeable():
            told = replace(told, asked=None, values=self.without(told.values, str(answer)))
            return self._going_on(self._say(dispatcher, told, None, words))
        if answer == "change":
            told = replace(told, asked="change")
            return self._going_on(self._say(dispatcher, told, None, words))
        told, wrong = self.merged(replace(told, reminded=0), values, words)
        if values:
            told = replace(told, asked=None)
            await self.before_answering(tracker, told)
        ready = wrong is None and self.missing(told.values, traveler.language) is None
        if ready and (answer == "send" or not self.confirms(told.values)):
            return await self._send(dispatcher, tracker, told, words, active)
        return self._going_on(self._say(dispatcher, told, wrong, words))

    def without(self, values: Values, name: str) -> Values:
        """What was told, without what the traveler wants to tell anew."""
        gone = ("date", "time", "half", "zone") if name == "time" else (name,)
        return {key: value for key, value in values.items() if key not in gone}

    def _values(
        self, heard: Heard, told: Told, tracker: Tracker, traveler: Traveler, active: bool
    ) -> tuple[Values, str | None]:
        """Values that a message gives, or an answer: send, change, cancel or a field to change.

        Neither where the message is about another topic.
        """
        if heard.is_button:
            if heard.intent != self.intent:
                return {}, None
            pressed = dict(heard.pressed)
            if asked := pressed.pop("change_field", None):
                return {}, asked if active else "change"
            if answer := pressed.pop("answer", None):
                return {}, answer
            by_entity = {each.entity or each.name: each.name for each in self.fields}
            values = {by_entity.get(name, name): value for name, value in pressed.items()}
            # what a button says is said in full
            return ({**values, "exact": True} if "time" in values else values), None
        if not active:
            return {**self.opening(heard, traveler), **self.heard(heard, told, traveler)}, None
        asked = self._asked(told)
        free = asked is not None and asked.free
        if number_asked_for(tracker) and heard.intent in ("request_status", "cancel_request"):
            return {}, None
        if told.asked == "summary" and (answer := self._confirmed(heard, traveler)):
            return {}, answer
        values = self.heard(heard, told, traveler)
        # free text that only sounds like giving up is what was asked for
        means_it = not free or (
            len(heard.text) <= 2 * SHORT[traveler.language] and names("gives_up", heard.reading)
        )
        if means_it and not values and gives_up(tracker):
            return {}, "cancel"
        if asked and asked.free:
            if self._wants_an_answer(heard, traveler) or self._only_agrees(heard, traveler):
                return {}, None
            if not values or asked.name in values or len(heard.reading.plain.split()) > 2:
                values[asked.name] = heard.text[: asked.longest]
            return values, None
        if (
            self.main
            and told.values.get(self.main) is None
            and (heard.intent in {self.intent, *NEAR})
        ):
            values = {**self.opening(heard, traveler), **values}
        if self.main and not values and told.asked in ("change", "summary"):
            return self._more(heard, told, traveler)
        if values and self._is_ours(heard, values, told, traveler):
            return values, None
        if self.main and not values and self._tells_more(heard, traveler):
            return self._joined(heard, told), None
        return {}, None

    def _tells_more(self, heard: Heard, traveler: Traveler) -> bool:
        """Whether a message that names no field says more of the main one, or says it at last."""
        if heard.intent in OFFICERS or self._only_agrees(heard, traveler):
            return False
        if is_question(heard.text, traveler) or sounds_like_a_question(heard.reading):
            return False
        if heard.intent in ("nlu_fallback", "out_of_scope", self.intent):
            return True
        return heard.confidence < SURE and len(heard.text) > SHORT[traveler.language] // 2

    def _only_agrees(self, heard: Heard, traveler: Traveler) -> bool:
        normal = readable(heard.text, traveler.language, traveler.script).strip(" .!。！")
        return heard.intent in ("affirm", "deny") or normal in Words(traveler).said("send")

    def _joined(self, heard: Heard, told: Told) -> Values:
        """What stands in the main field, with a message added."""
        main = next(each for each in self.fields if each.name == self.main)
        before = told.values.get(self.main)
        joined = f"{before}\n{heard.text}" if before else heard.text
        return {self.main: joined[: main.longest]}

    def _confirmed(self, heard: Heard, traveler: Traveler) -> str | None:
        normal = readable(heard.text, traveler.language, traveler.script).strip(" .!。！")
        said = Words(traveler).said("send")
        if normal in said or (heard.intent == "affirm" and not self.heard(heard, Told(), traveler)):
            return "send"
        if heard.intent == "deny" and not self.heard(heard, Told(), traveler):
            return "change"
        return None

    def _more(self, heard: Heard, told: Told, traveler: Traveler) -> tuple[Values, str | None]:
        """A message after the summary that names no field: it says the main one anew, or more."""
        if self._wants_an_answer(heard, traveler):
            return {}, None
        if told.asked == "change":
            main = next(each for each in self.fields if each.name == self.main)
            return {self.main: heard.text[: main.longest]}, None
        return (self._joined(heard, told) if self._tells_more(heard, traveler) else {}), None

    def _wants_an_answer(self, heard: Heard, traveler: Traveler) -> bool:
        if heard.intent == self.intent:
            return False
        if is_question(heard.text, traveler):
            return True
        known = heard.intent not in NEAR and heard.confidence >= SURE
        return known and sounds_like_a_question(heard.reading)

    def _is_ours(self, heard: Heard, values: Values, told: Told, traveler: Traveler) -> bool:
        if heard.intent == self.intent:
            return True
        fits = told.asked in values or told.asked in ("summary", "change")
        fits = fits or (
            bool({"date", "bad_date", "time", "zone"} & values.keys())
            and (told.asked in moments.ASKED)
        )
        question = is_question(heard.text, traveler)
        if heard.intent in NEAR:
            # "may my dog come on the bus?" names a vehicle and wants an answer
            return fits or not question
        if question or (heard.intent == "request_special_lane" and "help" in heard.found):
            return False
        # "the day after tomorrow at nine by Beijing's clock" is no request of another kind
        several = len(values.keys() - {"exact"}) > 1
        return len(heard.text) <= SHORT[traveler.language] or (
            fits and (several or heard.confidence < SURE)
        )

    def _asked(self, told: Told) -> Field | None:
        return next((each for each in self.fields if each.name == told.asked), None)

    def _names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.fields)

    # ---- what is said

    def _say(
        self, dispatcher: CollectingDispatcher, told: Told, wrong: Wrong | None, words: Words
    ) -> Told:
        """Asks for what is wrong or missing, or shows it all; returns what is now asked for."""
        if wrong:
            response, asked, filled = wrong
            dispatcher.utter_message(
                response=response, buttons=self.buttons(asked, told.values, words), **filled
            )
            return replace(told, asked=asked)
        if told.asked == "change":
            dispatcher.utter_message(
                response="utter_short_form_ask_change", buttons=self._to_change(words)
            )
            return told
        missing = self.missing(told.values, words.traveler.language)
        if missing is None:
            response = f"utter_{self.form}_summary"
            dispatcher.utter_message(response=response, **self.summary(told.values, words))
            return replace(told, asked="summary")
        shared = missing in moments.ASKED and missing not in self._names()
        dispatcher.utter_message(
            response=f"utter_{'special_lane' if shared else self.form}_ask_{missing}",
            buttons=self.buttons(missing, told.values, words),
            **moments.filled(missing, told.values),
        )
        return replace(told, asked=missing)

    def buttons(self, asked: str, values: Values, words: Words) -> list[dict[str, str]]:
        """What can be tapped in answer to a question."""
        if asked in moments.ASKED:
            return moments.buttons(asked, values, words, self.intent, now().date())
        known = next((each for each in self.fields if each.name == asked), None)
        return [
            words.button(self.intent, asked, choice, words.phrase(f"{asked}_{choice}"))
            for choice in (known.choices if known else ())
        ]

    def changeable(self) -> tuple[str, ...]:
        """The fields that the traveler can tell anew."""
        return self._names()

    def _to_change(self, words: Words) -> list[dict[str, str]]:
        return [
            words.button(self.intent, "change_field", name, words.phrase(f"field_{name}"))
            for name in self.changeable()
        ]

    def _after_another_topic(
        self, dispatcher: CollectingDispatcher, told: Told, words: Words
    ) -> list[EventType]:
        """Asks again, but not for ever; what was told stays for when they come back to it."""
        if told.reminded >= REMINDERS:
            return [ActiveLoop(None), *self._slots(replace(told, reminded=0))]
        told = self._say(dispatcher, told, None, words)
        return self._slots(replace(told, reminded=told.reminded + 1))

    def _going_on(self, told: Told) -> list[EventType]:
        return [ActiveLoop(self.name()), *self._slots(told)]

    def _slots(self, told: Told) -> list[EventType]:
        return [SlotSet(self.form, asdict(told))]

    def _ended(self) -> list[EventType]:
        return [ActiveLoop(None), SlotSet(self.form, None)]

    async def _send(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        told: Told,
        words: Words,
        active: bool,
    ) -> list[EventType]:
        made = await hub.tell(
            "requests",
            {
                "conversation_id": tracker.sender_id,
                "kind": self.form,
                # the same for every try, so that a repeated turn asks once
                "key": message_id(tracker),
                "details": self.details(told.values, words.traveler),
            },
        )
        self.tell(dispatcher, made, told.values, words)
        if active:
            return self._ended()
        return [SlotSet(self.form, None), *back(tracker)]


def back(tracker: Tracker) -> list[EventType]:
    """To the dialogue that goes on, after an answer that began none of its own."""
    going_on = (tracker.active_loop or {}).get("name")
    return [FollowupAction(going_on)] if going_on else []
