"""The board's page file and words: strict policy, every word in every language."""

from __future__ import annotations

import re

import pytest
from aiohttp.test_utils import TestClient

from bot.language import SCRIPTS
from desk.emergencies import OF_THE_CALL, OF_THE_CONVERSATION
from hub.lane_figures import lanes
from tests.desk.test_files import PLACE, in_language

KINDS = ("special_lane", "lost_item", "complaint", "appointment", "interpreter")
DETAILS = {
    "lost_item": ("what", "where", "date"),
    "complaint": ("tone", "text"),
    "interpreter": ("languages", "place", "now"),
    "appointment": ("cargo",),
}


async def test_the_board_may_stand_in_no_frame_and_all_its_words_are_there(
    hub: TestClient,
) -> None:
    response = await hub.get("/desk/board")
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    html = await response.text()
    asked = set(re.findall(r"data-(?:word|label)=\"(\w+)\"", html))
    assert len(asked) > 20
    own = {code: in_language(code) for code in SCRIPTS}
    for code in SCRIPTS:
        assert asked - set(own[code]) == set()
        assert {name for name in own[code] if name.startswith("board_")} == {
            name for name in own["en"] if name.startswith("board_")
        }
        for name, text in own[code].items():
            if name.startswith("board_"):
                assert set(PLACE.findall(text)) == set(PLACE.findall(own["en"][name])), name
        assert own[code]["board_place_special_lane"]
        assert {way: set(reasons) for way, reasons in own[code]["reasons"].items()} == {
            way: set(reasons) for way, reasons in own["en"]["reasons"].items()
        }


@pytest.mark.parametrize("code", SCRIPTS)
def test_every_state_help_and_vehicle_of_a_request_has_its_word(code: str) -> None:
    families = {
        "state": ("requested", "accepted", "under_way", "done", "refused", "cancelled", "expired"),
        "column": ("requested", "accepted", "under_way", "done", "over"),
        "help": ("wheelchair", "walking", "elderly", "pregnant", "infant", "ill", "other"),
        "kind": (*KINDS, "emergency"),
        "tone": ("complaint", "praise", "suggestion"),
        "call_state": ("raised", "acknowledged", "closed", "false"),
        "step": ("alarm_raised", "alarm_placed", *OF_THE_CALL, *OF_THE_CONVERSATION),
        "vehicle": ("on_foot", "bicycle", "motorcycle", "car", "bus", "truck"),
        "direction": ("leaving_china", "entering_china"),
        "by": ("traveler", "officer", "system"),
    }
    names = {f"board_{family}_{name}" for family in families for name in families[family]}
    names |= {f"board_details_{kind}_{name}" for kind in DETAILS for name in DETAILS[kind]}
    names |= {f"board_{what}" for what in ("accept", "start", "finish", "refuse", "cancel")}
    assert names - set(in_language(code)) == set()


async def test_the_lanes_may_stand_in_no_frame_and_all_their_words_are_there(
    hub: TestClient,
) -> None:
    response = await hub.get("/desk/lanes")
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    asked = set(re.findall(r"data-(?:word|label)=\"(\w+)\"", await response.text()))
    english = {name: text for name, text in in_language("en").items() if name.startswith("lane")}
    assert {f"lane_{key}" for key in lanes()} <= set(english)
    for code in SCRIPTS:
        own = in_language(code)
        assert asked - set(own) == set()
        assert {name for name in own if name.startswith("lane")} == set(english)
        for name, text in english.items():
            assert set(PLACE.findall(own[name])) == set(PLACE.findall(text)), name
