"""The rules of requests: in any order of events no state is skipped, and an end is an end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from hub import request_rules
from hub.ownership import RefusedError
from hub.request_rules import EXPIRES_AFTER, OPEN, Request, number_of, number_said

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OFFICERS = st.integers(min_value=1, max_value=3)
IDS = st.integers(min_value=1, max_value=10_000_000)


class Story(RuleBasedStateMachine):
    """One request through any story; which steps may follow stands here a second time."""

    def __init__(self) -> None:
        super().__init__()
        self.request = Request(due_at=NOW + timedelta(hours=1))
        self.now = NOW
        self.changes = 0

    def _try(self, may: set[str], change: Callable[[], Request]) -> None:
        before, code = self.request, None
        try:
            self.request = change()
        except RefusedError as error:
            code = error.code
        if before.state in may:
            assert code is None
            self.changes += 1
        else:
            assert code == ("request_not_now" if before.state in OPEN else "request_over")
            assert self.request == before

    @rule(officer=OFFICERS)
    def an_officer_accepts(self, officer: int) -> None:
        self._try(
            {"requested", "accepted"},
            lambda: request_rules.accept(self.request, officer, "special_lane", None, self.now),
        )

    @rule(officer=OFFICERS)
    def an_officer_starts(self, officer: int) -> None:
        self._try({"accepted"}, lambda: request_rules.start(self.request, officer))

    @rule(officer=OFFICERS)
    def an_officer_finishes(self, officer: int) -> None:
        self._try({"under_way"}, lambda: request_rules.finish(self.request, officer))

    @rule(officer=OFFICERS)
    def an_officer_refuses(self, officer: int) -> None:
        self._try(
            {"requested", "accepted"}, lambda: request_rules.refuse(self.request, officer, "no")
        )

    @rule()
    def somebody_cancels(self) -> None:
        self._try(set(OPEN), lambda: request_rules.cancel(self.request))

    @rule(minutes=st.integers(min_value=1, max_value=90))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        before = self.request
        self.request = request_rules.expire(before, self.now)
        over = self.now >= NOW + timedelta(hours=1) + EXPIRES_AFTER
        assert (self.request.state == "expired") == (
            before.state == "expired" or (before.state == "requested" and over)
        )
        self.changes += self.request != before

    @invariant()
    def every_change_counts_once(self) -> None:
        assert self.request.version == 1 + self.changes

    @invariant()
    def an_officer_and_a_place_stand_from_the_acceptance_on(self) -> None:
        if self.request.state in ("accepted", "under_way", "done"):
            assert self.request.officer
            assert self.request.place == "special_lane"


TestStory = Story.TestCase


@given(IDS, IDS)
def test_every_request_has_a_number_of_its_own(one: int, other: int) -> None:
    assert (number_of(one) == number_of(other)) == (one == other)
    assert number_said(number_of(one)) == number_of(one)


@given(IDS, st.data())
def test_one_wrong_digit_or_two_changed_about_are_no_number(
    request_id: int, data: st.DataObject
) -> None:
    number = number_of(request_id)
    at = data.draw(st.integers(min_value=1, max_value=len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    wrong = number[:at] + digit + number[at + 1 :]
    assert number_said(wrong) == (number if wrong == number else None)
    at = data.draw(st.integers(min_value=1, max_value=len(number) - 2))
    swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    assert number_said(swapped) == (number if swapped == number else None)


def test_a_number_is_known_however_it_is_written() -> None:
    number = number_of(7)
    digits = number[1:]
    eastern = "".join(chr(0x06F0 + int(digit)) for digit in digits)
    for written in (number, number.lower(), f"№ {digits[:3]} {digits[3:]}", f"R-{digits}", eastern):
        assert number_said(written) == number


def test_it_expires_two_hours_after_its_time_and_is_late_from_its_time_on() -> None:
    request = Request(due_at=NOW)
    just_before = NOW + timedelta(hours=2) - timedelta(seconds=1)
    assert request_rules.expire(request, just_before) == request
    assert request_rules.expire(request, NOW + timedelta(hours=2)).state == "expired"
    assert not request_rules.is_late(request, NOW - timedelta(seconds=1))
    assert request_rules.is_late(request, NOW)


def test_an_officer_may_name_another_time_but_none_that_has_passed() -> None:
    request = Request(due_at=NOW)
    later = NOW + timedelta(hours=1)
    accepted = request_rules.accept(request, 1, "special_lane", later, NOW)
    assert (accepted.due_at, accepted.officer) == (later, 1)
    assert request_rules.accept(accepted, 2, "hall_entrance", None, NOW).due_at == later
    with pytest.raises(RefusedError, match="request_not_now"):
        request_rules.accept(request, 1, "special_lane", NOW - timedelta(minutes=1), NOW)


def test_a_page_that_has_not_seen_the_last_change_changes_nothing() -> None:
    with pytest.raises(RefusedError, match="request_changed"):
        request_rules.must_be_at(Request(version=2), 1)
    with pytest.raises(RefusedError, match="request_over"):
        request_rules.must_be_at(Request(state="cancelled", version=2), 1)
