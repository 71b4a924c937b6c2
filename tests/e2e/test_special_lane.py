"""A wheelchair asked for through the whole system, from one sentence to an officer's yes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest

from tests.e2e.test_desk import officer_at
from tests.system import System
from tests.talk import Traveler

DAY = date.today() + timedelta(days=3)
SENTENCES = {
    "ru": f"нужна коляска для папы, {DAY} в 15:00 по Пекину, нас двое, на автобусе в Казахстан",
    "en": f"need a wheelchair for my dad, {DAY} at 3pm Beijing time, two people, bus to Kazakhstan",
}
PEOPLE = 2


def button(message: dict[str, Any], words: str) -> str:
    """The payload of the button that holds some words of its payload."""
    return next(b["payload"] for b in message["buttons"] if words in b["payload"])


@pytest.mark.parametrize("language", SENTENCES)
async def test_one_sentence_and_a_yes_make_a_request_that_an_officer_accepts(
    system: System, language: str
) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        headers = await officer_at(system, session, f"board-{language}")
        traveler = await Traveler.arrive(session, system.url, language=language)
        summary = await traveler.ask(SENTENCES[language])
        assert summary["buttons"], summary["text"]
        assert str(PEOPLE) in summary["text"]
        response = await traveler.press(button(summary, "send"))
        assert response.status == 202, await response.text()
        told = (await traveler.log_until(messages=4))[-1]

        api = f"{system.url}/desk/api/requests"
        async with session.get(api) as answer:
            listed = (await answer.json())["requests"]
        (request,) = [
            each for each in listed if each["conversation_id"] == traveler.conversation["id"]
        ]
        assert request["number"] in told["text"]
        assert (request["state"], request["people"]) == ("requested", PEOPLE)
        body = {"place": "hall_entrance", "version": request["version"]}
        async with session.post(
            f"{api}/{request['number']}/accept", json=body, headers=headers
        ) as answer:
            assert answer.status == 200, await answer.text()
        notice = (await traveler.log_until(messages=5))[-1]
        assert (notice["author"], notice["language"]) == ("system", language)
        assert request["number"] in notice["text"]
