"""Tour groups on Telegram: each member for themselves, and nothing personal for all to read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import TestClient

from channels.intake import ENGLISH
from channels.wording import say
from hub import ownership
from hub.addresses import Addresses
from hub.keys import DATABASE, HANDOFFS
from hub.words import supported
from tests.channels.test_telegram import everything, shown, texts
from tests.channels.test_telegram_delivery import logged, states, write
from tests.clock import MovedClock
from tests.fakes.telegram import BOT, FakeTelegram, Group, Person
from tests.stand_in import StandIn

AT = f"@{BOT['username']}"


@pytest.fixture
def group(telegram: FakeTelegram) -> Group:
    return telegram.group("Tour 7")


async def conversation_in(port: TestClient, group: Group, person: Person) -> str:
    async with port.app[DATABASE].read() as connection:
        found = await connection.exec_driver_sql(
            "SELECT conversation_id FROM addresses WHERE chat = ? AND sender = ?",
            (str(group.id), str(person.id)),
        )
        return str(found.scalar_one())


async def test_each_member_is_answered_alone_and_as_a_reply(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    aigul, ivan = telegram.person("Aigul", "kk"), telegram.person("Ivan", "ru")
    first = aigul.say(f"{AT} виза керек пе?", group)
    second = ivan.say(f"{AT}, нужна ли виза?", group)
    said = await shown(telegram, clock, group, 2)
    replies = {each["reply_parameters"]["message_id"]: each["text"] for each in said}
    assert replies == {
        first["message_id"]: "echo виза керек пе?",
        second["message_id"]: "echo нужна ли виза?",
    }
    assert len({asked["sender"] for asked in assistant.asked}) == 2
    assert {asked["metadata"]["language"] for asked in assistant.asked} == {"kk", "ru"}


async def test_only_what_is_addressed_to_the_bot_is_taken_in(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan")
    ivan.say("where do we meet?", group)
    ivan.say("/roll", group)
    ivan.say("/help@another_bot", group)
    ivan.send(group, sticker={"file_id": "f"})
    ivan.say("may I bring a dog", group, reply_to_message=_of_the_bot(group))
    ivan.say(f"/help{AT}", group)
    said = await shown(telegram, clock, group, 2)
    assert sorted(texts(said)) == sorted(["echo may I bring a dog", say("help", ENGLISH)])
    assert len([m for m in await everything(port) if m["author"] == "traveler"]) == 2


async def test_a_call_for_help_is_answered_in_the_group_at_once(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    assistant.go_on.clear()
    ivan, other = telegram.person("Ivan"), telegram.person("Other")
    cry = ivan.say("help! he collapsed and is not breathing", group)
    said = await shown(telegram, clock, group, 2)
    assert "112" in said[0]["text"]
    assert said[0]["reply_parameters"]["message_id"] == cry["message_id"]
    assert not assistant.asked
    # an officer who comes speaks where the need is
    conversation_id = await conversation_in(port, group, ivan)
    now = datetime.now(UTC)
    await port.app[HANDOFFS].change(conversation_id, lambda s: ownership.claim(s, 1, now))
    await write(port, conversation_id, "we are coming")
    said = await shown(telegram, clock, group, 3)
    assert said[-1]["text"] == "Officer: we are coming"
    # a button belongs to who called
    title = said[0]["reply_markup"]["inline_keyboard"][0][0]["text"]
    other.press(said[0], title)
    await clock.run_until(lambda: bool(telegram.answered))
    assert telegram.answered[0]["text"] == say("not_yours", ENGLISH)


async def test_a_public_question_in_the_middle_of_a_dialogue_is_answered_in_private(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan", "ru")
    assistant.understood = {"intent": "policy", "topic": "pets", "loop": "complaint_form"}
    ivan.say(f"{AT} можно с собакой?", group)
    (pointer,) = await shown(telegram, clock, group, 1)
    assert pointer["text"] == say("personal", supported("ru") or ENGLISH)


async def test_what_is_personal_goes_on_in_a_private_chat_and_never_into_the_group(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan", "ru")
    russian = supported("ru") or ENGLISH
    assistant.understood = {"intent": "talk_to_officer", "topic": None}
    asked = ivan.say(f"{AT} позовите офицера, у меня пропал паспорт", group)
    (pointer,) = await shown(telegram, clock, group, 1)
    assert pointer["text"] == say("personal", russian)
    assert pointer["reply_parameters"]["message_id"] == asked["message_id"]
    conversation_id = await conversation_in(port, group, ivan)
    now = datetime.now(UTC)
    await port.app[HANDOFFS].change(conversation_id, lambda s: ownership.claim(s, 1, now))
    officers = await write(port, conversation_id, "what is your name?")
    # what is public is answered meanwhile
    await port.app[HANDOFFS].change(conversation_id, lambda s: ownership.give_back(s, 1))
    assistant.understood = {"intent": "policy", "topic": "pets"}
    ivan.say(f"{AT} можно ли взять собаку?", group)
    said = await shown(telegram, clock, group, 2)
    assert said[-1]["text"] == "echo можно ли взять собаку?"
    assert (await states(port, conversation_id))[officers] == {
        "state": "waiting",
        "why": "private_chat",
    }

    ivan.open_link(pointer)
    alone = await shown(telegram, clock, ivan, 2)
    assert texts(alone) == [
        "echo позовите офицера, у меня пропал паспорт",
        "Officer: what is your name?",
    ]
    # the same conversation goes on there
    ivan.say("Иван Петров")
    await shown(telegram, clock, ivan, 3)
    assert {asked["sender"] for asked in assistant.asked} == {conversation_id}
    assistant.understood = {"intent": "request_special_lane", "topic": None}
    ivan.say(f"{AT} моей маме нужна коляска", group)
    await shown(telegram, clock, ivan, 4)
    said = await shown(telegram, clock, group, 3)
    assert said[-1]["text"] == say("answered_alone", russian)
    in_group = " ".join(texts(telegram.to(group)))
    assert "паспорт" not in in_group
    assert "name" not in in_group
    assert "коляска" not in in_group


async def test_what_follows_a_personal_question_stays_out_of_the_group_too(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan")
    assistant.understood = {"intent": "request_special_lane", "topic": None}
    ivan.say(f"{AT} my mother needs a wheelchair", group)
    await shown(telegram, clock, group, 1)
    assistant.understood = {"intent": "affirm", "topic": None}
    ivan.say(f"{AT} yes, a broken hip", group)
    said = await shown(telegram, clock, group, 2)
    assert texts(said) == [say("personal", ENGLISH)] * 2


async def test_a_link_out_of_the_group_opens_nothing_for_somebody_else(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan, thief = telegram.person("Ivan"), telegram.person("Thief")
    assistant.understood = {"intent": "talk_to_officer", "topic": None}
    ivan.say(f"{AT} an officer please", group)
    (pointer,) = await shown(telegram, clock, group, 1)
    thief.open_link(pointer)
    said = await shown(telegram, clock, thief, 1)
    assert texts(said) == [say("link_of_another", ENGLISH)]
    ivan.open_link(pointer)
    assert texts(await shown(telegram, clock, ivan, 1)) == ["echo an officer please"]


async def test_who_blocked_the_private_chat_gets_another_link_or_comes_back_there(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan")
    assistant.understood = {"intent": "talk_to_officer", "topic": None}
    ivan.say(f"{AT} an officer please", group)
    (pointer,) = await shown(telegram, clock, group, 1)
    ivan.open_link(pointer)
    await shown(telegram, clock, ivan, 1)
    ivan.block()
    ivan.say(f"{AT} an officer, quickly", group)
    said = await shown(telegram, clock, group, 2)
    assert said[-1]["text"] == say("personal", ENGLISH)
    ivan.block(False)
    ivan.say("I am here")
    alone = await shown(telegram, clock, ivan, 3)
    assert texts(alone)[1:] == ["echo an officer, quickly", "echo I am here"]


async def test_who_adds_the_bot_leads_until_an_administrator_takes_over(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group
) -> None:
    guide, ivan, boss = (telegram.person(name) for name in ("Guide", "Ivan", "Boss"))
    addresses = Addresses(port.app[DATABASE])
    group.members[boss.id] = "creator"
    group.add_bot(guide)
    said = await shown(telegram, clock, group, 1)
    assert said[0]["text"] == say("group_welcome", ENGLISH, bot=str(BOT["username"]))
    assert (await addresses.group("telegram", str(group.id)))["leader"] == str(guide.id)
    ivan.say(f"/leader{AT}", group)
    said = await shown(telegram, clock, group, 2)
    assert said[-1]["text"] == say("leader_is_another", ENGLISH)
    boss.say(f"/leader{AT}", group)
    said = await shown(telegram, clock, group, 3)
    assert said[-1]["text"] == say("leader_is_you", ENGLISH)
    assert (await addresses.group("telegram", str(group.id)))["leader"] == str(boss.id)


async def test_a_groups_language_and_its_members_are_kept_apart(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    guide, newcomer = telegram.person("Guide", "ru"), telegram.person("Newcomer", None)
    group.add_bot(guide)
    await shown(telegram, clock, group, 1)
    guide.say(f"/language{AT} kk", group)
    said = await shown(telegram, clock, group, 2)
    assert said[-1]["text"] == say("group_language", supported("kk") or ENGLISH)
    guide.say(f"{AT} 12", group)
    await shown(telegram, clock, group, 3)
    newcomer.say(f"{AT} 12", group)
    await shown(telegram, clock, group, 4)
    assert [asked["metadata"]["language"] for asked in assistant.asked] == ["ru", "kk"]


async def test_a_group_that_becomes_a_supergroup_goes_on_under_its_new_id(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan")
    ivan.say(f"{AT} first", group)
    await shown(telegram, clock, group, 1)
    conversation_id = await conversation_in(port, group, ivan)
    new = telegram.group("Tour 7")
    assistant.go_on.clear()
    ivan.say(f"{AT} second", group)
    await logged(port, "second")
    group.moved_to = new.id
    assistant.go_on.set()
    said = await shown(telegram, clock, new, 1)
    assert texts(said) == ["echo second"]
    assert await conversation_in(port, new, ivan) == conversation_id


async def test_twenty_five_members_at_once_are_all_answered_within_telegrams_limits(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group
) -> None:
    words = {"en": "may I bring a dog", "ru": "можно ли взять собаку", "kk": "ит алуға бола ма"}
    members = [telegram.person(f"Member {n}", code) for n in range(9) for code in words][:25]
    for member in members:
        member.say(f"{AT} {words[member.language or 'en']}", group)
    said = await shown(telegram, clock, group, 25)
    assert telegram.refused == []
    assert len({each["reply_parameters"]["message_id"] for each in said}) == 25
    # and help needs no place in that line
    began = clock.seconds()
    members[0].say("help! he collapsed and is not breathing", group)
    said = await shown(telegram, clock, group, 27)
    assert "112" in said[25]["text"]
    assert clock.seconds() - began <= 5
    assert telegram.refused == []


async def test_a_bot_that_was_removed_sends_nothing_more(
    port: TestClient, telegram: FakeTelegram, clock: MovedClock, group: Group, assistant: StandIn
) -> None:
    ivan = telegram.person("Ivan")
    assistant.go_on.clear()
    ivan.say(f"{AT} hello", group)
    await logged(port, "hello")
    group.removed = True
    assistant.go_on.set()
    await clock.run_until(lambda: len(telegram.refused) == 1)
    await clock.run_for(300)
    assert len(telegram.refused) == 1


def _of_the_bot(group: Group) -> dict[str, object]:
    return {
        "message_id": 1,
        "date": 1_790_000_000,
        "chat": group.chat(),
        "from": BOT,
        "text": "said",
    }
