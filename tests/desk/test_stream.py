"""What open pages are told: who speaks, who types, what was understood, what has arrived."""

from __future__ import annotations

from typing import Any

from aiohttp.test_utils import TestClient

from hub.app import make_app
from tests.desk.officer_page import Arrive, ask, traveler_of
from tests.stand_in import StandIn
from tests.talk import Traveler


async def next_of(events: Any, name: str) -> Any:
    """The data of the next event of a name."""
    async for found, data in events:
        if found == name:
            return data
    raise AssertionError("the stream ended")


async def test_who_is_typing_shows_on_the_other_side_and_never_on_ones_own(
    hub: TestClient, officers: Arrive
) -> None:
    traveler, officer, colleague = (
        await traveler_of(hub),
        await officers("li", "07"),
        await officers("wang", "11"),
    )
    conversation = traveler.conversation["id"]
    own, others, theirs = (
        officer.events(conversation),
        colleague.events(conversation),
        traveler.events(),
    )
    for stream in (own, others, theirs):
        assert await next_of(stream, "conversation")
    await officer.do(conversation, "typing")
    assert (await next_of(others, "typing"))["officer"]["number"] == "07"
    assert await next_of(theirs, "typing") == {"author": "officer"}
    await traveler.typing()
    assert await next_of(own, "typing") == {"author": "traveler"}
    await colleague.do(conversation, "typing")
    assert (await next_of(own, "typing"))["officer"]["number"] == "11"


async def test_what_the_traveler_has_received_is_told_and_never_becomes_less(
    hub: TestClient, officers: Arrive
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07")
    conversation = traveler.conversation["id"]
    await officer.do(conversation, "claim")
    seq = await officer.say(conversation, text="Добрый день")
    events = officer.events(conversation)
    assert (await next_of(events, "conversation"))["received"] == 0
    await traveler.received(seq)
    assert (await next_of(events, "conversation"))["received"] == seq
    await traveler.received(1)
    await traveler.received(seq + 1000)
    whole = await officer.see(f"conversations/{conversation}")
    assert whole["conversation"]["received"] == seq


async def test_a_stream_brings_what_was_understood_after_the_message(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07")
    conversation = traveler.conversation["id"]
    events = officer.events(conversation)
    assistant.go_on.clear()
    seq = await traveler.say("Здравствуйте")
    assert (await next_of(events, "message"))["understood"] is None
    assistant.go_on.set()
    understood = await next_of(events, "understood")
    assert (understood["seq"], understood["understood"]["intent"]) == (seq, "greet")
    # also on a page that had the message before and lost its connection meanwhile
    again = await next_of(officer.events(conversation, after=seq), "understood")
    assert again == understood


async def test_the_history_says_who_spoke_from_when_on_and_who_wrote_what(
    hub: TestClient, officers: Arrive
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07", name="Ли Мин")
    conversation = traveler.conversation["id"]
    await ask(hub, traveler)
    events = officer.events(conversation)
    assert (await next_of(events, "system"))["what"] == "queued"
    await officer.do(conversation, "claim")
    joined = await next_of(events, "system")
    assert (joined["what"], joined["owner"]) == ("officer_joined", "officer")
    assert joined["officer"]["number"] == "07"
    seq = await officer.say(conversation, text="Слушаю вас")
    await officer.do(conversation, "close")
    whole = await officer.see(f"conversations/{conversation}")
    assert [each["what"] for each in whole["history"]] == ["queued", "officer_joined", "closed"]
    said = {message["seq"]: message for message in whole["messages"]}
    # a change that the traveler was told of stands at that very message
    assert all(said[each["seq"]]["author"] == "system" for each in whole["history"])
    assert said[seq]["officer"]["name"] == "Ли Мин"
    # which the traveler is not told, since the officer did not want it
    assert all("officer" not in message for message in await traveler.messages())


async def test_the_end_of_a_shift_hands_over_every_conversation_at_once(
    hub: TestClient, officers: Arrive
) -> None:
    officer, colleague = await officers("li", "07"), await officers("wang", "11")
    held = [await traveler_of(hub) for _ in range(3)]
    kept = await traveler_of(hub)
    for traveler in held:
        await officer.do(traveler.conversation["id"], "claim")
    await colleague.do(kept.conversation["id"], "claim")
    me = (await colleague.see("me"))["officer"]["id"]
    assert await officer.change("POST", "hand-over", officer=me) == (200, {"count": 3})
    queue = {each["id"]: each for each in (await officer.see("queue"))["conversations"]}
    for traveler in held:
        listed = queue[traveler.conversation["id"]]
        assert (listed["owner"], listed["wanted"]) == ("queue", f"officer:{me}")
    assert queue[kept.conversation["id"]]["officer"]["number"] == "11"
    assert await officer.change("POST", "hand-over") == (200, {"count": 0})


async def test_a_conversation_goes_to_no_officer_that_does_not_exist(
    hub: TestClient, officers: Arrive
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07")
    await officer.do(traveler.conversation["id"], "claim")
    for wanted in ({"officer": 999}, {"officer": True}, {"language": "xx"}):
        status, _ = await officer.do(traveler.conversation["id"], "pass-on", **wanted)
        assert status == 400
    queue = (await officer.see("queue"))["conversations"]
    assert queue[0]["mine"]


async def test_who_comes_second_is_told_who_was_first(hub: TestClient, officers: Arrive) -> None:
    traveler, first, second = (
        await traveler_of(hub),
        await officers("li", "07"),
        await officers("wang", "11", name="Ван"),
    )
    await first.do(traveler.conversation["id"], "claim")
    status, refused = await second.do(traveler.conversation["id"], "claim")
    assert (status, refused["error"]["code"]) == (409, "taken")
    assert refused["by"]["number"] == "07"


async def test_the_assistant_learns_of_an_officers_stretch_before_it_answers_again(
    hub: TestClient, officers: Arrive, assistant: StandIn
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07")
    conversation = traveler.conversation["id"]
    await traveler.ask("Здравствуйте")
    await officer.do(conversation, "claim")
    await officer.do(conversation, "release")
    await traveler.ask("Спасибо")
    assert assistant.told == ["officer", "assistant"]
    assert [each["message"] for each in assistant.asked] == ["Здравствуйте", "Спасибо"]


async def test_what_the_assistant_could_not_be_told_is_told_when_the_hub_comes_back(
    hub: TestClient, officers: Arrive, assistant: StandIn, settings: Any, aiohttp_client: Any
) -> None:
    traveler, officer = await traveler_of(hub), await officers("li", "07")
    await traveler.ask("Здравствуйте")
    assistant.deaf = True
    await officer.do(traveler.conversation["id"], "claim")
    await officer.do(traveler.conversation["id"], "release")
    await hub.close()
    assert assistant.told == []
    assistant.deaf = False
    again = await aiohttp_client(make_app(settings))
    back = Traveler(again.session, str(again.make_url("")).rstrip("/"), traveler.conversation)
    await back.say("Спасибо", "later")
    await back.log_until(answers=4)
    assert assistant.told == ["officer", "assistant"]
