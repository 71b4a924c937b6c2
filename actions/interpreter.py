"""Gets an interpreter: at once, with a sentence to show and an officer asked for, or for later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions import handoff, moments, short_form
from actions.moments import Values, Wrong
from actions.request_words import Words
from actions.service_reading import number_of, values_in
from actions.short_form import Heard, ShortForm, Told
from actions.traveler import Traveler
from bot.entities.clock import NOW


class Interpreter(ShortForm):
    """Ends with a request of kind ``interpreter``; one for now is sent without a question."""

    form = "interpreter"
    intent = "need_interpreter"
    fields = ()

    def opening(self, heard: Heard, traveler: Traveler) -> Values:
        named = values_in("language", heard.reading)
        # the traveler's own, and those that the other side speaks
        values: Values = {"languages": list(dict.fromkeys((traveler.language, *named)))}
        if not _is_for_later(heard):
            values["now"] = True
        return values

    def heard(self, heard: Heard, told: Told, traveler: Traveler) -> Values:
        values = {kind: heard.found[kind] for kind in moments.KINDS if kind in heard.found}
        values = moments.answered(values, told.asked, heard.text, traveler)
        if "contact" in heard.found:
            values["contact"] = heard.found["contact"]
        if window := number_of("window", heard.reading):
            values["window"] = window
        return values

    def merged(self, told: Told, heard: Values, words: Words) -> tuple[Told, Wrong | None]:
        now = short_form.now()
        values = {**told.values}
        for name in ("languages", "contact", "now"):
            if name in heard:
                values[name] = heard[name]
        if "window" in heard:
            values["place"] = words.phrase("window", number=str(heard["window"]))
        if heard.get("time") == NOW and heard.get("date") in (None, f"{now:%Y-%m-%d}"):
            values["now"] = True
        if values.get("now"):
            return replace(told, values=values), None
        values, wrong = moments.merged(values, heard, now)
        if wrong is None:
            values, wrong = moments.possible(values, words, now)
        return replace(told, values=values), wrong

    def missing(self, values: Values, language: str) -> str | None:
        return None if values.get("now") else moments.missing(values, language)

    def confirms(self, values: Values) -> bool:
        return not values.get("now")

    def changeable(self) -> tuple[str, ...]:
        return ("time",)

    def buttons(self, asked: str, values: Values, words: Words) -> list[dict[str, str]]:
        found = super().buttons(asked, values, words)
        today = f"{short_form.now():%Y-%m-%d}"
        if asked in ("day", "time") and values.get("date") in (None, today):
            found.append(words.button(self.intent, "time", NOW, words.phrase("now")))
        return found

    def summary(self, values: Values, words: Words) -> dict[str, str]:
        due = moments.moment(values, words.traveler.language)
        return {
            "languages": words.listed("language", values["languages"]),
            "when": words.when(due) if due else "",
            "place": values.get("place") or words.phrase("not_told"),
            "reach": values.get("contact") or words.phrase("here"),
        }

    def details(self, values: Values, traveler: Traveler) -> dict[str, Any]:
        told = {name: values.get(name) for name in ("languages", "place", "contact")}
        if values.get("now"):
            return {**told, "now": True}
        return {**told, **moments.details(values, traveler.language)}

    def tell(
        self, dispatcher: CollectingDispatcher, made: dict[str, Any], values: Values, words: Words
    ) -> None:
        waiting = made.get("waiting")
        if not values.get("now"):
            super().tell(dispatcher, made, values, words)
            return
        dispatcher.utter_message(response="utter_need_interpreter")
        which = "same" if made.get("same") else "sent"
        dispatcher.utter_message(response=f"utter_interpreter_now_{which}", number=made["number"])
        if waiting and waiting["owner"] != "assistant":
            language = words.traveler.language
            dispatcher.utter_message(**handoff.said(waiting, language, handoff.now()))


def _is_for_later(heard: Heard) -> bool:
    """Whether a message names a time to come. What happened today or yesterday needs one now."""
    found, today = heard.found, short_form.now().date()
    hour = "part" in found or found.get("time", NOW) != NOW
    if "date" in found:
        day = date.fromisoformat(found["date"])
        return day > today or (day == today and hour)
    return "bad_date" in found or hour
