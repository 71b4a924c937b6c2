"""What comes in from messaging networks, the same way for each: text, buttons, commands, the rest.

Everything becomes a message of the log, by ``hub.reception``, under the network's own id, so that
an update that comes twice is one message. What no assistant need answer is answered here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.language import SCRIPTS, Language, LanguageState
from channels.base import matches
from channels.choices import picked
from channels.wording import say, title
from hub.addresses import Addresses
from hub.carrier import Address, Arrival
from hub.conversation import MAX_TEXT, Conversation, Draft, OwnAnswer
from hub.emergency import recognize
from hub.emergency_guide import SOS, is_emergency
from hub.log import ConversationLog, NotOfferedError, UnknownConversationError
from hub.outbox import URGENT
from hub.rate_limits import MESSAGES, Limit, RateLimiter
from hub.reception import Reception, answered_here
from hub.words import supported, words

ENGLISH = Language("en", "Latn")

TOPICS = {
    "officer": "talk_to_officer",
    "lane": "request_special_lane",
    "briefing": "first_departure_briefing",
}
"""Commands that ask the assistant, and what they ask."""

COMMANDS = ("start", "help", *TOPICS, "language", "sos")
"""Commands of every network, in the order of its menu."""

CHOOSE = "/language"
"""Beginning of the payload of a button that chooses a language."""

_NAMES = {
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "kk-Cyrl": "Қазақша",
    "kk-Arab": "قازاقشا",
    "kk-Latn": "Qazaqşa",
    "ru-Cyrl": "Русский",
    "en-Latn": "English",
}

_TOLD_TOO_FAST = Limit(burst=1, per_second=1 / 60)

Answer = Callable[[Draft, int], OwnAnswer | None]

Press = Callable[[Conversation, str], Awaitable[Answer | None]]
"""What answers a pressed button with this payload; ``None`` leaves it to the assistant."""


@dataclass(frozen=True)
class Incoming:
    """Something a traveler sent. ``language`` is their device's, as far as it is known.

    One of: ``text``; ``button``, what a pressed one carried, of at most ``payload`` bytes;
    ``command`` without its slash, with its ``argument`` (``greet``: somebody of whom nothing is
    known has come); ``kind`` of what can't be read
    (``messaging.yml`` names them); ``place`` (latitude, longitude).
    """

    address: Address
    arrival: Arrival
    language: Language | None = None
    text: str | None = None
    button: str | None = None
    payload: int = 64
    command: str | None = None
    argument: str = ""
    kind: str | None = None
    place: tuple[float, float] | None = None
    edited: bool = False
    """The text takes the place of an earlier one: it is a message more, unless nothing changed."""
    conversation_id: str | None = None
    open_until: datetime | None = None
    """Until when the network takes answers after this, if it sets a time (UTC)."""
    numbered: bool = False
    """Choices are shown with numbers there: a text may pick one of those last shown."""
    numbers_run_on: bool = False
    """The numbers go on from one message of an answer to the next."""


class Intake:
    """Takes in what travelers send on messaging networks."""

    def __init__(
        self,
        log: ConversationLog,
        reception: Reception,
        addresses: Addresses,
        limits: RateLimiter,
    ) -> None:
        self._log = log
        self._reception = reception
        self._limits = limits
        self.addresses = addresses
        self.presses: dict[str, Press] = {}
        """By how the payload of a button begins: who answers it in the assistant's place."""

    async def take(self, incoming: Incoming) -> int | None:
        """Logs it and sees to its answer; returns its number, ``None`` when there is none:
        it came too fast, or changed nothing.

        Raises:
            NotOfferedError: a button that this traveler was not offered.
        """
        try:
            return await self._take(incoming)
        except UnknownConversationError:
            # deleted in this very moment: what is written now begins another
            return await self._take(replace(incoming, conversation_id=None))

    async def _take(self, incoming: Incoming) -> int | None:
        conversation_id = incoming.conversation_id or await self.addresses.conversation_at(
            incoming.address, incoming.language, incoming.open_until
        )
        known = await self._log.sequence_of(conversation_id, incoming.arrival.client_id)
        if known is not None:
            return known
        conversation = await self._log.conversation(conversation_id)
        language = conversation.language or ENGLISH
        answer: Answer | None = None
        if incoming.numbered:
            incoming = await self._with_choice(conversation_id, incoming)
        if self._is_too_fast(conversation, incoming):
            if self._limits.wait(_TOLD_TOO_FAST, conversation_id):
                return None
            draft, answer = self._unread(incoming, language), _own("too_fast")
        elif incoming.button is not None:
            draft, answer = await self._pressed(conversation, incoming, language)
        elif incoming.command is not None:
            draft, answer = await self._commanded(conversation, incoming, language)
        elif incoming.place is not None:
            draft, answer = self._located(conversation, incoming, language)
        elif incoming.text is None or not (text := _cleaned(incoming.text)):
            draft, answer = self._unread(incoming, language), _own("text_only")
        elif len(text) > MAX_TEXT:
            draft, answer = _draft(text[:MAX_TEXT], language), _too_long
        else:
            if incoming.edited and await self._is_known(conversation_id, incoming, text):
                return None
            draft = _draft(text, language)
        draft = replace(draft, client_id=incoming.arrival.client_id)
        return await self._reception.receive(conversation_id, draft, answer)

    async def tell(
        self,
        address: Address,
        arrival: Arrival,
        key: str,
        device: Language | None = None,
        language: Language | None = None,
        **fill: str,
    ) -> int:
        """Has the hub say something of its own in a traveler's conversation; returns its number.

        In their language (their ``device``'s, if they are new), unless another is given.
        """
        conversation_id = await self.addresses.conversation_at(address, device)
        conversation = await self._log.conversation(conversation_id)
        language = language or conversation.language or ENGLISH
        draft = Draft("system", say(key, language, **fill), language.code, language.script)
        draft = replace(draft, client_id=arrival.client_id)
        seq = await self._log.say(conversation_id, draft, lambda _: True)
        self._reception.changed(conversation_id)
        return seq

    async def _is_known(self, conversation_id: str, incoming: Incoming, text: str) -> bool:
        """Whether an edit leaves the words as they were, as a link's preview does."""
        arrival = incoming.arrival
        here = f"/{arrival.chat}/{arrival.message}"
        return await self._log.newest_text(conversation_id, here) == text

    def _is_too_fast(self, conversation: Conversation, incoming: Incoming) -> bool:
        """Who needs help may be quick."""
        language = conversation.language or ENGLISH
        urgent = (
            incoming.command == "sos"
            or (incoming.place is not None and conversation.reason in URGENT)
            or is_emergency(incoming.button)
            or (incoming.button or "").startswith("#")
        )
        if urgent or not self._limits.wait(MESSAGES, conversation.id):
            return False
        return not (incoming.text and recognize(incoming.text[:MAX_TEXT], language))

    async def _with_choice(self, conversation_id: str, incoming: Incoming) -> Incoming:
        """A text that picks a choice is the same as a press of its button."""
        run_on = incoming.numbers_run_on
        offered = await self.addresses.choices_shown(conversation_id, whole_answer=run_on)
        button = picked(incoming.text or "", offered)
        if button is None:
            return incoming
        payload = button["payload"]
        return replace(incoming, text=None, button=payload, payload=len(payload.encode()))

    async def _pressed(
        self, conversation: Conversation, incoming: Incoming, language: Language
    ) -> tuple[Draft, Answer | None]:
        carried = incoming.button or ""
        button = await self._log.button_offered(
            conversation.id, lambda payload: matches(carried, payload, incoming.payload)
        )
        payload = button["payload"]
        draft = _draft(button["title"], language, payload)
        for beginning, press in self.presses.items():
            if payload.startswith(beginning):
                return draft, await press(conversation, payload)
        if not payload.startswith(CHOOSE):
            return draft, None
        chosen = json.loads(payload.removeprefix(CHOOSE))
        wanted = supported(chosen["language"], chosen["script"])
        if wanted is None:
            raise NotOfferedError(payload)
        return draft, await self._chosen(conversation, wanted)

    async def _chosen(self, conversation: Conversation, wanted: Language) -> Answer:
        state = LanguageState(current=wanted, chosen=wanted)
        await self._log.choose_language(conversation.id, state)
        return _menu("language_chosen")

    async def _commanded(
        self, conversation: Conversation, incoming: Incoming, language: Language
    ) -> tuple[Draft, Answer | None]:
        command = incoming.command
        if command == "start":
            wanted, command = _start(incoming.argument)
            if wanted is not None:
                state = LanguageState(current=wanted)
                await self._log.choose_language(conversation.id, state)
                language = wanted
        if command in TOPICS:
            topic = TOPICS[command]
            return _draft(title(topic, language), language, f"/{topic}"), None
        if command == "sos":
            return _draft(words(language)["page"]["sos"], language, SOS), None
        if command == "greet":
            return _draft("/start", language, "/start"), _greeting
        if command == "language":
            code, _, script = incoming.argument.partition("-")
            if wanted := supported(code.lower(), script.title() or None):
                draft = _draft(_NAMES[f"{wanted.code}-{wanted.script}"], language, CHOOSE)
                return draft, await self._chosen(conversation, wanted)
            return _draft(say("commands.language", language), language, CHOOSE), _languages
        key = "welcome" if command == "start" else "help"
        name = "start" if command == "start" else "help"
        return _draft(f"/{name}", language, f"/{name}"), _menu(key)

    def _located(
        self, conversation: Conversation, incoming: Incoming, language: Language
    ) -> tuple[Draft, Answer]:
        """A place is personal: it is kept while somebody needs help, and only then."""
        if conversation.reason not in URGENT or incoming.place is None:
            return self._unread(replace(incoming, kind="location"), language), _own("place_unused")
        latitude, longitude = (f"{degrees:.6f}" for degrees in incoming.place)
        text = say("place", language, latitude=latitude, longitude=longitude)
        answer = _own("place_noted", urgent=True, latitude=latitude, longitude=longitude)
        return _draft(text, language, "/place"), answer

    def _unread(self, incoming: Incoming, language: Language) -> Draft:
        """Stands in the log for what was not read, and tells nothing of the language."""
        return _draft(say(f"kinds.{incoming.kind or 'other'}", language), language, "/unread")


