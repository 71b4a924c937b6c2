"""What messages look like on WhatsApp; the strict server says whether Meta would take them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.language import Language
from channels.whatsapp_messages import contents, cut, template, template_code
from channels.wording import say
from hub.conversation import Message
from tests.clock import MovedClock
from tests.fakes.whatsapp import FakeWhatsApp, RefusedError, text_of

LONG_TITLE = "Do I need a visa if I only change to the train in Dostyk"


def message(text: str, titles: list[str] | None = None, language: str = "en") -> Message:
    buttons = [{"title": title, "payload": f"/{n}"} for n, title in enumerate(titles or [])]
    script = "Hans" if language == "zh" else "Latn" if language == "en" else "Cyrl"
    return Message("assistant", text, language, script, buttons=buttons or None, seq=2)


def made(*arguments: Any, **more: Any) -> list[dict[str, Any]]:
    """Contents of a message, each of which Meta takes."""
    found = contents(message(*arguments, **more))
    for content in found:
        taken(content)
    return found


def taken(content: dict[str, Any]) -> None:
    body = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "7701"}
    FakeWhatsApp(MovedClock())._check({**body, **content})


def chosen(content: dict[str, Any]) -> list[str]:
    """Titles of what can be pressed."""
    action = content["interactive"]["action"]
    if content["interactive"]["type"] == "button":
        return [each["reply"]["title"] for each in action["buttons"]]
    return [row["title"] for each in action["sections"] for row in each["rows"]]


def rows(content: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = content["interactive"]["action"]["sections"][0]["rows"]
    return found


def test_up_to_three_short_choices_are_buttons() -> None:
    (content,) = made("Which?", ["Yes", "No", "x" * 20])
    assert content["interactive"]["type"] == "button"
    assert chosen(content) == ["Yes", "No", "x" * 20]
    assert text_of(content) == "Which?"


@pytest.mark.parametrize("language", ["zh", "kk", "ru", "en"])
def test_more_choices_are_a_list_with_its_label_in_the_language(language: str) -> None:
    (content,) = made("Which?", [f"Choice {n}" for n in range(10)], language)
    assert content["interactive"]["type"] == "list"
    assert len(chosen(content)) == 10
    label = content["interactive"]["action"]["button"]
    spoken = Language(language, "Hans" if language == "zh" else "Cyrl")  # type: ignore[arg-type]
    assert label == say("choose", spoken)


def test_a_title_that_is_too_long_is_cut_at_words_and_stands_whole_below() -> None:
    (content,) = made("Which?", ["Yes", LONG_TITLE])
    short, long = rows(content)
    assert short == {"id": "/0", "title": "Yes"}
    assert long == {"id": "/1", "title": "Do I need a visa if I…", "description": LONG_TITLE}


def test_a_title_that_is_much_too_long_stands_whole_in_the_text() -> None:
    title = f"{LONG_TITLE} and from there on to Almaty on the same evening"
    (content,) = made("Which?", ["Yes", title])
    assert text_of(content) == f"Which?\n\n1. Yes\n2. {title}"
    assert rows(content)[1]["description"].endswith("…")


def test_titles_that_would_look_alike_are_numbered() -> None:
    first, second = f"{LONG_TITLE} today", f"{LONG_TITLE} tomorrow"
    (content,) = made("Which?", [first, second])
    assert chosen(content) == ["1. Do I need a visa if…", "2. Do I need a visa if…"]
    (content,) = made("Which?", ["Same", "Same"])
    assert chosen(content) == ["1. Same", "2. Same"]


def test_more_than_ten_choices_are_numbered_in_the_text() -> None:
    (content,) = made("Which?", [f"Choice {n}" for n in range(11)])
    assert content["type"] == "text"
    assert text_of(content).endswith("\n10. Choice 9\n11. Choice 10")


def test_a_long_text_keeps_its_end_with_the_choices() -> None:
    sentence = "Ask the officer 🙂🙂🙂🙂🙂. "
    found = made(sentence * 300, ["More"])
    assert " ".join(text_of(content) for content in found) == (sentence * 300).strip()
    assert [content["type"] for content in found] == ["text", "text", "interactive"]
    assert all(text_of(content).endswith(".") for content in found)


def test_a_payload_that_is_too_long_goes_as_a_key() -> None:
    long = Message(
        "assistant",
        "Which?",
        "en",
        "Latn",
        buttons=[{"title": "More", "payload": "/policy" + "x" * 300}],
        seq=2,
    )
    (content,) = contents(long)
    taken(content)
    assert content["interactive"]["action"]["buttons"][0]["reply"]["id"].startswith("#")


def test_a_cut_keeps_whole_words_and_whole_characters() -> None:
    assert cut("exactly so", 10) == "exactly so"
    assert cut("one two three", 9) == "one two…"
    assert cut("🙂🙂🙂🙂🙂", 6) == "🙂🙂…"
    assert cut("出境前需要准备哪些证件和材料", 8) == "出境前需要准备…"


def test_a_notice_is_one_line_of_a_template() -> None:
    content = template("port_notice", "kk", "Request 12345:\n\naccepted.\tGate    2,      10:00 ")
    taken(content)
    assert text_of(content) == "Request 12345: accepted. Gate 2, 10:00"
    taken(template("port_notice", "ru", "word " * 1000))
    with pytest.raises(RefusedError):
        taken(template("port_notice", "xx", "word"))


def test_every_language_and_script_has_a_templates_code() -> None:
    spoken = [
        ("zh", "Hans"),
        ("zh", "Hant"),
        ("kk", "Cyrl"),
        ("kk", "Arab"),
        ("kk", "Latn"),
        ("ru", "Cyrl"),
        ("en", "Latn"),
    ]
    codes = [template_code(Language(*each)) for each in spoken]  # type: ignore[arg-type]
    assert codes == ["zh_CN", "zh_HK", "kk", "kk", "kk", "ru", "en"]


WRONG: dict[str, tuple[dict[str, Any], int]] = {
    "no type": ({}, 131008),
    "unknown type": ({"type": "hologram"}, 131051),
    "unknown field": ({"type": "text", "text": {"body": "x", "color": "red"}}, 100),
    "wrong type": ({"type": "text", "text": {"body": 5}}, 100),
    "too long": ({"type": "text", "text": {"body": "x" * 4097}}, 131009),
    "empty": ({"type": "text", "text": {"body": " "}}, 131009),
    "quote of nothing": (
        {"type": "text", "text": {"body": "x"}, "context": {"message_id": "wamid.x"}},
        131009,
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_the_server_refuses_what_meta_refuses(wrong: str) -> None:
    content, code = WRONG[wrong]
    with pytest.raises(RefusedError) as refused:
        taken(content)
    assert refused.value.body["error"]["code"] == code


@pytest.mark.parametrize(
    "buttons",
    [
        [("a", "x" * 21)],
        [("x" * 257, "A")],
        [("a", "A"), ("b", "A")],
        [("a", "A"), ("a", "B")],
        [("a", ""), ("b", "B")],
        [("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")],
        [],
    ],
)
def test_the_server_refuses_buttons_that_meta_refuses(buttons: list[tuple[str, str]]) -> None:
    replies = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in buttons]
    interactive = {"type": "button", "body": {"text": "x"}, "action": {"buttons": replies}}
    with pytest.raises(RefusedError):
        taken({"type": "interactive", "interactive": interactive})
