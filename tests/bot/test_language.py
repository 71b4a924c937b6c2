"""Which language a message is in, and how a conversation follows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import SCRIPTS, Language, LanguageState, detect, follow

ZH, HANT = Language("zh", "Hans"), Language("zh", "Hant")
KK, ARAB, LATN = (Language("kk", script) for script in ("Cyrl", "Arab", "Latn"))
RU, EN = Language("ru", "Cyrl"), Language("en", "Latn")

SURE = {
    "请问几点开门": ZH,
    "我带了iPhone和一个power bank可以吗": ZH,
    "請問護照快過期了怎麼辦": HANT,
    "Шекара қашан ашылады?": KK,
    "калай отемин шекарадан": KK,
    "паспортым жок не истеймин": KK,
    "кашан ашылады": KK,
    "рахмет": KK,
    "شەكارا قاشان اشىلادى": ARAB,
    "ٴبىز ەرتەڭ كەلەمىز": ARAB,
    "shekara qashan ashylady": LATN,
    "Şekara qaşan aşylady?": LATN,
    "salemetsiz be, viza kerek pe": LATN,
    "когда открывается граница": RU,
    "можно с собакой?": RU,
    "нужна виза": RU,
    "when does the border open": EN,
    "visa needed??": EN,
    "wheelchair for my mum pls": EN,
    "to Almaty": EN,
    "в Казахстан": RU,
}


@pytest.mark.parametrize(("text", "language"), SURE.items())
def test_the_language_of_an_ordinary_message(text: str, language: Language) -> None:
    assert detect(text).language == language


@pytest.mark.parametrize("current", [ZH, HANT, KK, ARAB, LATN, RU, EN])
@pytest.mark.parametrize("text", ["123", "👍", "12.05.2026", "?", "", "ok", "A", "KZ 123 ABC 02"])
def test_what_tells_no_language_keeps_the_conversation_s(text: str, current: Language) -> None:
    found = detect(text, current)
    assert found.language == current
    assert not found.sure


@pytest.mark.parametrize(
    ("text", "current"),
    [
        ("Kazakhstan", EN),
        ("Almaty, Kazakhstan", RU),
        ("China", KK),
        ("Alakol", EN),
        ("Казахстан", KK),
        ("Китай", RU),
    ],
)
def test_a_name_alone_keeps_the_conversation_s(text: str, current: Language) -> None:
    assert detect(text, current).language == current


@pytest.mark.parametrize("text", ["안녕하세요", "สวัสดี", "Καλημέρα", "שלום"])
@pytest.mark.parametrize("current", [ZH, RU, EN])
def test_a_script_that_we_do_not_speak_tells_nothing(text: str, current: Language) -> None:
    found = detect(text, current)
    assert (found.language, found.sure) == (current, False)


def test_uyghur_is_not_taken_for_kazakh() -> None:
    assert not detect("چېگرا قاچان ئېچىلىدۇ، ۋىزا كېرەكمۇ", RU).sure


def test_a_choice_by_hand_wins_until_three_messages_in_a_row_differ() -> None:
    state = LanguageState(current=KK, chosen=KK)
    for text in ("когда открывается граница", "можно с собакой"):
        state = follow(text, state)
        assert state.current == KK
    state = follow("нужна ли виза", state)
    assert state.current == RU
    assert state.chosen is None


def test_one_message_in_the_chosen_language_starts_the_count_again() -> None:
    state = LanguageState(current=KK, chosen=KK)
    for text in ("можно с собакой", "когда откроют", "шекара қашан ашылады", "нужна ли виза"):
        state = follow(text, state)
    assert state.current == KK
    assert state.streak == 1


def test_a_neutral_message_neither_counts_nor_breaks_the_count() -> None:
    state = LanguageState(current=KK, chosen=KK)
    for text in ("можно с собакой", "123", "когда откроют границу", "👍", "нужна ли виза"):
        state = follow(text, state)
    assert state.current == RU


@given(st.text(max_size=80), st.sampled_from([None, ZH, HANT, KK, ARAB, LATN, RU, EN]))
def test_every_text_gets_a_language_and_script_that_we_speak(
    text: str, current: Language | None
) -> None:
    found = detect(text, current).language
    assert found.script in SCRIPTS[found.code]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_a_conversation_s_language_survives_being_stored(texts: list[str]) -> None:
    from dataclasses import asdict

    state = LanguageState()
    for text in texts:
        state = follow(text, state)
        assert LanguageState.from_dict(asdict(state)) == state
