"""The counting of days of stay, beside a count day by day that knows nothing of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stays import BadStaysError, Plan, Stay, assess, problems_of

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
LENGTHS = (0, 4, 9, 14, 19, 24, 28, 29, 30)
"""Days after the first, the last of which is one too many."""


def d(text: str) -> date:
    return date.fromisoformat(text)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Stay], Plan]:
    """Past stays without overlap, told in any order, and a plan."""
    gaps = draw(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 45)), max_size=9))
    end, stays = TODAY, []
    for gap, length in gaps:
        # a gap of 0 leaves on the day on which the next stay begins
        exit_ = end - gap * DAY
        entry = exit_ - (length - 1) * DAY
        stays.append(Stay(entry, exit_))
        end = entry
    entry = TODAY + draw(st.integers(0, 200)) * DAY
    days = draw(st.none() | st.integers(1, 45))
    plan = Plan(entry, None if days is None else entry + (days - 1) * DAY)
    return draw(st.permutations(stays)), plan


def brute_last_day(stays: list[Stay], entry: date) -> date | None:
    """The last permitted day, by looking at each of the days before each day of a stay."""

    def there(day: date, last: date) -> bool:
        past = any(s.entry <= day and s.exit is not None and day <= s.exit for s in stays)
        return past or entry <= day <= last

    permitted = None
    for number in range(30):
        last = entry + number * DAY
        if sum(there(last - back * DAY, last) for back in range(180)) > 90:
            break
        permitted = last
    return permitted


@given(histories())
def test_the_last_day_is_that_of_a_count_over_every_day(history: tuple[list[Stay], Plan]) -> None:
    stays, plan = history
    verdict = assess(stays, plan, TODAY)
    assert verdict.last_day == brute_last_day(stays, plan.entry)
    asked = plan.last or plan.entry
    assert verdict.permitted == (verdict.last_day is not None and asked <= verdict.last_day)


@given(histories())
def test_no_stay_is_longer_than_30_days_and_no_window_fuller_than_90(
    history: tuple[list[Stay], Plan],
) -> None:
    verdict = assess(*history, TODAY)
    assert 0 <= verdict.longest <= 30
    assert 0 <= verdict.used <= 180
    assert verdict.left == max(0, 90 - verdict.used)
    assert (verdict.longest == 0) == (verdict.last_day is None)
    if verdict.limit != "window":
        assert verdict.longest == 30


@given(histories(), st.integers(0, 400), st.integers(1, 30))
def test_one_more_past_stay_never_gives_more_days(
    history: tuple[list[Stay], Plan], back: int, length: int
) -> None:
    stays, plan = history
    exit_ = TODAY - back * DAY
    more = [*stays, Stay(exit_ - (length - 1) * DAY, exit_)]
    if problems_of(more, plan, TODAY):
        return
    before, after = assess(stays, plan, TODAY), assess(more, plan, TODAY)
    assert after.longest <= before.longest
    assert after.used >= before.used


@given(histories())
def test_a_shorter_plan_is_permitted_where_a_longer_one_is(
    history: tuple[list[Stay], Plan],
) -> None:
    stays, plan = history
    answers = [
        assess(stays, Plan(plan.entry, plan.entry + n * DAY), TODAY).permitted for n in LENGTHS
    ]
    assert answers == sorted(answers, reverse=True)
    assert not answers[-1]


@given(histories())
def test_the_first_entry_fits_and_the_day_before_does_not(
    history: tuple[list[Stay], Plan],
) -> None:
    stays, plan = history
    first = assess(stays, plan, TODAY).first_entry
    length = plan.days or 1
    if length > 30:
        assert first is None
        return
    assert first is not None
    assert assess(stays, Plan(first, first + (length - 1) * DAY), TODAY).permitted
    if first > plan.entry:
        before = first - DAY
        assert not assess(stays, Plan(before, before + (length - 1) * DAY), TODAY).permitted


@given(histories(), st.randoms())
def test_the_order_in_which_stays_are_told_does_not_matter(
    history: tuple[list[Stay], Plan], random: object
) -> None:
    stays, plan = history
    mixed = list(stays)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert assess(mixed, plan, TODAY).last_day == assess(stays, plan, TODAY).last_day


def test_the_example_of_two_stays_and_a_plan() -> None:
    stays = [Stay(d("2026-03-03"), d("2026-03-20")), Stay(d("2026-05-01"), d("2026-05-25"))]
    verdict = assess(stays, Plan(d("2026-08-01"), d("2026-08-20")), d("2026-06-10"))
    assert (verdict.used, verdict.left) == (43, 47)
    assert verdict.last_day == d("2026-08-30")
    assert (verdict.limit, verdict.permitted) == ("entry", True)


def test_the_window_may_end_a_stay_before_its_30_days() -> None:
    stays = [Stay(d("2026-09-01"), d("2026-09-30")), Stay(d("2026-10-05"), d("2026-11-03"))]
    verdict = assess([*stays, Stay(d("2026-11-10"), d("2026-11-24"))], None, TODAY)
    # a day of today's entry is one already counted
    assert (verdict.used, verdict.left, verdict.longest) == (75, 15, 16)
    assert verdict.limit == "window"


def test_ninety_used_days_leave_no_entry_and_a_first_day_when_the_oldest_are_gone() -> None:
    stays = [Stay(d("2026-08-01") + n * 31 * DAY, d("2026-08-30") + n * 31 * DAY) for n in range(3)]
    verdict = assess(stays, Plan(d("2026-11-24"), d("2026-12-03")), TODAY)
    assert (verdict.used, verdict.last_day, verdict.permitted) == (90, None, False)
    assert verdict.first_entry == d("2026-08-01") + 180 * DAY


def test_days_older_than_the_window_fall_out_while_the_stay_goes_on() -> None:
    stays = [Stay(d("2026-05-29"), d("2026-06-26")), Stay(d("2026-06-28"), d("2026-07-27"))]
    verdict = assess([*stays, Stay(d("2026-07-28"), d("2026-08-26"))], None, TODAY)
    assert verdict.left < verdict.longest == 30


def test_a_leap_day_is_a_day() -> None:
    verdict = assess([Stay(d("2024-02-20"), d("2024-03-02"))], None, d("2024-03-10"))
    assert verdict.used == 12


def test_a_stay_of_one_day_and_one_that_begins_where_another_ends_count_each_day_once() -> None:
    stays = [Stay(d("2026-11-01"), d("2026-11-01")), Stay(d("2026-11-01"), d("2026-11-03"))]
    assert assess(stays, None, TODAY).used == 3


def test_a_stay_that_lasts_is_counted_from_its_entry() -> None:
    verdict = assess([Stay(d("2026-11-10"))], None, TODAY)
    assert (verdict.plan.entry, verdict.used) == (d("2026-11-10"), 0)
    assert verdict.last_day == d("2026-12-09")


def test_a_past_stay_above_30_days_is_named() -> None:
    long, short = Stay(d("2026-03-01"), d("2026-03-31")), Stay(d("2026-05-01"), d("2026-05-30"))
    assert assess([long, short], None, TODAY).too_long == (long,)


@pytest.mark.parametrize(
    ("stays", "plan", "trouble"),
    [
        ([("2026-03-20", "2026-03-03")], None, "reversed"),
        ([("2026-03-03", "2026-03-20"), ("2026-03-15", "2026-04-01")], None, "overlap"),
        ([("2026-03-03", "2026-03-20"), ("2026-03-03", "2026-03-20")], None, "overlap"),
        ([("2026-12-03", "2026-12-20")], None, "future"),
        ([("2026-11-03", "2026-12-20")], None, "future"),
        ([("2026-11-03", None)], ("2026-12-20", None), "still_inside"),
        ([("2026-11-03", None), ("2026-11-13", "2026-11-14")], None, "still_inside"),
        ([], ("2026-08-01", "2026-08-20"), "plan_past"),
        ([], ("2026-08-01", None), "plan_past"),
        ([], ("2026-12-20", "2026-12-01"), "reversed"),
        ([], ("2029-08-01", None), "plan_far"),
        ([("2026-11-03", "2026-11-20")], ("2026-11-18", "2026-11-30"), "overlap"),
    ],
)
def test_dates_that_cannot_be_counted_are_named_and_refused(
    stays: list[tuple[str, str | None]], plan: tuple[str, str | None] | None, trouble: str
) -> None:
    told = [Stay(d(entry), d(exit_) if exit_ else None) for entry, exit_ in stays]
    planned = Plan(d(plan[0]), d(plan[1]) if plan[1] else None) if plan else None
    with pytest.raises(BadStaysError) as refused:
        assess(told, planned, TODAY)
    assert [problem.trouble for problem in refused.value.problems] == [trouble]