def _draft(text: str, language: Language, payload: str | None = None) -> Draft:
    return Draft("traveler", text, language.code, language.script, payload=payload)


def _cleaned(text: str) -> str:
    """Text as it can be stored: no half of a surrogate pair, no zero."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode().strip()


def _own(key: str, urgent: bool = False, **fill: str) -> Answer:
    def answer(draft: Draft, seq: int) -> OwnAnswer:
        language = Language(draft.language, draft.script)
        return said(say(key, language, **fill), language, key, urgent=urgent)

    return answer


def _too_long(draft: Draft, seq: int) -> OwnAnswer | None:
    """Not even a message that is too long may hide a call for help."""
    if called := answered_here(draft, seq):
        return called
    return _own("too_long")(draft, seq)


def _menu(key: str) -> Answer:
    def answer(draft: Draft, seq: int) -> OwnAnswer:
        language = Language(draft.language, draft.script)
        buttons = [
            {"title": title(topic, language), "payload": f"/{topic}"} for topic in TOPICS.values()
        ]
        return said(say(key, language), language, key, buttons)

    return answer


def _greeting(draft: Draft, seq: int) -> OwnAnswer:
    """For who may speak any of the languages: all four, Chinese first."""
    languages = [Language(code, scripts[0]) for code, scripts in SCRIPTS.items()]
    text = "\n\n".join(say("greeting", language) for language in languages)
    language = Language(draft.language, draft.script)
    return said(text, language, "greeting", [_choice(each) for each in languages])


def _choice(language: Language) -> dict[str, str]:
    """A button that chooses a language."""
    chosen = {"language": language.code, "script": language.script}
    title = _NAMES[f"{language.code}-{language.script}"]
    return {"title": title, "payload": CHOOSE + json.dumps(chosen)}


def _languages(draft: Draft, seq: int) -> OwnAnswer:
    buttons = [
        _choice(Language(code, script)) for code, scripts in SCRIPTS.items() for script in scripts
    ]
    language = Language(draft.language, draft.script)
    return said(say("choose_language", language), language, "choose_language", buttons)


def said(
    text: str,
    language: Language,
    key: str,
    buttons: list[dict[str, str]] | None = None,
    urgent: bool = False,
) -> OwnAnswer:
    """What a channel itself says; ``key`` stands in the log for what was understood."""
    said = Draft("assistant", text, language.code, language.script, buttons=buttons)
    understood: dict[str, object] = {"channel": key}
    if urgent:
        understood["emergency"] = key
    return OwnAnswer([said], understood)


def _start(argument: str) -> tuple[Language | None, str]:
    """Language and command of a deep link's parameter: ``kk-Arab``, ``lane``, ``ru_lane``."""
    language, command = None, "start"
    for part in argument.split("_"):
        if part in COMMANDS:
            command = part
            continue
        code, _, script = part.partition("-")
        language = supported(code, script or None) or language
    return language, command
