"""What is sent to WhatsApp arrives, or the desk is told why not; set-up is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestClient

from bot.language import Language
from channels import whatsapp_api
from channels.__main__ import main
from channels.whatsapp import WhatsApp
from channels.wording import say
from hub import ownership
from hub.app import make_app
from hub.conversation import Draft
from hub.database import addresses, conversations, deliveries, messages
from hub.keys import DATABASE, HANDOFFS, LOG, REQUESTS, WAKEUPS
from hub.outbox import delivery_of
from hub.requests import NOTICE
from hub.settings import Settings, SettingsError, read
from tests.channels.test_whatsapp import begun, shown, texts
from tests.clock import PATIENCE, MovedClock
from tests.fakes.whatsapp import (
    APP_SECRET,
    TOKEN,
    FakeWhatsApp,
    Person,
    RefusedError,
    bad_token,
    text_of,
    undeliverable,
    window_closed,
)
from tests.stand_in import StandIn

OFFICER = 1
DAY = 24 * 3600


async def conversation_of(line: TestClient, person: Person) -> str:
    query = sa.select(addresses.c.conversation_id).where(addresses.c.sender == person.id)
    async with line.app[DATABASE].read() as connection:
        return str(await connection.scalar(query))


async def claimed(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> tuple[Person, str]:
    """Somebody whose conversation an officer has."""
    traveler = await begun(whatsapp, clock)
    conversation_id = await conversation_of(line, traveler)
    now = datetime.now(UTC)
    await line.app[HANDOFFS].change(
        conversation_id, lambda state: ownership.claim(state, OFFICER, now)
    )
    await settled(line, clock, conversation_id)
    whatsapp.sent.clear()
    return traveler, conversation_id


async def write(line: TestClient, conversation_id: str, text: str, language: str = "en") -> int:
    """An officer writes."""
    script = {"en": "Latn", "zh": "Hans"}.get(language, "Cyrl")
    draft = Draft("officer", text, language, script, client_id=text[:60], officer=OFFICER)
    seq = await line.app[LOG].say(
        conversation_id, draft, partial(ownership.officer_may_speak, officer=OFFICER)
    )
    line.app[WAKEUPS].wake(conversation_id)
    return seq


async def notify(
    line: TestClient,
    conversation_id: str,
    text: str,
    language: str = "en",
    client_id: str = f"{NOTICE}12345/2",
) -> int:
    """The hub tells of a request, or of something else."""
    script = {"en": "Latn", "zh": "Hant"}.get(language, "Cyrl")
    draft = Draft("system", text, language, script, client_id=client_id)
    seq = await line.app[LOG].say(conversation_id, draft, lambda _: True)
    line.app[WAKEUPS].wake(conversation_id)
    return seq


async def states(line: TestClient, conversation_id: str) -> dict[int, Any]:
    async with line.app[DATABASE].read() as connection:
        return await delivery_of(connection, conversation_id)


async def becomes(
    line: TestClient,
    clock: MovedClock,
    conversation_id: str,
    seq: int,
    state: str,
    why: str | None = None,
) -> None:
    async with asyncio.timeout(PATIENCE):
        while (await states(line, conversation_id)).get(seq) != {"state": state, "why": why}:
            clock.step()


async def settled(line: TestClient, clock: MovedClock, conversation_id: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while any(
            each["state"] == "waiting" for each in (await states(line, conversation_id)).values()
        ):
            clock.step()


async def receipt(line: TestClient, conversation_id: str) -> int:
    """Up to which number the traveler's phone has the messages."""
    query = sa.select(conversations.c.received).where(conversations.c.id == conversation_id)
    async with line.app[DATABASE].read() as connection:
        return int(await connection.scalar(query) or 0)


# -- failures


