"""Private chats on Telegram: the real library against a strict local server."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient

from tests.clock import MovedClock
from tests.fakes.telegram import FakeTelegram
from tests.stand_in import StandIn


def texts(sent: list[dict[str, Any]]) -> list[str]:
    return [each["text"] for each in sent]


async def test_a_question_is_answered_in_its_chat(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock
) -> None:
    aigul = telegram.person("Aigul", "kk")
    aigul.say("Визасыз қанша күн жүре аламын?")
    await clock.run_until(lambda: len(telegram.sent) >= 1)
    assert texts(telegram.to(aigul)) == ["echo Визасыз қанша күн жүре аламын?"]
