"""What a message looks like on WhatsApp: text, reply buttons, a list, numbered choices, a template.

Pure. ``to`` and ``context`` are added when it is sent.
"""

from __future__ import annotations

import re
from typing import Any

from bot.language import Language
from channels.base import short, split, utf16, wording_of
from channels.choices import Buttons, numbered
from channels.wording import say
from hub.conversation import Message

# developers.facebook.com/documentation/business-messaging/whatsapp/messages: text-messages,
# interactive-reply-buttons-messages, interactive-list-messages, template-messages
TEXT = 4096
BODY = 1024
"""Characters of a text, and of what stands above buttons or a list."""

BUTTONS, BUTTON = 3, 20
ROWS, ROW, DESCRIPTION = 10, 24, 72
ID = 200
"""How many there are, and characters of titles, descriptions and ids."""

TEMPLATE = 900
"""Characters of a notice in a template: all of it has 1,024, and its own words need some."""

_TEMPLATE_LANGUAGES = {"zh-Hans": "zh_CN", "zh-Hant": "zh_HK", "kk": "kk", "ru": "ru", "en": "en"}
"""Meta's codes."""

Content = dict[str, Any]


def contents(message: Message) -> list[Content]:
    """The calls' contents that bring a message, in order; what can be pressed is in the last."""
    text, buttons = wording_of(message), message.buttons or []
    language = Language(message.language, message.script)
    if shows_numbers(buttons):
        text = "\n\n".join([text, "\n".join(numbered(buttons))])
    if not 0 < len(buttons) <= ROWS:
        return [_text(part) for part in split(text, TEXT, utf16)]
    limit = BUTTON if _are_short(buttons) else ROW
    titles = _titles([button["title"] for button in buttons], limit)
    *before, last = split(text, TEXT, utf16) or ["…"]
    body = split(last, BODY, utf16)[-1]
    if head := last[: len(last) - len(body)].rstrip():
        before.append(head)
    choice = _buttons if limit == BUTTON else _list
    return [*(_text(part) for part in before), choice(body, buttons, titles, language)]


def shows_numbers(buttons: Buttons) -> bool:
    """Whether choices stand numbered in the text: too many for a list, or too long for it."""
    long = any(utf16(button["title"]) > DESCRIPTION for button in buttons)
    return long or len(buttons) > ROWS


def template(name: str, code: str, text: str) -> Content:
    """An approved template whose one parameter is a notice."""
    # neither breaks nor wide gaps are taken in a parameter
    flat = cut(re.sub(r"\s+", " ", text).strip(), TEMPLATE)
    return {
        "type": "template",
        "template": {
            "name": name,
            "language": {"code": code},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": flat}]}],
        },
    }


def template_code(language: Language) -> str:
    """Meta's code of a language in which templates are approved."""
    found = _TEMPLATE_LANGUAGES.get(f"{language.code}-{language.script}")
    return found or _TEMPLATE_LANGUAGES[language.code]


def cut(text: str, limit: int) -> str:
    """At most ``limit`` units of a text, cut between words."""
    return text if utf16(text) <= limit else split(text, limit - 1, utf16)[0] + "…"


def _text(body: str) -> Content:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _buttons(body: str, buttons: Buttons, titles: list[str], language: Language) -> Content:
    replies = [
        {"type": "reply", "reply": {"id": short(button["payload"], ID), "title": title}}
        for button, title in zip(buttons, titles, strict=True)
    ]
    return _interactive("button", body, {"buttons": replies})


def _list(body: str, buttons: Buttons, titles: list[str], language: Language) -> Content:
    rows = []
    for button, title in zip(buttons, titles, strict=True):
        row = {"id": short(button["payload"], ID), "title": title}
        if title != button["title"]:
            row["description"] = cut(button["title"], DESCRIPTION)
        rows.append(row)
    label = cut(say("choose", language), BUTTON)
    return _interactive("list", body, {"button": label, "sections": [{"rows": rows}]})


def _interactive(kind: str, body: str, action: Content) -> Content:
    interactive = {"type": kind, "body": {"text": body}, "action": action}
    return {"type": "interactive", "interactive": interactive}


def _are_short(buttons: Buttons) -> bool:
    titles = [button["title"] for button in buttons]
    alike = len(set(titles)) < len(titles)
    return len(titles) <= BUTTONS and not alike and all(utf16(each) <= BUTTON for each in titles)


def _titles(titles: list[str], limit: int) -> list[str]:
    """Titles cut to a length, numbered where that made two alike."""
    short_ones = [cut(title, limit) for title in titles]
    if len(set(short_ones)) == len(short_ones):
        return short_ones
    return [cut(f"{number}. {title}", limit) for number, title in enumerate(titles, 1)]
