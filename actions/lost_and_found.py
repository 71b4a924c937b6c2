"""Takes reports of lost things: what, where, which day; the officers look, nothing is promised."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions import short_form
from actions.moments import Values, Wrong
from actions.request_words import Words
from actions.service_reading import names, tells, values_in
from actions.short_form import SKIPPED, Field, Heard, ShortForm, Told
from actions.traveler import Traveler
from bot.entities import find

WHERE = ("hall", "scanner", "counter", "toilet", "bus", "parking", "yard")


class LostItem(ShortForm):
    """Ends with a request of kind ``lost_item``."""

    form = "lost_item"
    intent = "lost_and_found"
    fields = (
        Field("what", free=True),
        Field("where", free=True, choices=WHERE),
        Field("day", entity="date"),
    )
    main = "what"

    def instead(self, heard: Heard, dispatcher: CollectingDispatcher) -> bool:
        found = names("found_thing", heard.reading)
        found = found and not names("found_by_others", heard.reading)
        if found:
            dispatcher.utter_message(response="utter_lost_item_found")
        return found

    def opening(self, heard: Heard, traveler: Traveler) -> Values:
        if not tells("empty_lost", heard.reading, 1):
            return {}
        return {"what": heard.text[: short_form.LONGEST]}

    def heard(self, heard: Heard, told: Told, traveler: Traveler) -> Values:
        values: Values = {}
        places = values_in("where", heard.reading)
        if places and (not told.values.get("where") or told.asked in ("summary", "change")):
            values["where"] = places[0]
        if day := _day(heard, told, traveler):
            values["day"] = day
        elif "bad_date" in heard.found:
            values["bad_date"] = heard.found["bad_date"]
        elif told.asked == "day" and names("unknown", heard.reading):
            values["day"] = SKIPPED
        if "contact" in heard.found:
            values["contact"] = heard.found["contact"]
        return values

    def merged(self, told: Told, heard: Values, words: Words) -> tuple[Told, Wrong | None]:
        heard = dict(heard)
        written = heard.pop("bad_date", None)
        if heard.get("where") in WHERE:
            heard["where"] = words.phrase(f"where_{heard['where']}")
        if heard.get("day") == "unknown":
            heard["day"] = SKIPPED
        told = replace(told, values={**told.values, **heard})
        if written and "day" not in heard:
            return told, ("utter_lost_item_no_such_day", "day", {"written": str(written)})
        day = told.values.get("day")
        if day and date.fromisoformat(day) > short_form.now().date():
            filled = {"day": words.day(date.fromisoformat(day))}
            told = replace(told, values={**told.values, "day": None})
            return told, ("utter_lost_item_future_day", "day", filled)
        return told, None

    def buttons(self, asked: str, values: Values, words: Words) -> list[dict[str, str]]:
        if asked != "day":
            return super().buttons(asked, values, words)
        today = short_form.now().date()
        days = (("today", today), ("yesterday", today - timedelta(days=1)))
        return [
            *(words.button(self.intent, "date", f"{day}", words.phrase(n)) for n, day in days),
            words.button(self.intent, "date", "unknown", words.phrase("unknown")),
        ]

    def summary(self, values: Values, words: Words) -> dict[str, str]:
        day = values["day"]
        return {
            "what": values["what"],
            "where": values["where"],
            "day": words.day(date.fromisoformat(day)) if day else words.phrase("not_told"),
            "reach": values.get("contact") or words.phrase("here"),
        }

    def details(self, values: Values, traveler: Traveler) -> dict[str, Any]:
        return {
            "what": values["what"],
            "where": values["where"],
            "date": values["day"] or None,
            "contact": values.get("contact"),
        }


def _day(heard: Heard, told: Told, traveler: Traveler) -> str | None:
    """The day that was named, of several the first: lost yesterday, missed today.

    "On Friday" is the last one, for nothing is lost tomorrow.
    """
    today = short_form.now().date()
    days = _days(heard, traveler, today)
    if not days:
        return None
    day = min(days)
    if day <= today:
        return f"{day}"
    # counted from tomorrow on a weekday is still the same day, "tomorrow" is another
    week, tomorrow = timedelta(days=7), today + timedelta(days=1)
    in_figures = any(sign.isdigit() for sign in heard.text)
    if day <= today + week and not in_figures and day in _days(heard, traveler, tomorrow):
        return f"{day - week}"
    # unasked it is when they come for it
    return f"{day}" if told.asked else None


def _days(heard: Heard, traveler: Traveler, today: date) -> list[date]:
    if heard.is_button:
        return []
    found = find(heard.text, traveler.language, traveler.script, today)
    return [date.fromisoformat(str(each.value)) for each in found if each.kind == "date"]
