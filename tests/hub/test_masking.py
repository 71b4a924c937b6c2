"""What is exported shows no number of a passport, card, plate or phone, and keeps all others."""

import pytest

from hub.masking import MASK, masked


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("my passport E12345678 is lost", "●●●●●●●78"),
        ("паспорт N1234567", "●●●●●●67"),
        ("护照EJ1234567丢了", "●●●●●●●67"),
        ("ИИН 900101300123", "●●●●●●●●●●23"),
        ("身份证42010119900307888X", "●●●●●●●●●●●●●●●●8X"),
        ("call +7 701 747 0186 now", "+● ●●● ●●● ●●86"),
        ("130 1234 5678", "●●● ●●●● ●●78"),
        ("新G·A1234 的车", "●●·●●●34"),
        ("машина 123 ABC 16", "●●● ●●● 16"),
    ],
)
def test_numbers_of_people_and_cars_are_covered(text: str, covered: str) -> None:
    assert covered in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "12367, 120 and 112",
        "2026-11-24 14:30",
        "24.11.2026",
        "3 марта 2026 года",
        "20 000 юаней и 10 000 долларов",
        "lane 5, 3 people, 2 bags",
        "中方大厅3号窗口",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert masked(text) == text
    assert MASK not in masked(text)
