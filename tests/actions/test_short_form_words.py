"""The short forms' words: every question and button there, in every language and script."""

from __future__ import annotations

import re

import pytest
import yaml

from actions.complaint import TONES, Complaint
from actions.lost_and_found import WHERE
from actions.request_words import Words
from actions.short_form import ShortForm
from actions.traveler import Traveler
from bot.language import SCRIPTS, Language
from bot.policy_texts import numbers_of
from hub.request_details import TONES as KEPT_TONES
from hub.request_rules import KINDS
from tests.actions.dialogue import LOOPS, Meet
from tests.system import ROOT

LANGUAGES = [Language(code, script) for code, scripts in SCRIPTS.items() for script in scripts]
FILES = ("short_form", "lost_and_found", "complaint", "interpreter", "appointment")
CYRILLIC = re.compile("[а-яәғқңөұүһі]", re.IGNORECASE)


def test_every_question_and_answer_has_its_wording_and_no_wording_is_left_over() -> None:
    named: set[str] = set()
    for name in FILES:
        code = (ROOT / f"actions/{name}.py").read_text("utf-8")
        named |= set(re.findall(r'"(utter_[a-z_]+[a-z])"', code))
    for form in LOOPS.values():
        named |= {f"utter_{form.form}_{what}" for what in ("summary", "sent", "same")}
        named |= {f"utter_{form.form}_ask_{field.name}" for field in form.fields}
    named |= {f"utter_interpreter_now_{which}" for which in ("same", "sent")}
    named |= {f"utter_appointment_count_{which}" for which in ("none", "many")}
    named = {name for name in named if not name.startswith("utter_special_lane")}
    worded: set[str] = set()
    for name in FILES:
        text = (ROOT / f"data/responses/{name}.yml").read_text("utf-8")
        worded |= set(yaml.safe_load(text)["responses"])
    assert named == worded


def test_phrases_say_the_same_in_four_languages() -> None:
    text = (ROOT / "data/service_words.yml").read_text("utf-8")
    for key, worded in yaml.safe_load(text).items():
        assert set(worded) == set(SCRIPTS), key
        for code, phrase in worded.items():
            assert numbers_of(phrase, code) == numbers_of(worded["en"], "en"), key
            assert re.findall(r"\{\w+\}", phrase) == re.findall(r"\{\w+\}", worded["en"]), key


def test_whatever_is_recognized_or_chosen_has_a_name() -> None:
    words = Words(Traveler("en", "Latn"))
    heard = yaml.safe_load((ROOT / "data/languages/services.yml").read_text("utf-8"))
    for section in ("tone", "sender", "where", "language", "cargo"):
        for value, listed in heard[section].items():
            assert words.phrase(f"{section}_{value}")
            assert set(listed) == set(SCRIPTS), value
    for kind in KINDS:
        assert words.phrase(f"kind_{kind}")
    for form in LOOPS.values():
        for name in form().changeable():
            assert words.phrase(f"field_{name}")
    assert TONES == KEPT_TONES
    assert set(WHERE) == set(heard["where"])


@pytest.mark.parametrize("form", LOOPS.values(), ids=lambda form: form.form)
def test_the_summary_s_buttons_send_change_and_cancel(form: type[ShortForm]) -> None:
    for name in FILES:
        text = (ROOT / f"data/responses/{name}.yml").read_text("utf-8")
        found = yaml.safe_load(text)["responses"].get(f"utter_{form.form}_summary", [])
        for variation in found:
            assert [button["payload"] for button in variation["buttons"]] == [
                f'/{form.intent}{{"answer": "{answer}"}}' for answer in ("send", "change", "cancel")
            ]


def test_every_entity_of_a_button_stands_in_the_domain() -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))
    entities = {next(iter(each)) if isinstance(each, dict) else each for each in domain["entities"]}
    used = {"change_field", "answer", "request_number", "date", "time", "zone"}
    for form in LOOPS.values():
        assert form.intent in domain["intents"]
        assert form.form in domain["slots"]
        assert f"{form.form}_form" in domain["actions"]
        assert f"{form.form}_form" in domain["forms"]
        used |= {field.entity or field.name for field in form.fields if field.choices}
    assert used <= entities


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
async def test_every_script_gets_its_buttons(travelers: Meet, language: Language) -> None:
    dialogue = await travelers(language.code, language.script)
    await dialogue.say("?", Complaint.intent)
    assert len(dialogue.buttons) == len(TONES)
    titles = "".join(button["title"] for button in dialogue.buttons)
    if language.script in ("Arab", "Latn"):
        assert not CYRILLIC.search(titles)
    if language.script == "Hant":
        assert "投訴" in titles
