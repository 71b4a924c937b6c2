"""Searching at the desk: any script finds any, filters narrow, nothing deleted comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient
from alembic import command
from alembic.config import Config

from desk import search
from desk.search import excerpt
from hub.database import MIGRATIONS, conversations, messages
from hub.keys import DATABASE
from tests.desk.officer_page import Arrive, Officer, ask, traveler_of
from tests.desk.officers import audited
from tests.talk import Traveler


async def find(officer: Officer, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await officer.see(f"search?{urlencode(wanted)}"))[
        "conversations"
    ]
    return found


async def ids(officer: Officer, **wanted: str) -> list[str]:
    return [each["id"] for each in await find(officer, **wanted)]


async def said(hub: TestClient, text: str, language: str = "ru", script: str = "") -> Traveler:
    traveler = await traveler_of(hub, language, script)
    await traveler.ask(text)
    return traveler


def of(traveler: Traveler) -> str:
    return str(traveler.conversation["id"])


async def set_times(hub: TestClient, conversation: str, at: datetime) -> None:
    """As if all of it had been said then."""
    async with hub.app[DATABASE].write() as connection:
        await connection.execute(
            messages.update()
            .where(messages.c.conversation_id == conversation)
            .values(created_at=at)
        )
        await connection.execute(
            conversations.update()
            .where(conversations.c.id == conversation)
            .values(created_at=at, updated_at=at)
        )


@pytest.mark.parametrize(
    ("language", "script", "text", "queries"),
    [
        ("ru", "", "Где ПАСПОРТ моей дочери?", ["паспорт", "Паспорт ДОЧЕРИ", "pasport", "доч"]),
        (
            "kk",
            "Cyrl",
            "Шекараға ӨТІНІШ бердім",
            ["өтініш", "ٴوتىنىش", "ötinış", "otinish", "ШЕКАРАҒА", "شەكاراعا"],
        ),
        ("kk", "Arab", "مەنىڭ ۆيزام قايدا", ["визам", "vizam", "ۆيزام", "МЕНІҢ"]),
        ("kk", "Latn", "tölqūjatym joǧaldy", ["төлқұжатым", "تولقۇجاتىم", "TOLQUJATYM"]),
        ("zh", "Hans", "我的签证丢了", ["簽證", "签证", "簽證丟"]),
        ("zh", "Hant", "請問邊檢幾點開", ["边检", "邊檢"]),
        ("en", "", "The Customs officer's English form", ["CUSTOMS", "englis", "officer’s"]),
    ],
)
async def test_words_are_found_in_every_case_and_script(
    language: str, script: str, text: str, queries: list[str], hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    wanted = of(await said(hub, text, language, script))
    await said(hub, "12345", "en")
    for query in queries:
        assert await ids(officer, q=query) == [wanted], query
    assert await ids(officer, q="67890") == []


async def test_percent_and_underscore_are_taken_as_they_are_written(
    hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    percent = of(await said(hub, "100% sure", "en"))
    under = of(await said(hub, "file_name", "en"))
    await said(hub, "1000 sure files named", "en")
    assert await ids(officer, q="100%") == [percent]
    assert await ids(officer, q="%") == [percent]
    assert await ids(officer, q="e_n") == [under]
    assert await ids(officer, number="%") == []
    assert await ids(officer, number=under[:6]) == [under]
    assert await ids(officer, number=under[1:7]) == []


async def test_all_words_must_stand_in_one_message_and_what_is_around_them_is_shown(
    hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    traveler = await said(hub, "lost " + "so much " * 20 + "my red suitcase " + "today " * 20, "en")
    await traveler.ask("a blue bag")
    (found,) = await find(officer, q="SUITCASE lost")
    assert found["found"].startswith("…")
    assert found["found"].endswith("…")
    assert "my red suitcase today" in found["found"]
    assert len(found["found"]) < 150
    assert found["first_words"].startswith("lost so much")
    assert await find(officer, q="blue suitcase") == []
    # without words nothing was found in them
    assert [each["found"] for each in await find(officer)] == [""]


@pytest.mark.parametrize(
    ("text", "word", "shown"),
    [
        ("short words", "words", "short words"),
        ("one\ntwo  three", "thre", "one two three"),
        ("字" * 200 + "签证" + "字" * 200, "签证", "…" + "字" * 60 + "签证" + "字" * 60 + "…"),
    ],
)
def test_an_excerpt_holds_the_words_and_says_where_it_is_cut(
    text: str, word: str, shown: str
) -> None:
    assert excerpt(text, word) == shown


async def test_filters_narrow_and_closed_ones_are_found_too(
    hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    plain, waiting = await said(hub, "вопрос", "ru"), await said(hub, "question one", "en")
    held, closed = await said(hub, "сұрақ бар ма", "kk"), await said(hub, "我有一个问题", "zh")
    for traveler in (waiting, held, closed):
        await ask(hub, traveler)
    for traveler in (held, closed):
        await officer.do(of(traveler), "claim")
    await officer.do(of(closed), "close")
    everyone = {of(each) for each in (plain, waiting, held, closed)}
    assert set(await ids(officer)) == everyone
    assert set(await ids(officer, channel="web")) == everyone
    assert await ids(officer, channel="telegram") == []
    for state, traveler in (
        ("assistant", plain),
        ("queue", waiting),
        ("officer", held),
        ("closed", closed),
    ):
        assert await ids(officer, state=state) == [of(traveler)], state
    for language, traveler in (("ru", plain), ("en", waiting), ("kk", held), ("zh", closed)):
        assert await ids(officer, language=language) == [of(traveler)], language
    # also of a conversation that is over it is known why a person was needed
    asked = everyone - {of(plain)}
    assert set(await ids(officer, reason="asked")) == asked
    assert await ids(officer, reason="danger") == []
    assert await ids(officer, q="问题", state="closed", language="zh") == [of(closed)]
    assert await ids(officer, q="问题", state="queue") == []


async def test_a_day_is_one_of_the_port(hub: TestClient, officers: Arrive) -> None:
    officer = await officers("li", "07")
    late, early = await said(hub, "слово", "ru"), await said(hub, "слово", "ru")
    await set_times(hub, of(late), datetime(2026, 3, 1, 15, 59, tzinfo=UTC))
    await set_times(hub, of(early), datetime(2026, 3, 1, 16, 0, tzinfo=UTC))
    assert await ids(officer, day="2026-03-01") == [of(late)]
    assert await ids(officer, day="2026-03-02", q="слово") == [of(early)]
    assert await ids(officer, day="2026-03-03") == []


async def test_pages_follow_each_other_without_gaps_also_within_one_moment(
    hub: TestClient, officers: Arrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    officer = await officers("li", "07")
    at = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    expected = []
    for minutes in (0, 1, 1, 1, 2, 3):
        expected.append(of(await said(hub, "слово", "ru")))
        await set_times(hub, expected[-1], at - timedelta(minutes=minutes))
    seen: list[list[str]] = []
    more = ""
    while more is not None:
        page = await officer.see(f"search?q=слово&before={more}")
        seen.append([each["id"] for each in page["conversations"]])
        more = page["more"]
    assert [len(page) for page in seen] == [4, 2]
    assert sorted(each for page in seen for each in page) == sorted(expected)


async def test_a_deleted_conversation_is_never_found(hub: TestClient, officers: Arrive) -> None:
    officer = await officers("li", "07")
    traveler = await said(hub, "тайное слово", "ru")
    assert await ids(officer, q="тайное") == [of(traveler)]
    url = f"/api/conversations/{of(traveler)}"
    assert (await hub.delete(url, headers=traveler.headers)).status == 204
    assert await find(officer, q="тайное") == []
    assert await find(officer, number=of(traveler)) == []
    async with hub.app[DATABASE].read() as connection:
        left = await connection.scalar(sa.text("select count(*) from message_words"))
    assert left == 0


async def test_a_search_stands_in_the_audit_log_without_its_words(
    hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    await find(officer, q="Иванов", language="ru", day="2026-03-01")
    noted = [detail for what, _, detail in await audited(hub.app[DATABASE]) if what == "searched"]
    assert noted == [{"words": True, "language": "ru", "day": "2026-03-01"}]


@pytest.mark.parametrize(
    "wanted",
    [
        {"q": "ь"},
        {"q": "x" * 201},
        {"q": "a\x00b"},
        {"language": "de"},
        {"state": "open"},
        {"reason": "bored"},
        {"day": "20260301"},
        {"day": "2026-02-30"},
        {"day": "0001-01-01"},
        {"before": "2026-03-01T10:00:00"},
        {"before": "yesterday"},
        {"nmuber": "ab"},
    ],
)
async def test_a_parameter_that_cannot_be_is_refused(
    wanted: dict[str, str], hub: TestClient, officers: Arrive
) -> None:
    officer = await officers("li", "07")
    status, answer = await officer.change("GET", f"search?{urlencode(wanted)}")
    assert (status, answer["error"]["code"]) == (400, "bad_request")


async def test_only_officers_search(hub: TestClient) -> None:
    assert (await hub.get("/desk/api/search?q=a")).status == 401


def to_before_the_search(connection: sa.engine.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, "0006")


async def test_messages_from_before_the_search_are_found(hub: TestClient, officers: Arrive) -> None:
    officer = await officers("li", "07")
    traveler = await said(hub, "Қайда барамын", "kk", "Cyrl")
    database = hub.app[DATABASE]
    async with database.write() as connection:
        await connection.run_sync(to_before_the_search)
    await database.migrate()
    assert await ids(officer, q="قايدا") == [of(traveler)]
