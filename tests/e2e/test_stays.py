"""Days of stay through the whole system: in one sentence, in four languages."""

from __future__ import annotations

from datetime import date, timedelta

import aiohttp
import pytest

from tests.system import System
from tests.talk import Traveler

DAY = date.today()
FIRST, SECOND = (
    (DAY - timedelta(days=75), DAY - timedelta(days=58)),
    (DAY - timedelta(days=45), DAY - timedelta(days=21)),
)
PLAN = DAY + timedelta(days=40)
PAST = f"{FIRST[0]} – {FIRST[1]}, {SECOND[0]} – {SECOND[1]}"
ASKED = {
    "en": f"I was in Kazakhstan {PAST}, may I go again on {PLAN} for 20 days?",
    "zh": f"我在哈萨克斯坦的日期是{PAST}，{PLAN}还想去20天，免签天数够吗？",
    "ru": f"Был в Казахстане {PAST}, можно снова {PLAN} на 20 дней?",
    "kk": f"Қытайда {PAST} болдым, {PLAN} күні 20 күнге қайта бара аламын ба?",
}
SHOWN = [(str(entry), str(exit_)) for entry, exit_ in (FIRST, SECOND)]


@pytest.mark.parametrize("language", ASKED)
async def test_one_sentence_is_answered_with_the_count(system: System, language: str) -> None:
    async with aiohttp.ClientSession() as session:
        traveler = await Traveler.arrive(session, system.url, language=language)
        answer = await traveler.ask(ASKED[language])
        card = answer["card"]
        assert card["kind"] == "stay_timeline", answer["text"]
        assert [(stay["entry"], stay["exit"]) for stay in card["stays"]] == SHOWN
        # 18 and 25 days before, all within the 180 days up to the plan
        assert (card["plan"]["entry"], card["used"]) == (str(PLAN), 18 + 25)
