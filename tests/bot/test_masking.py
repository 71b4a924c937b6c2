"""What is exported or logged shows no number of a person or a car, and all others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import MASK, masked


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
    "number",
    [
        # passports and identity cards
        "E12345678",
        "EA1234567",
        "N12345678",
        "G12345678",
        "e12345678",
        "E 12345678",
        "N № 12345678",
        "Е12345678",  # a Cyrillic letter
        "75 1234567",
        "75 №1234567",
        "4510 123456",
        "45 10 123456",
        "012345678",
        "900101 300123",
        "900101 300 123",
        "420101 19900307 888X",
        # phones
        "+7 701 747 01 86",
        "+7(701)747-01-86",
        "+77017470186",
        "87017470186",
        "8 701 747 01 86",
        "8 (701) 747-01-86",
        "8-701-747-01-86",
        "701 747 01 86",
        "8 (72236) 2-12-34",
        "8 72236 2 12 34",
        "+8613812345678",
        "+86 138 1234 5678",
        "13812345678",
        "138-1234-5678",
        "138 123 456 78",
        "86 138 1234 5678",
        "0901-6221234",
        "010 1234 5678",
        # plates
        "新G12345",
        "新G 12345",
        "新GD12345",
        "新g12345",
        "粤B·D1234",
        "新G1234挂",
        "123ABC16",
        "123abc16",
        "123 AB 16",
        "123АВС16",  # Cyrillic letters
        "A123BCD",
        "А123ВС77",
        # cards of banks
        "6222 0212 3456 7890 123",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "это {}, вот", "我的{}丢了", "нөмірім: {}.", r"one\n{}\nmore"]
)
def test_a_number_is_covered_however_it_is_written(number: str, around: str) -> None:
    text = masked(around.format(number))
    assert number not in text
    assert sum(each.isalnum() for each in text) <= sum(c.isalnum() for c in around) + 2


@pytest.mark.parametrize(
    "text",
    [
        "12367, 120 and 112",
        "110,119,120,12367",
        "2026-11-24 14:30",
        "2026-11-24 14:05:39,123 INFO",
        "2026-11-24T14:05:39.123456+00:00",
        "2026-11-24 2026-11-25",
        "24.11.2026",
        "24-11-2026",
        "24/11/2026 10:00-19:00",
        "20261124",
        "2025 - 2027",
        "2025 2026 2027 2028",
        "2026年11月24日10时30分",
        "3 марта 2026 года",
        "10:00 - 19:00 (UTC+8)",
        "20 000 юаней и 10 000 долларов",
        "10 000 000 тенге",
        "1 000 000 000 тенге",
        "100000000 тенге",
        "5 000 - 10 000 - 20 000",
        "15000-200000",
        "1,000,000.50 KZT",
        "500 USD 20",
        "200 KZT 15",
        "40 kg 16",
        "100 KG 16",
        "0.9876543210987",
        "lane 5, 3 people, 2 bags",
        "中方大厅3号窗口",
        "在Tacheng换车",
        "新Tacheng",
        "G219, S221, G3015",
        "flight CZ6843 on 24 November",
        "[12345] [INFO] 127.0.0.1:5005",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert masked(text) == text
    assert MASK not in masked(text)


@given(st.text("E1234567890 .-+()№新GX挂nа"))
def test_a_text_keeps_its_length_and_is_covered_once(text: str) -> None:
    once = masked(text)
    assert len(once) == len(text)
    assert masked(once) == once
