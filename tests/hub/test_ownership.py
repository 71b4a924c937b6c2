"""The rules of ownership: in any order of events exactly one speaker, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub import ownership
from hub.ownership import LEASE, REASONS, Ownership, RefusedError

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
OFFICERS = st.integers(min_value=1, max_value=3)


class Conversation(RuleBasedStateMachine):
    """One conversation through any story; a model of who holds it stands beside the state."""

    def __init__(self) -> None:
        super().__init__()
        self.state = Ownership()
        self.now = NOW
        self.holder: int | None = None
        self.waiting = False

    @rule(reason=st.sampled_from(REASONS))
    def somebody_is_needed(self, reason: ownership.Reason) -> None:
        before = self.state
        self.state = ownership.ask(self.state, reason, self.now)
        self.waiting = self.holder is None
        if before.reason:
            assert REASONS.index(self.state.reason) <= REASONS.index(before.reason)
            assert self.state.since == before.since

    @rule(left=st.lists(st.sampled_from(REASONS), max_size=2))
    def it_was_a_false_alarm(self, left: list[ownership.Reason]) -> None:
        self.state = ownership.calm(self.state, left)
        if self.waiting and not left:
            self.waiting = False

    @rule(officer=OFFICERS)
    def an_officer_claims(self, officer: int) -> None:
        over = ownership.lease_is_over(self.state, self.now)
        refused = self._change(lambda: ownership.claim(self.state, officer, self.now))
        assert refused == (None if self.holder in (None, officer) or over else "taken")
        if not refused:
            self.holder, self.waiting = officer, False

    @rule(officer=OFFICERS)
    def an_officers_page_gives_a_sign(self, officer: int) -> None:
        if self._by_holder(officer, lambda: ownership.renew(self.state, officer, self.now)):
            assert self.state.lease_until == self.now + LEASE

    @rule(officer=OFFICERS, wanted=st.sampled_from([None, "zh", "officer:2"]))
    def an_officer_passes_it_on(self, officer: int, wanted: str | None) -> None:
        if self._by_holder(officer, lambda: ownership.pass_on(self.state, officer, wanted)):
            self.holder, self.waiting = None, True
            assert self.state.wanted == wanted

    @rule(officer=OFFICERS, closed=st.booleans())
    def an_officer_gives_it_back(self, officer: int, closed: bool) -> None:
        if self._by_holder(officer, lambda: ownership.give_back(self.state, officer, closed)):
            self.holder, self.waiting = None, False

    @rule()
    def the_traveler_calls_it_off(self) -> None:
        refused = self._change(lambda: ownership.call_off(self.state))
        assert refused == (None if self.waiting else "not_waiting")
        self.waiting = False

    @rule(seconds=st.integers(min_value=1, max_value=900))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def leases_are_looked_at(self) -> None:
        over = ownership.lease_is_over(self.state, self.now)
        self.state = ownership.expire(self.state, self.now)
        if over:
            # the traveler waits again, as long as before, and is not forgotten
            self.holder, self.waiting = None, True

    @precondition(lambda self: self.holder is not None)
    @rule()
    def the_holder_gone_for_longer_than_the_lease_loses_it(self) -> None:
        self.now = self.state.lease_until + timedelta(seconds=1)
        self.state = ownership.expire(self.state, self.now)
        assert self.state.owner == "queue"
        self.holder, self.waiting = None, True

    @invariant()
    def exactly_one_speaks(self) -> None:
        speakers = [
            officer for officer in (1, 2, 3) if ownership.officer_may_speak(self.state, officer)
        ]
        if ownership.assistant_may_speak(self.state):
            speakers.append(0)
        assert len(speakers) == 1
        assert speakers == [self.holder or 0]

    @invariant()
    def the_state_holds_together(self) -> None:
        state = self.state
        assert (state.owner == "officer") == (self.holder is not None)
        assert (state.owner == "queue") == self.waiting
        assert (state.officer is None) == (state.lease_until is None) == (state.owner != "officer")
        assert (state.reason is None) == (state.since is None) == (state.owner == "assistant")
        assert not (state.closed and state.owner != "assistant")

    def _change(self, change: Callable[[], Ownership]) -> str | None:
        """Makes a change; the code with which it was refused, if it was."""
        try:
            self.state = change()
        except RefusedError as error:
            return error.code
        return None

    def _by_holder(self, officer: int, change: Callable[[], Ownership]) -> bool:
        """Makes a change that only the holder may make; whether it was made."""
        refused = self._change(change)
        assert refused == (None if self.holder == officer else "not_yours")
        return refused is None


TestOwnership = Conversation.TestCase


def test_of_two_officers_one_wins_and_the_other_is_told() -> None:
    waiting = ownership.ask(Ownership(), "asked", NOW)
    won = ownership.claim(waiting, 1, NOW)
    with pytest.raises(RefusedError, match="taken"):
        ownership.claim(won, 2, NOW)


def test_a_vanished_officers_conversation_goes_back_to_the_queue_with_its_waiting_time() -> None:
    held = ownership.claim(ownership.ask(Ownership(), "danger", NOW), 1, NOW)
    later = NOW + LEASE + timedelta(seconds=1)
    again = ownership.expire(held, later)
    assert (again.owner, again.reason, again.since) == ("queue", "danger", NOW)
