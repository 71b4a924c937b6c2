"""Takes requests for a time for trucks: cargo, number, direction, day and time; officers decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from actions import moments, short_form
from actions.moments import Values, Wrong
from actions.request_words import Words
from actions.service_reading import names, number_of, values_in
from actions.short_form import Field, Heard, ShortForm, Told
from actions.traveler import Traveler
from bot.entities import number_in
from bot.entities.clock import NOW

MOST = 50
"""Trucks of one request."""

DIRECTIONS = ("leaving_china", "entering_china")


class Appointment(ShortForm):
    """Ends with a request of kind ``appointment``."""

    form = "appointment"
    intent = "request_appointment"
    fields = (
        Field("cargo", free=True),
        Field("count"),
        Field("direction", choices=DIRECTIONS),
    )
    main = "cargo"

    def opening(self, heard: Heard, traveler: Traveler) -> Values:
        cargo = Words(traveler).listed("cargo", values_in("cargo", heard.reading))
        return {"cargo": cargo} if cargo else {}

    def heard(self, heard: Heard, told: Told, traveler: Traveler) -> Values:
        kinds = (*moments.KINDS, "direction", "contact")
        values = {kind: heard.found[kind] for kind in kinds if kind in heard.found}
        if told.asked is None:
            values = _to_come(values)
        values = moments.answered(values, told.asked, heard.text, traveler)
        count = number_of("trucks", heard.reading)
        if count is None and told.asked == "count":
            count = number_in(heard.text, traveler.language, traveler.script)
        if count is None and names("one_truck", heard.reading):
            count = 1
        if count is not None and (count != 1 or told.values.get("count") is None or _says(heard)):
            values["count"] = count
        if told.asked in ("summary", "change"):
            values |= self.opening(heard, traveler)
        return values

    def merged(self, told: Told, heard: Values, words: Words) -> tuple[Told, Wrong | None]:
        now = short_form.now()
        wrong: Wrong | None = None
        values = dict(told.values)
        for name in ("cargo", "direction", "contact"):
            if name in heard:
                values[name] = heard[name]
        if "count" in heard:
            count = int(heard["count"])
            values["count"] = count if 0 < count <= MOST else None
            if values["count"] is None:
                which = "many" if count else "none"
                wrong = (f"utter_appointment_count_{which}", "count", {})
        values, wrong_moment = moments.merged(values, heard, now)
        if wrong_moment is None:
            values, wrong_moment = moments.possible(values, words, now)
        return replace(told, values=values), wrong or wrong_moment

    def missing(self, values: Values, language: str) -> str | None:
        return super().missing(values, language) or moments.missing(values, language)

    def changeable(self) -> tuple[str, ...]:
        return (*super().changeable(), "time")

    def summary(self, values: Values, words: Words) -> dict[str, str]:
        due = moments.moment(values, words.traveler.language)
        return {
            "cargo": values["cargo"],
            "count": str(values["count"]),
            "direction": words.phrase(f"direction_{values['direction']}"),
            "when": words.when(due) if due else "",
            "reach": values.get("contact") or words.phrase("here"),
        }

    def details(self, values: Values, traveler: Traveler) -> dict[str, Any]:
        told = {name: values.get(name) for name in ("cargo", "count", "direction", "contact")}
        return {**told, "vehicle": "truck", **moments.details(values, traveler.language)}


def _to_come(values: Values) -> Values:
    """Without what is no time of arrival: loaded yesterday, to be booked now."""
    if values.get("time") == NOW:
        return {name: value for name, value in values.items() if name != "time"}
    today = short_form.now().date()
    if "date" in values and date.fromisoformat(values["date"]) < today:
        return {name: value for name, value in values.items() if name != "date"}
    return values


def _says(heard: Heard) -> bool:
    """Whether "one" is said as a number: "my truck" corrects no number told before."""
    return number_of("trucks", heard.reading) is not None or any(c.isdigit() for c in heard.text)
