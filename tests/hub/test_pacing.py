"""Turns to send: never faster than a network's limits, and first for who calls for help."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from hub.pacing import Pace, Rate
from tests.clock import MovedClock


async def gone(pace: Pace, clock: MovedClock, wanted: list[tuple[str, bool]]) -> list[float]:
    """When each of the wanted messages went, as ``(chat, urgent)`` asked in this order."""
    went: list[float] = [-1.0] * len(wanted)

    async def send(number: int, chat: str, urgent: bool) -> None:
        async with pace.turn(chat, urgent):
            went[number] = clock.seconds()

    tasks = [
        asyncio.ensure_future(send(number, chat, urgent))
        for number, (chat, urgent) in enumerate(wanted)
    ]
    await clock.run_until(lambda: all(task.done() for task in tasks))
    return went


def pace(clock: MovedClock) -> Pace:
    return Pace([Rate(30, 1.0, kept=5)], lambda chat: [Rate(1, 1.0), Rate(20, 60.0, kept=3)], clock)


async def test_a_chat_gets_one_a_second_and_twenty_a_minute_of_which_three_are_kept() -> None:
    clock = MovedClock()
    went = await gone(pace(clock), clock, [("group", False)] * 40)
    assert went == sorted(went)
    assert all(later - earlier >= 1 for earlier, later in pairwise(went))
    assert all(later - earlier >= 60 for earlier, later in zip(went, went[17:], strict=False))
    assert went[16] < 60 <= went[17]


async def test_chats_do_not_wait_for_each_other_but_for_the_limit_of_all() -> None:
    clock = MovedClock()
    went = await gone(pace(clock), clock, [(f"chat {n}", False) for n in range(60)])
    assert went[:25] == [0.0] * 25
    assert max(went) == 2.0


async def test_who_calls_for_help_goes_before_all_who_wait() -> None:
    clock = MovedClock()
    one = pace(clock)
    went = await gone(one, clock, [("group", False)] * 30 + [("group", True)] * 3)
    assert sorted(went)[:4] == sorted([went[0], *went[30:]])
    crowd = [(f"chat {n}", False) for n in range(100)]
    clock = MovedClock()
    went = await gone(pace(clock), clock, [*crowd, ("in need", True)])
    assert went[-1] == 0.0


async def test_a_chat_that_is_blocked_waits_and_no_other_does() -> None:
    clock = MovedClock()
    one = pace(clock)
    await gone(one, clock, [("chat", False)])
    one.block("chat", 37.0)
    went = await gone(one, clock, [("chat", False), ("other", False)])
    assert went == [37.0, 0.0]


async def test_who_stops_waiting_leaves_the_line_to_the_next() -> None:
    clock = MovedClock()
    one = pace(clock)
    async with one.turn("chat"):
        waits = asyncio.ensure_future(gone(one, clock, [("chat", False)]))
        await asyncio.sleep(0)
        given_up = asyncio.ensure_future(one.turn("chat").__aenter__())
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
    assert await waits == [1.0]
