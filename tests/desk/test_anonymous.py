"""An anonymous complaint at the desk: it is worked on, and nothing leads to who wrote it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

from aiohttp.test_utils import TestClient

from hub.keys import DATABASE
from tests.desk.officer_page import Arrive, Officer, texts, traveler_of
from tests.desk.officers import audited
from tests.desk.travelers_requests import ANONYMOUS, internal, make_of_kind, of_every_kind
from tests.stand_in import StandIn
from tests.talk import LONG, Traveler

WORDS = "filthy"


async def complain(hub: TestClient, traveler: Traveler) -> dict[str, Any]:
    """Said in three messages, of which the last sends it, and hidden as the dialogue does."""
    conversation = traveler.conversation["id"]
    await traveler.ask("is there a bus?")
    first = await traveler.say("I want to complain")
    for text in ("The toilets are filthy", "yes, send it"):
        last = await traveler.say(text)
    await internal(
        hub,
        "/hide",
        conversation_id=conversation,
        begun=f"{conversation}:{first}",
        key=f"{conversation}:{last}",
    )
    return await make_of_kind(hub, traveler, "complaint", ANONYMOUS, str(last))


async def answered(traveler: Traveler, messages: int) -> list[dict[str, Any]]:
    return await traveler.log_until(messages=messages)


async def everything_of(officer: Officer, conversation: str) -> str:
    """All that an officer is told of a conversation, in any way there is."""
    seen: list[Any] = [
        await officer.see("queue"),
        await officer.see(f"conversations/{conversation}"),
        await officer.see(f"search?q={quote(WORDS)}"),
    ]
    async with asyncio.timeout(LONG):
        async for name, data in officer.events(conversation):
            seen.append(data)
            if name == "conversation":
                break
    return json.dumps(seen, ensure_ascii=False)


async def test_nothing_at_the_desk_leads_to_the_conversation_it_was_written_in(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    conversation = traveler.conversation["id"]
    made = await complain(hub, traveler)
    said = await answered(traveler, 8)
    (request,) = (await anna.see("requests"))["requests"]
    assert request["details"] == ANONYMOUS
    assert request["conversation_id"] is None
    assert conversation not in json.dumps(request)
    seen = await everything_of(anna, conversation)
    assert "is there a bus?" in seen
    for word in (WORDS, "complain", made["number"]):
        assert word not in seen
    assert (await anna.see(f"search?q={WORDS}"))["conversations"] == []
    assert (await anna.see("search?q=bus"))["conversations"] != []
    listed = (await anna.see("queue"))["conversations"]
    assert [each["owner"] for each in listed] == ["assistant"]
    for kind in ("text", "json"):
        assert WORDS not in await anna.download(conversation, kind)
    # the traveler has all of it
    assert sum(WORDS in message["text"] for message in said) == 2


async def test_an_answer_that_comes_after_it_was_hidden_is_hidden_too(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    assistant.go_on.clear()
    await complain_without_answers(hub, traveler)
    assistant.go_on.set()
    await answered(traveler, 2)
    seen = await everything_of(anna, traveler.conversation["id"])
    assert WORDS not in seen
    shown = (await anna.see(f"conversations/{traveler.conversation['id']}"))["messages"]
    assert [each["hidden"] for each in shown] == [True, True]
    # understood, too, is for nobody at the desk
    assert all(each["understood"] is None for each in shown)
    assert assistant.understood["intent"] not in seen


async def complain_without_answers(hub: TestClient, traveler: Traveler) -> None:
    conversation = traveler.conversation["id"]
    seq = await traveler.say("The toilets are filthy")
    key = f"{conversation}:{seq}"
    await internal(hub, "/hide", conversation_id=conversation, begun=key, key=key)


async def test_asking_for_it_by_its_number_or_cancelling_it_shows_the_desk_nothing(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    conversation = traveler.conversation["id"]
    number = (await make_of_kind(hub, traveler, "complaint", ANONYMOUS))["number"]
    for path, text in (("/find", "how is"), ("/cancel", "cancel")):
        seq = await traveler.say(f"{text} {number}")
        await internal(
            hub,
            path,
            conversation_id=conversation,
            number=number,
            key=f"{conversation}:{seq}",
        )
    await answered(traveler, 4)
    assert number not in await everything_of(anna, conversation)
    (request,) = (await anna.see("requests"))["requests"]
    assert request["state"] == "cancelled"
    assert texts(await traveler.messages(), "system") == []


async def test_officers_work_on_it_and_their_log_names_no_conversation(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    number = (await make_of_kind(hub, traveler, "complaint", ANONYMOUS))["number"]
    for version, what in enumerate(("accept", "start", "finish"), 1):
        status, shown = await anna.change("POST", f"requests/{number}/{what}", version=version)
        assert status == 200, shown
    assert shown["state"] == "done"
    assert traveler.conversation["id"] not in str(await audited(hub.app[DATABASE]))
    assert texts(await traveler.messages(), "system") == []


async def test_a_place_is_needed_only_where_somebody_is_met(
    hub: TestClient, officers: Arrive
) -> None:
    anna = await officers("anna", "03")
    traveler = await traveler_of(hub, "en")
    for kind, told in of_every_kind().items():
        number = (await make_of_kind(hub, traveler, kind, told, kind))["number"]
        listed = (await anna.see(f"requests?kind={kind}"))["requests"]
        assert [each["needs_place"] for each in listed] == [kind == "special_lane"]
        status, _ = await anna.change("POST", f"requests/{number}/accept", version=1)
        assert status == (400 if kind == "special_lane" else 200)
    # with a place it is told, whatever the kind
    interpreter = of_every_kind()["interpreter"]
    other = await traveler_of(hub, "en")
    number = (await make_of_kind(hub, other, "interpreter", interpreter))["number"]
    path = f"requests/{number}/accept"
    assert (await anna.change("POST", path, version=1, place="hall_entrance"))[0] == 200
    (said,) = texts(await other.messages(), "system")
    assert "entrance of the passenger hall" in said
