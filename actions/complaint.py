"""Takes complaints, praise and suggestions to the officers, without a name where that is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import hub
from actions.moments import Values, Wrong
from actions.request_words import Words
from actions.service_reading import tells, values_in
from actions.short_form import SHORT, Field, Heard, ShortForm, Told
from actions.traveler import Traveler, message_id

TONES = ("complaint", "praise", "suggestion")
ANONYMOUS, NAMED = "anonymous", "named"

LONGEST = 2000
"""Characters of a complaint; no message is longer."""

SHOWN = 500
"""Characters of it in the summary."""


class Complaint(ShortForm):
    """Ends with a request of kind ``complaint``."""

    form = "complaint"
    intent = "complaint"
    fields = (
        Field("tone", choices=TONES),
        # before the text, so that officers who look on do not see one that is anonymous
        Field("sender", choices=(ANONYMOUS, NAMED)),
        Field("text", free=True, longest=LONGEST),
    )
    main = "text"

    def opening(self, heard: Heard, traveler: Traveler) -> Values:
        if not tells("empty_complaint", heard.reading, 2):
            return {}
        # who tells what happened, and thanks and suggests nothing, complains; the summary says so
        tone = {} if values_in("tone", heard.reading) else {"tone": TONES[0]}
        return {"text": heard.text[:LONGEST], **tone}

    def heard(self, heard: Heard, told: Told, traveler: Traveler) -> Values:
        values: Values = {}
        # a word of the text itself changes nothing that was told before
        answers = len(heard.text) <= SHORT[traveler.language] * 2 // 3 and told.asked != "text"
        tones, senders = (values_in(section, heard.reading) for section in ("tone", "sender"))
        if len(tones) == 1 and (answers or not told.values.get("tone")):
            values["tone"] = tones[0]
        if senders and (answers or not told.values.get("sender")):
            # "not anonymous" names both
            values["sender"] = senders[0]
        elif told.asked == "sender" and heard.intent in ("affirm", "deny"):
            values["sender"] = ANONYMOUS if heard.intent == "affirm" else NAMED
        if "contact" in heard.found:
            values["contact"] = heard.found["contact"]
        return values

    def merged(self, told: Told, heard: Values, words: Words) -> tuple[Told, Wrong | None]:
        values = {**told.values, **heard}
        if values.get("sender") == ANONYMOUS:
            # a phone number names who wrote
            values.pop("contact", None)
        return replace(told, values=values), None

    async def before_answering(self, tracker: Tracker, told: Told) -> None:
        if told.values.get("sender") != ANONYMOUS:
            return
        # all that was said of it, also before they chose so
        await hub.tell(
            "requests/hide",
            {
                "conversation_id": tracker.sender_id,
                "begun": told.begun,
                "key": message_id(tracker),
            },
        )

    def summary(self, values: Values, words: Words) -> dict[str, str]:
        text, sender = values["text"], words.phrase(f"sender_{values['sender']}")
        return {
            "tone": words.phrase(f"tone_{values['tone']}"),
            # not "text", which would stand in the place of the whole response
            "said": text if len(text) <= SHOWN else f"{text[:SHOWN]}…",
            "sender": ", ".join(part for part in (sender, values.get("contact")) if part),
        }

    def details(self, values: Values, traveler: Traveler) -> dict[str, Any]:
        return {
            "tone": values["tone"],
            "text": values["text"],
            "anonymous": values["sender"] == ANONYMOUS,
            "contact": values.get("contact"),
        }

    def tell(
        self, dispatcher: CollectingDispatcher, made: dict[str, Any], values: Values, words: Words
    ) -> None:
        if values["sender"] == ANONYMOUS:
            number = made["number"]
            dispatcher.utter_message(response="utter_complaint_sent_anonymous", number=number)
        else:
            super().tell(dispatcher, made, values, words)
