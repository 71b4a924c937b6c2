"""Kazakh in three scripts and Chinese in two: known spellings, and there and back again."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.scripts import (
    arabic_to_cyrillic,
    cyrillic_to_arabic,
    cyrillic_to_latin,
    latin_to_cyrillic,
    normalize,
    to_script,
)

ARABIC = {
    "қазақ": "قازاق",
    "шекара": "شەكارا",
    "көмек": "كومەك",
    "әке": "اكە",
    "ән": "ٴان",
    "үш": "ٴۇش",
    "біз": "ٴبىز",
    "өмір": "ٴومىر",
    "күн": "كۇن",
    "үй": "ٴۇي",
    "су": "سۋ",
    "хат": "حات",
    "қаһарман": "قاھارمان",
    "жаңа": "جاڭا",
    "вагон": "ۆاگون",
    "шеше": "شەشە",
    "жүру": "ٴجۇرۋ",
    "түн": "ٴتۇن",
}
LATIN = {
    "Қазақстан": "Qazaqstan",
    "шекара": "şekara",
    "көмек": "kömek",
    "әке": "äke",
    "үш": "üş",
    "ұлы": "ūly",
    "іні": "ını",
    "жаңа": "jaña",
    "ғылым": "ğylym",
    "ия": "iia",
    "чек": "chek",
}
INFORMAL = {
    "shekara": "шекара",
    "qazaq": "қазақ",
    "kómek": "көмек",
    "ko'mek": "көмек",
    "jan'a": "жаңа",
    "jańa": "жаңа",
    "gh": "ғ",
}
# words as native words are: of one harmony, ә and ө in the first syllable only
BACK = st.text("абғджзқлмнңопрстұшы", min_size=1, max_size=10)
FRONT = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", *"бдкмстш"]),
        st.sampled_from("әөүі"),
        st.text("бгджзклмнңпрстшүіе", max_size=8),
    ),
)


@pytest.mark.parametrize(("cyrillic", "arabic"), ARABIC.items())
def test_a_word_in_arabic_letters(cyrillic: str, arabic: str) -> None:
    assert cyrillic_to_arabic(cyrillic) == arabic
    assert arabic_to_cyrillic(arabic) == cyrillic


@pytest.mark.parametrize(("cyrillic", "latin"), LATIN.items())
def test_a_word_in_the_latin_alphabet_of_2021(cyrillic: str, latin: str) -> None:
    assert cyrillic_to_latin(cyrillic) == latin


@pytest.mark.parametrize(("latin", "cyrillic"), INFORMAL.items())
def test_latin_as_people_type_it_is_read(latin: str, cyrillic: str) -> None:
    assert latin_to_cyrillic(latin) == cyrillic


@given(BACK | FRONT)
def test_to_arabic_and_back(word: str) -> None:
    assert arabic_to_cyrillic(cyrillic_to_arabic(word)) == word


@given(st.text("аәбгғдежзқклмнңоөпрстұүшы", min_size=1, max_size=12))
def test_to_latin_and_back(word: str) -> None:
    assume("тс" not in word)  # ц is written ts too
    assume(not re.search("[ыи][аоу]", word))  # read as я, ё, ю; no native word has them
    assume("нг" not in word)  # chats write ng for ң
    assert latin_to_cyrillic(cyrillic_to_latin(word)) == word


def test_the_hamza_stands_once_before_the_word() -> None:
    text = cyrillic_to_arabic("Біз үшінші дәлізден өтеміз.")
    assert text == "ٴبىز ٴۇشىنشى دالىزدەن وتەمىز."


@pytest.mark.parametrize(("language", "script"), [("kk", "Arab"), ("kk", "Latn"), ("zh", "Hant")])
@given(st.text("0123456789 +-.:/%$€ABCxyz", max_size=40))
def test_numbers_plates_and_links_stay_as_they_are(language: str, script: str, text: str) -> None:
    assert to_script(text, language, script) == text


def test_a_sentence_keeps_its_numbers_and_brands() -> None:
    text = "Kaspi картасымен 12367 нөміріне https://gov.kz сайтынан, AED және 8 702 123-45-67?"
    arabic = to_script(text, "kk", "Arab")
    for kept in ("Kaspi", "12367", "https://gov.kz", "AED", "8 702 123-45-67"):
        assert kept in arabic
    assert arabic.endswith("?")
    assert not re.search("[а-яәғқңөұүһі]", arabic, re.IGNORECASE)


@pytest.mark.parametrize("kept", ["А123ВС 77", "А123ВС", "https://egov.kz/қаз?a=1"])
def test_cyrillic_plates_and_links_stay_too(kept: str) -> None:
    for script in ("Arab", "Latn"):
        assert kept in to_script(f"Көлік {kept} өтті", "kk", script)


def test_arabic_punctuation_follows_arabic_letters() -> None:
    assert to_script("Виза керек пе, жоқ па?", "kk", "Arab") == "ۆيزا كەرەك پە، جوق پا؟"


def test_traditional_characters_go_out_and_come_in() -> None:
    assert to_script("签证和护照", "zh", "Hant") == "簽證和護照"
    assert normalize("簽證和護照", "zh", "Hant") == normalize("签证和护照", "zh", "Hans")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Виза керек пе?", "kk", "Cyrl"), ("ۆيزا كەرەك پە؟", "kk", "Arab")),
        (("Виза керек пе?", "kk", "Cyrl"), ("viza kerek pe", "kk", "Latn")),
        (("қалай өтемін", "kk", "Cyrl"), ("калай отемин", "kk", "Cyrl")),
        (("МОЖНООО???", "ru", "Cyrl"), ("можно", "ru", "Cyrl")),
        (("20 000 ¥", "zh", "Hans"), ("15 300", "zh", "Hans")),
        (("KİRİS", "kk", "Latn"), ("кіріс", "kk", "Cyrl")),
        (("\u0678س", "kk", "Arab"), ("іс", "kk", "Cyrl")),
        (("\u0677ش", "kk", "Arab"), ("үш", "kk", "Cyrl")),
    ],
)
def test_spellings_of_one_thing_are_one_for_the_classifier(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assert normalize(*one) == normalize(*other)


def test_a_grouped_number_and_a_phone_number_stay_whole_from_right_to_left() -> None:
    # Unicode's rules turn two numbers around a plain space, and none around one that holds
    assert "20\u00a0000" in cyrillic_to_arabic("20 000 юань")
    assert "2026 24" in cyrillic_to_arabic("2026 24 адам")
    assert "\u200e+7 701 747 0186" in cyrillic_to_arabic("телефон +7 701 747 0186")
