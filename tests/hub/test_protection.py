"""Numbers, plates, passports, times, phones and links go through a machine untouched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.protection import LostError, cover, spare

KEPT = [
    ("Мой паспорт N12345678 остался в машине", ["N12345678"]),
    ("Паспорт E 1234567, полоса №4", ["E 1234567", "№4"]),
    ("我的车牌是新A·12345，护照E12345678", ["新A·12345", "E12345678"]),
    ("Машина 123 ABC 02 и прицеп А123ВС 02", ["123 ABC 02", "А123ВС 02"]),
    ("车牌123 ABC 02的车", ["123 ABC 02"]),
    ("Буду 03.05.2026 в 10:30, ждите", ["03.05.2026", "10:30"]),
    ("2026年5月3日上午到", ["2026年5月3日"]),
    ("Сағат 8:00–20:00 аралығы", ["8:00–20:00"]),
    ("Call +7 (701) 123-45-67 or 12367", ["+7 (701) 123-45-67", "12367"]),
    ("I have 3 bags and 10 000 tenge (50%).", ["3", "10 000", "50%"]),
    ("Wait 5, 10 or 15 minutes", ["5", "10", "15"]),
    ("See https://port.example/a?b=1, please", ["https://port.example/a?b=1"]),
    ("Write to a.b@port.example today", ["a.b@port.example"]),
    ("Жолақ ٣ пен 5кг", ["٣", "5"]),
]


@pytest.mark.parametrize(("text", "kept"), KEPT)
def test_what_must_stay_is_covered_and_comes_back(text: str, kept: list[str]) -> None:
    covered = cover(text)
    assert list(covered.kept) == kept
    assert not any(part in covered.text for part in kept if len(part) > 2)
    assert covered.uncover(covered.text) == text


@given(st.text(alphabet=st.sampled_from("aZx QА№京年5·.,:/-()+%@\n1я٣"), max_size=60))
def test_whatever_is_written_comes_back_but_for_spaces_beside_a_sign(text: str) -> None:
    covered = cover(text)
    assert covered.uncover(covered.text).replace(" ", "") == text.replace(" ", "")


def test_signs_may_come_in_another_order_and_another_case() -> None:
    covered = cover("lane 4 in 15 minutes")
    assert covered.text == "lane ZX1 in ZX2 minutes"
    assert covered.uncover("zx2分钟后在zx1号") == "15分钟后在4号"


@pytest.mark.parametrize(
    "came_back",
    [
        "полоса",
        "полоса ZX1",
        "полоса ZX1, ZX1, ZX2",
        "полоса ZX1, ZX2, ZX3",
        "полоса ZX12",
        "полоса ZX 1, ZX2",
        "полоса ZX1a, ZX2",
        "полоса ZX1, ZX2 zx",
        "полоса XZ1, ZX2",
    ],
)
def test_a_lost_doubled_or_broken_sign_spoils_the_whole(came_back: str) -> None:
    with pytest.raises(LostError):
        cover("lane 4 in 15 minutes").uncover(came_back)


def test_a_text_that_holds_our_signs_gets_others() -> None:
    covered = cover("ZX is my hall, gate 7")
    assert covered.text == "ZX is my hall, gate ZXQ1"
    assert covered.uncover("ZX — мой зал, выход ZXQ1") == "ZX — мой зал, выход 7"


def test_more_than_nine_numbers_are_told_apart() -> None:
    text = "; ".join(f"{number} a" for number in range(101, 115))
    covered = cover(text)
    assert covered.uncover(covered.text) == text


def test_only_numbers_leave_nothing_to_translate() -> None:
    assert not cover("12345, 10:30").has_words
    assert cover("12345 kg or so").has_words


def test_a_change_of_script_leaves_what_must_stay() -> None:
    assert spare("苏E12345 abc 7", str.upper) == "苏E12345 ABC 7"