async def test_what_an_officer_writes_while_meta_is_down_arrives_in_order_afterwards(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    whatsapp.down = True
    for number in range(10):
        await write(line, conversation_id, f"line {number}")
        await clock.run_for(60)
    assert whatsapp.sent == []
    assert whatsapp.tried_while_down > 0
    whatsapp.down = False
    said = await shown(whatsapp, clock, traveler, 10)
    assert texts(said) == [f"Officer: line {number}" for number in range(10)]
    await clock.run_for(60)
    assert len(whatsapp.sent) == 10


@pytest.mark.parametrize(
    ("wrong", "seconds"),
    [
        (RefusedError(429, 130429, "Rate limit hit", retry_after=37), 37),
        (RefusedError(400, 131056, "pair rate limit hit"), 6),
        (RefusedError(400, 80007, "Rate limit issues"), 1),
        (RefusedError(400, 4, "Application request limit reached"), 1),
        (RefusedError(503, 131016, "Service unavailable", retry_after=12), 12),
        (RefusedError(500, None, "An unknown error occurred"), 1),
        (RefusedError(502, None, "Bad Gateway"), 1),
        (bad_token(), 1),
        (RefusedError(403, 10, "Permission denied"), 1),
        (RefusedError(403, 200, "Permissions error"), 1),
        (RefusedError(403, 131031, "Account has been locked"), 1),
    ],
)
async def test_what_passes_is_waited_out_and_the_message_comes_once_in_order(
    line: TestClient,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    wrong: RefusedError,
    seconds: float,
) -> None:
    traveler = await begun(whatsapp, clock)
    whatsapp.go_wrong = [wrong]
    began = clock.seconds()
    await traveler.say("hello")
    await traveler.say("again")
    said = await shown(whatsapp, clock, traveler, 2)
    assert texts(said) == ["echo hello", "echo again"]
    assert clock.seconds() - began >= seconds
    assert len(whatsapp.refused) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (RefusedError(400, 131009, "Parameter value is not valid"), "refused"),
        (RefusedError(400, 131030, "Recipient phone number not in allowed list"), "refused"),
        (RefusedError(400, 131051, "Unsupported message type"), "refused"),
        (RefusedError(400, 100, "Invalid parameter"), "refused"),
        (undeliverable(), "blocked"),
    ],
)
async def test_what_is_never_taken_is_marked_and_holds_up_nothing_that_comes_after(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, wrong: RefusedError, why: str
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    whatsapp.go_wrong = [wrong]
    first = await write(line, conversation_id, "are you there?")
    await becomes(line, clock, conversation_id, first, "failed", why)
    await traveler.say("I am here")
    second = await write(line, conversation_id, "good")
    await becomes(line, clock, conversation_id, second, "delivered")
    assert texts(whatsapp.to(traveler)) == ["Officer: good"]


async def test_only_a_lost_acknowledgement_makes_a_message_come_twice(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    whatsapp.go_wrong = ["lose"]
    await traveler.say("hello")
    await traveler.say("again")
    said = await shown(whatsapp, clock, traveler, 3)
    await clock.run_for(30)
    assert texts(said) == ["echo hello", "echo hello", "echo again"]
    assert len(whatsapp.sent) == 3


async def test_a_server_that_does_not_answer_is_asked_again(
    line: TestClient,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    on_whatsapp: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await line.close()
    monkeypatch.setattr(whatsapp_api, "TIMEOUT", 0.3)
    again = await aiohttp_client(make_app(on_whatsapp, clock))
    whatsapp.hook = str(again.make_url("/whatsapp/webhook"))
    traveler = await begun(whatsapp, clock)
    whatsapp.go_wrong = ["hang"]
    await traveler.say("hello")
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["echo hello"]
    whatsapp.go_on.set()


async def test_a_restart_goes_on_where_it_was_and_sends_nothing_twice(
    line: TestClient,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    on_whatsapp: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    before = await write(line, conversation_id, "before")
    await becomes(line, clock, conversation_id, before, "delivered")
    whatsapp.down = True
    for number in range(3):
        await write(line, conversation_id, f"line {number}")
    await clock.run_until(lambda: whatsapp.tried_while_down >= 2)
    await line.close()
    whatsapp.down = False
    await aiohttp_client(make_app(on_whatsapp, clock))
    said = await shown(whatsapp, clock, traveler, 4)
    await clock.run_for(30)
    assert texts(said) == ["Officer: before", *(f"Officer: line {n}" for n in range(3))]
    assert len(whatsapp.sent) == 4


async def test_a_hundred_at_once_and_a_long_talk_with_one_keep_to_metas_limits(
    on_whatsapp: Settings, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    network = WhatsApp(on_whatsapp, clock)
    people = [whatsapp.person(f"Traveler {number}") for number in range(200)]
    went = []

    async def send(person: Person) -> None:
        async with network.pace.turn(person.id):
            # refuses what is too much
            whatsapp._count(person)
            went.append(person)

    sending = asyncio.gather(*(send(person) for person in [*people, *people[:1] * 100]))
    await clock.run_until(sending.done)
    await sending
    assert len(went) == 300
    assert clock.seconds() > 100


async def test_who_is_written_to_without_end_gets_everything_in_order(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    for number in range(60):
        await write(line, conversation_id, f"line {number}")
    said = await shown(whatsapp, clock, traveler, 60)
    assert texts(said) == [f"Officer: line {number}" for number in range(60)]


# -- the window


@pytest.fixture
def on_whatsapp(on_whatsapp: Settings, request: pytest.FixtureRequest) -> Settings:
    """With the templates that a test names."""
    return replace(on_whatsapp, whatsapp_templates=getattr(request, "param", {}))


async def test_after_a_day_of_silence_an_officers_words_wait_for_the_traveler(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    first = await write(line, conversation_id, "one")
    second = await notify(line, conversation_id, "two")
    for seq in (first, second):
        await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    assert (whatsapp.sent, whatsapp.refused) == ([], [])
    await traveler.say("I am back")
    said = await shown(whatsapp, clock, traveler, 2)
    assert texts(said) == ["Officer: one", "two"]
    await becomes(line, clock, conversation_id, second, "delivered")


async def test_the_window_counts_from_when_the_traveler_wrote_not_from_when_it_was_brought(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    late = traveler.message(body="I am here")
    await clock.run_for(DAY + 60)
    await whatsapp.deliver(late)
    seq = await write(line, conversation_id, "good")
    await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    assert whatsapp.refused == []


TEMPLATES = pytest.mark.parametrize("on_whatsapp", [{"": "port_notice"}], indirect=True)


@TEMPLATES
@pytest.mark.parametrize(
    ("language", "code"), [("zh", "zh_HK"), ("kk", "kk"), ("ru", "ru"), ("en", "en")]
)
async def test_a_notice_goes_out_as_a_template_in_its_language(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, language: str, code: str
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    seq = await notify(line, conversation_id, "Request 12345:\n\naccepted", language)
    (said,) = await shown(whatsapp, clock, traveler, 1)
    assert said["template"]["name"] == "port_notice"
    assert said["template"]["language"] == {"code": code}
    assert text_of(said) == "Request 12345: accepted"
    await becomes(line, clock, conversation_id, seq, "delivered")


@TEMPLATES
async def test_a_template_tells_once_that_an_officer_wrote_and_the_words_come_with_the_answer(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    first = await write(line, conversation_id, "one", "kk")
    await becomes(line, clock, conversation_id, first, "waiting", "window_closed")
    second = await write(line, conversation_id, "two", "kk")
    await clock.run_for(3600)
    told = whatsapp.to(traveler)
    assert [(each["type"], text_of(each)) for each in told] == [
        ("template", say("officer_waits", Language("kk", "Cyrl")))
    ]
    assert (await states(line, conversation_id))[first]["why"] == "window_closed"
    await traveler.say("what is it?")
    said = await shown(whatsapp, clock, traveler, 3)
    assert [each["type"] for each in said[1:]] == ["text", "text"]
    assert [text.partition(": ")[2] for text in texts(said[1:])] == ["one", "two"]
    await becomes(line, clock, conversation_id, second, "delivered")


@TEMPLATES
async def test_what_else_the_system_says_is_not_worth_a_template(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    seq = await notify(line, conversation_id, "Officer 07 is with you.", client_id="c1")
    await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    assert whatsapp.to(traveler) == []


@TEMPLATES
async def test_a_requests_own_notice_is_such_a_template(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler = await begun(whatsapp, clock)
    conversation_id = await conversation_of(line, traveler)
    await settled(line, clock, conversation_id)
    whatsapp.sent.clear()
    now = datetime.now(UTC)
    details = {
        "help": ["wheelchair"],
        "people": 1,
        "direction": "leaving_china",
        "vehicle": "on_foot",
        "date": (now + timedelta(days=3)).date().isoformat(),
        "time": "10:00",
        "zone": "beijing",
    }
    made = await line.app[REQUESTS].make(conversation_id, "special_lane", "k", details, now)
    await clock.run_for(DAY + 60)
    await line.app[REQUESTS].cancel(conversation_id, made["number"], "elsewhere:1")
    (said,) = await shown(whatsapp, clock, traveler, 1)
    assert said["type"] == "template"
    assert made["number"] in text_of(said)


@pytest.mark.parametrize("on_whatsapp", [{"": "not_approved"}], indirect=True)
async def test_a_notice_whose_template_is_not_approved_waits(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    seq = await notify(line, conversation_id, "accepted")
    await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    assert [error["code"] for error in whatsapp.refused] == [132001]
    await traveler.say("any news?")
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["accepted"]


@pytest.mark.parametrize("on_whatsapp", [{"ru": "port_notice"}], indirect=True)
async def test_a_language_without_a_template_waits(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    _, conversation_id = await claimed(line, whatsapp, clock)
    await clock.run_for(DAY + 60)
    seq = await notify(line, conversation_id, "accepted", "kk")
    await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    assert whatsapp.sent == []


async def test_a_window_that_meta_closed_before_us_is_waited_for(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    whatsapp.go_wrong = [window_closed()]
    seq = await write(line, conversation_id, "one")
    await becomes(line, clock, conversation_id, seq, "waiting", "window_closed")
    await traveler.say("I am back")
    assert texts(await shown(whatsapp, clock, traveler, 1)) == ["Officer: one"]
    await becomes(line, clock, conversation_id, seq, "delivered")


# -- what became of it


async def test_receipts_are_those_of_the_traveler(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    seq = await write(line, conversation_id, "one")
    (said,) = await shown(whatsapp, clock, traveler, 1)
    before = await receipt(line, conversation_id)
    assert await whatsapp.deliver(statuses=[whatsapp.status(said, "sent")]) == 200
    assert await receipt(line, conversation_id) == before < seq
    for state in ("read", "delivered"):
        assert await whatsapp.deliver(statuses=[whatsapp.status(said, state)]) == 200
        assert await receipt(line, conversation_id) == seq


@pytest.mark.parametrize(
    ("code", "why"), [(131026, "blocked"), (131049, "refused"), (130472, "refused")]
)
async def test_what_was_taken_and_did_not_arrive_is_marked_at_the_desk(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, code: int, why: str
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    first = await write(line, conversation_id, "one")
    second = await write(line, conversation_id, "two")
    said = await shown(whatsapp, clock, traveler, 2)
    await becomes(line, clock, conversation_id, second, "delivered")
    failed = whatsapp.status(said[0], "failed", code)
    for _ in range(2):
        assert await whatsapp.deliver(statuses=[failed]) == 200
    found = await states(line, conversation_id)
    assert found[first] == {"state": "failed", "why": why}
    assert found[second] == {"state": "delivered", "why": None}


@pytest.mark.parametrize("order", [("failed", "delivered"), ("delivered", "failed")])
async def test_what_arrived_arrived_in_whatever_order_it_is_told(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock, order: tuple[str, str]
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    seq = await write(line, conversation_id, "one")
    await becomes(line, clock, conversation_id, seq, "delivered")
    (said,) = whatsapp.to(traveler)
    for state in order:
        status = whatsapp.status(said, state, 131026 if state == "failed" else 0)
        assert await whatsapp.deliver(statuses=[status]) == 200
    assert (await states(line, conversation_id))[seq] == {"state": "delivered", "why": None}


async def test_statuses_of_one_delivery_are_taken_by_their_time(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    seq = await write(line, conversation_id, "one")
    await becomes(line, clock, conversation_id, seq, "delivered")
    (said,) = whatsapp.to(traveler)
    now = whatsapp.now()
    late = whatsapp.status(said, "read", at=now + 9)
    early = whatsapp.status(said, "failed", 131026, at=now + 1)
    assert await whatsapp.deliver(statuses=[late, early]) == 200
    assert (await states(line, conversation_id))[seq] == {"state": "delivered", "why": None}


async def test_what_meta_gives_back_since_the_window_is_closed_waits_and_comes_once(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    first = await write(line, conversation_id, "one")
    second = await write(line, conversation_id, "two")
    await becomes(line, clock, conversation_id, second, "delivered")
    said = whatsapp.to(traveler)
    await clock.run_for(DAY + 60)
    back = whatsapp.status(said[0], "failed", 131047)
    assert await whatsapp.deliver(statuses=[back]) == 200
    await becomes(line, clock, conversation_id, first, "waiting", "window_closed")
    whatsapp.sent.clear()
    await traveler.say("I am back")
    await becomes(line, clock, conversation_id, first, "delivered")
    third = await write(line, conversation_id, "three")
    await becomes(line, clock, conversation_id, third, "delivered")
    assert texts(whatsapp.to(traveler)) == ["Officer: one", "Officer: three"]
    # what came after it and arrived was not called back
    found = await states(line, conversation_id)
    assert found[second] == {"state": "delivered", "why": None}


async def test_word_that_comes_before_our_own_note_is_asked_for_again(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    seq = await write(line, conversation_id, "one")
    await becomes(line, clock, conversation_id, seq, "delivered")
    (said,) = whatsapp.to(traveler)
    failed = whatsapp.status(said, "failed", 131026)
    here = sa.and_(deliveries.c.conversation_id == conversation_id, deliveries.c.seq == seq)
    async with line.app[DATABASE].write() as connection:
        await connection.execute(deliveries.update().where(here).values(state="waiting"))
    assert await whatsapp.deliver(statuses=[failed]) == 503
    async with line.app[DATABASE].write() as connection:
        await connection.execute(deliveries.update().where(here).values(state="delivered"))
    assert await whatsapp.deliver(statuses=[failed]) == 200
    assert (await states(line, conversation_id))[seq]["state"] == "failed"


async def test_word_of_what_is_deleted_or_not_ours_is_taken_and_forgotten(
    line: TestClient, whatsapp: FakeWhatsApp, clock: MovedClock
) -> None:
    traveler, conversation_id = await claimed(line, whatsapp, clock)
    await write(line, conversation_id, "one")
    (said,) = await shown(whatsapp, clock, traveler, 1)
    await line.app[LOG].delete(conversation_id)
    foreign = {"id": "wamid.elsewhere"}
    for state in ("delivered", "failed"):
        for shown_ in (said, foreign):
            status = whatsapp.status(shown_, state, 131026)
            assert await whatsapp.deliver(statuses=[status]) == 200
    async with line.app[DATABASE].read() as connection:
        assert not list(await connection.execute(deliveries.select()))
        assert not list(await connection.execute(messages.select()))


# -- set-up


async def checked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr("channels.__main__.read", lambda: settings)
    code = await asyncio.to_thread(main, ["check", "whatsapp"])
    out, err = capsys.readouterr()
    return code, out + err


async def test_the_check_tells_what_is_wrong(
    whatsapp: FakeWhatsApp,
    on_whatsapp: Settings,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def told(**changes: Any) -> tuple[int, str]:
        changed = replace(well, **changes)
        return await checked(changed, monkeypatch, capsys)

    code, text = await checked(settings, monkeypatch, capsys)
    assert code == 2
    for name in ("WHATSAPP_TOKEN", "WHATSAPP_PHONE_ID", "WHATSAPP_APP_SECRET"):
        assert name in text
    well = replace(
        on_whatsapp,
        public_url="https://port.example/",
        whatsapp_templates={"": "port_notice", "zh": "port_notice:zh_HK"},
    )
    whatsapp.hook = "https://port.example/whatsapp/webhook"
    assert await told() == (0, "whatsapp: all is well.\n")
    for changes, hint in (
        ({"whatsapp_token": "EAAwrong"}, "WHATSAPP_TOKEN is refused"),
        ({"whatsapp_app_secret": "wrong"}, "WHATSAPP_APP_SECRET is not"),
        ({"whatsapp_phone_id": "77015550000"}, "WHATSAPP_PHONE_ID is no"),
        ({"public_url": "http://port.example/"}, "PUBLIC_URL"),
        ({"public_url": "https://other.example/"}, "not https://other.example/whatsapp/webhook"),
        ({"whatsapp_templates": {"ru": "nothing"}}, "nothing is not approved in ru"),
        ({"whatsapp_api_version": "v1.0"}, "Unknown path"),
    ):
        code, text = await told(**changes)
        assert (code, hint in text) == (1, True), text
    whatsapp.expires_at, whatsapp.subscribed = 1_800_000_000, False
    code, text = await told()
    assert (code, "2027-01-15" in text, "subscribed_apps" in text) == (1, True, True)
    whatsapp.scopes = ["whatsapp_business_messaging"]
    assert "lacks the right whatsapp_business_management" in (await told())[1]
    whatsapp.down = True
    assert "can't be reached" in (await told())[1]


def test_settings_that_can_not_be_are_named(tmp_path: Any) -> None:
    found = read({"VAR_DIR": str(tmp_path), "WHATSAPP_TEMPLATE": "notice kk=notice_kk en=n:en_US"})
    assert found.whatsapp_templates == {"": "notice", "kk": "notice_kk", "en": "n:en_US"}
    for name, value in (("WHATSAPP_PHONE_ID", "+7 701"), ("WHATSAPP_TEMPLATE", "de=Notiz")):
        with pytest.raises(SettingsError, match=name):
            read({"VAR_DIR": str(tmp_path), name: value})


async def test_neither_secrets_nor_numbers_stand_in_the_log(
    line: TestClient,
    whatsapp: FakeWhatsApp,
    clock: MovedClock,
    assistant: StandIn,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # the fake's own
    caplog.set_level("WARNING", "aiohttp.access")
    caplog.set_level("INFO")
    traveler = await begun(whatsapp, clock)
    whatsapp.go_wrong = [bad_token(), "lose", undeliverable()]
    await traveler.say("hello")
    await whatsapp.deliver({**traveler.message(body="hello"), "text": None})
    await whatsapp.bring(whatsapp.delivery(traveler.message(body="forged")), "sha256=0")
    whatsapp.down = True
    await clock.run_until(lambda: whatsapp.tried_while_down > 1)
    assert "whatsapp" in caplog.text
    for secret in (TOKEN, APP_SECRET, traveler.number):
        assert secret not in caplog.text
