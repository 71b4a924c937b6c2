"""Details of requests: what cannot be is refused kind by kind, and who asks twice means one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub import request_details
from hub.request_details import due_at, same
from hub.request_rules import KINDS, BadRequestError, Kind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WHEN = {"date": "2026-11-25", "time": "10:00", "zone": "beijing"}
GOOD: dict[Kind, dict[str, Any]] = {
    "special_lane": {
        "help": ["wheelchair"],
        "people": 2,
        "direction": "leaving_china",
        "vehicle": "bus",
        **WHEN,
    },
    "lost_item": {"what": "a green bag", "where": "hall", "date": "2026-11-23", "contact": "+77"},
    "complaint": {"tone": "praise", "text": "Thank you", "anonymous": False, "contact": "+77"},
    "interpreter": {"languages": ["kk", "zh"], "place": "window 3", **WHEN},
    "appointment": {
        "cargo": "apples",
        "vehicle": "truck",
        "count": 2,
        "direction": "entering_china",
        **WHEN,
    },
}
WRONG: list[tuple[Kind, dict[str, object]]] = [
    ("special_lane", {"people": 0}),
    ("special_lane", {"people": 51}),
    ("special_lane", {"people": True}),
    ("special_lane", {"people": "3"}),
    ("special_lane", {"date": "2026-02-31"}),
    ("special_lane", {"time": "25:00"}),
    ("special_lane", {"zone": "unclear"}),
    ("special_lane", {"help": []}),
    ("special_lane", {"help": ["diabetes"]}),
    ("special_lane", {"direction": "north"}),
    ("special_lane", {"vehicle": None}),
    ("special_lane", {"note": "x" * 501}),
    ("lost_item", {"what": " "}),
    ("lost_item", {"where": None}),
    ("lost_item", {"date": "2026-02-31"}),
    ("lost_item", {"what": "x" * 501}),
    ("complaint", {"tone": "threat"}),
    ("complaint", {"text": ""}),
    ("complaint", {"text": "x" * 2001}),
    ("complaint", {"anonymous": None}),
    ("interpreter", {"languages": []}),
    ("interpreter", {"languages": ["fr"]}),
    ("interpreter", {"time": None}),
    ("appointment", {"count": 0}),
    ("appointment", {"count": 500}),
    ("appointment", {"cargo": ""}),
    ("appointment", {"vehicle": "bus"}),
    ("appointment", {"direction": None}),
    ("appointment", {"date": "2026-02-31"}),
]


@pytest.mark.parametrize("kind", KINDS)
def test_what_nobody_asked_for_is_not_kept(kind: Kind) -> None:
    told = {**GOOD[kind], "passport": "N12345678", "note": None}
    assert request_details.checked(kind, told) == GOOD[kind]


@pytest.mark.parametrize(("kind", "wrong"), WRONG, ids=str)
def test_no_request_has_details_that_cannot_be(kind: Kind, wrong: dict[str, object]) -> None:
    with pytest.raises(BadRequestError):
        request_details.checked(kind, {**GOOD[kind], **wrong})


def test_an_anonymous_complaint_keeps_no_phone_number() -> None:
    kept = request_details.checked("complaint", {**GOOD["complaint"], "anonymous": True})
    assert kept == {"tone": "praise", "text": "Thank you", "anonymous": True}


@pytest.mark.parametrize(("zone", "hour"), [("beijing", 2), ("kazakhstan", 5)])
def test_ten_o_clock_is_three_hours_apart_on_the_two_sides(zone: str, hour: int) -> None:
    details = {**GOOD["special_lane"], "zone": zone}
    assert due_at("special_lane", details, NOW) == datetime(2026, 11, 25, hour, tzinfo=UTC)


def test_an_interpreter_for_now_is_due_at_once_and_a_lost_thing_at_no_time() -> None:
    now = request_details.checked("interpreter", {"languages": ["kk"], "now": True})
    assert due_at("interpreter", now, NOW) == NOW
    assert request_details.reason(now) == "asked"
    assert request_details.reason(GOOD["interpreter"]) == "request"
    assert due_at("lost_item", GOOD["lost_item"], NOW) is None
    assert due_at("complaint", GOOD["complaint"], NOW) is None


EVENING = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
"""23:30 of the day at the port; half an hour later it is the next one there."""


@pytest.mark.parametrize(
    ("kind", "change", "hours", "expected"),
    [
        ("special_lane", {}, 0, True),
        ("special_lane", {"people": 5}, -10, True),
        ("special_lane", {}, 1, False),
        ("lost_item", {"what": "A green bag!"}, 0, True),
        ("lost_item", {"where": "bus"}, 0, True),
        ("lost_item", {"what": "a red bag"}, 0, False),
        ("complaint", {"text": "thank  you."}, 0, True),
        ("complaint", {"tone": "complaint"}, 0, False),
        ("complaint", {"text": "Thank you, officer 5"}, 0, False),
        ("interpreter", {"place": "window 4"}, -10, True),
        ("interpreter", {"now": True}, 0, False),
        ("interpreter", {}, 1, False),
        ("appointment", {"count": 3}, -10, True),
        ("appointment", {"cargo": "Apples."}, 0, True),
        ("appointment", {"cargo": "tomatoes"}, 0, False),
        ("appointment", {"direction": "leaving_china"}, 0, False),
        ("appointment", {}, 1, False),
    ],
)
def test_the_same_kind_is_the_same_request_by_content_or_day(
    kind: Kind, change: dict[str, Any], hours: int, expected: bool
) -> None:
    days = (EVENING, EVENING + timedelta(hours=hours))
    assert same(kind, GOOD[kind], {**GOOD[kind], **change}, days) is expected
