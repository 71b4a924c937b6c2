"""Groups' briefings at the desk: who is ready in the groups of today and of the next days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp.test_utils import TestClient

from bot import briefing
from bot.language import Language
from hub.briefing_rules import keys, port_day
from hub.keys import BRIEFINGS
from tests.desk.officer_page import Arrive, traveler_of

KAZAKH = Language("kk", "Arab")


async def test_officers_see_how_far_the_groups_of_today_and_later_are(
    hub: TestClient, officers: Arrive
) -> None:
    groups, now = hub.app[BRIEFINGS], datetime.now(UTC)
    today, later = port_day(now).isoformat(), (port_day(now) + timedelta(days=3)).isoformat()
    traveler = await traveler_of(hub)
    conversation = traveler.conversation["id"]
    await groups.make("k1", 8, later, now, language=KAZAKH)
    made = await groups.make("k2", 3, None, now, conversation_id=conversation)
    yesterday = now - timedelta(days=1)
    await groups.make("k3", 3, None, yesterday, language=KAZAKH)
    done = list(keys(briefing.load()))
    await groups.tick(made["code"], "a" * 40, "Айгүл", KAZAKH, done, 1, now)
    await groups.tick(made["code"], "b" * 40, "14A", KAZAKH, [], 1, now)

    assert (await hub.get("/desk/api/briefings")).status == 401
    seen = (await (await officers("anna", "03")).see("briefings"))["briefings"]
    assert [(group["day"], group["people"]) for group in seen] == [(today, 3), (later, 8)]
    group = seen[0]
    assert (group["ready"], group["not_opened"]) == (1, 1)
    shown = [(m["called"], m["ready"]) for m in group["members"]]
    assert shown == [("Айгүл", True), ("14A", False)]
    assert [each["conversation_id"] for each in seen] == [conversation, None]
    assert made["leader_link"].partition("#")[2] not in str(seen)
