"""The desk's requests as the agreed API serves them, answered in the browser for tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import Page, Route

PORT = timedelta(hours=8)
AFTER = {"accept": "accepted", "start": "under_way", "finish": "done"} | {
    "refuse": "refused",
    "cancel": "cancelled",
}
OPEN = ("requested", "accepted", "under_way")
OFFICER = {"id": 1, "number": "11", "name": "王"}


def request(number: str, state: str = "requested", **more: Any) -> dict[str, Any]:
    """A request as the board gets it: a wheelchair for two in two hours unless said otherwise."""
    now = datetime.now(UTC)
    return {
        "number": number,
        "kind": "special_lane",
        "state": state,
        "details": {"help": ["wheelchair"], "vehicle": "bus"},
        "people": 2,
        "direction": "leaving_china",
        "due_at": (now + timedelta(hours=2)).isoformat(),
        "late": False,
        "language": "kk",
        "script": "Cyrl",
        "conversation_id": f"of-{number}",
        "officer": None,
        "place": None,
        "reason": None,
        "created_at": (now - timedelta(minutes=12)).isoformat(),
        "updated_at": now.isoformat(),
        "version": 1,
        "needs_place": more.get("kind", "special_lane") == "special_lane",
        "history": [
            {
                "at": now.isoformat(),
                "state": "requested",
                "by": "traveler",
                "officer": None,
                "detail": {},
            }
        ],
        **more,
    }


def call(seq: int = 1, state: str = "raised", **more: Any) -> dict[str, Any]:
    """A call for help as the board gets it: somebody unconscious in the Chinese hall."""
    now = datetime.now(UTC)
    raised = {
        "what": "alarm_raised",
        "at": (now - timedelta(minutes=3)).isoformat(),
        "officer": None,
        "place": None,
    }
    placed = {
        "what": "alarm_placed",
        "at": (now - timedelta(minutes=2)).isoformat(),
        "officer": None,
        "place": "cn_hall",
    }
    return {
        "conversation_id": "of-call",
        "seq": seq,
        "kind": "collapse",
        "place": "cn_hall",
        "language": "kk",
        "script": "Cyrl",
        "deleted": False,
        "state": state,
        "escalated": False,
        "officer": None,
        "closed_by": None,
        "created_at": raised["at"],
        "steps": [raised, placed],
        **more,
    }


STREAM = """
const real = window.fetch;
window.fetch = (url, options) => {
  if (url !== "/desk/api/events") return real(url, options);
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(stream) {
      window.tell = (name, data) =>
        stream.enqueue(encoder.encode(`event: ${name}\\ndata: ${JSON.stringify(data)}\\n\\n`));
      options.signal.addEventListener("abort", () => stream.error(options.signal.reason));
    },
  });
  return Promise.resolve(new Response(body));
};
"""
"""Gives the page an event stream in which ``window.tell(name, data)`` is told."""


class BoardServer:
    """Answers for requests, calls for help and the queue's stream; all else the real hub does."""

    def __init__(self, *requests: dict[str, Any], calls: Sequence[dict[str, Any]] = ()) -> None:
        self.calls = {each["seq"]: each for each in calls}
        self.requests = {each["number"]: each for each in requests}
        self.places = ["hall_entrance", "special_lane", "service_station"]
        self.moves: list[tuple[str, str, dict[str, Any]]] = []
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self.asked: list[tuple[str, str]] = []

    async def serve(self, page: Page) -> None:
        await page.route("**/desk/api/requests**", self._answer)
        await page.route("**/desk/api/emergencies**", self._list_calls)
        await page.route("**/desk/api/alarms/**", self._change_call)
        await page.add_init_script(STREAM)

    async def tell(self, page: Page, name: str = "requests", **data: Any) -> None:
        """Tells an event in the page's stream."""
        await page.wait_for_function("'tell' in window")
        await page.evaluate("([name, data]) => window.tell(name, data)", [name, data])

    def change(self, number: str, **changes: Any) -> None:
        """Somebody else has changed a request."""
        known = self.requests[number]
        self.requests[number] = {**known, "version": known["version"] + 1, **changes}

    async def _answer(self, route: Route) -> None:
        url = urlsplit(route.request.url)
        if route.request.method == "GET":
            await self._list(route, **{name: of[0] for name, of in parse_qs(url.query).items()})
            return
        assert route.request.headers["x-csrf-token"]
        number, what = url.path.split("/")[-2:]
        body = json.loads(route.request.post_data or "{}")
        version = body.pop("version")
        self.moves.append((number, what, body))
        if self.refuses:
            status, answer = self.refuses
            await route.fulfill(status=status, json=answer)
        elif version != self.requests[number]["version"]:
            await route.fulfill(status=409, json=error("request_changed"))
        else:
            kept = {name: value for name, value in body.items() if name != "at"}
            self.change(number, state=AFTER[what], officer=OFFICER, **kept)
            await route.fulfill(json=self.requests[number])

    async def _list_calls(self, route: Route) -> None:
        query = parse_qs(urlsplit(route.request.url).query)
        day = query.get("day", [""])[0]
        found = [each for each in self.calls.values() if day in ("", port_day(each))]
        await route.fulfill(json={"emergencies": found})

    async def _change_call(self, route: Route) -> None:
        assert route.request.headers["x-csrf-token"]
        *_, conversation, seq, what = urlsplit(route.request.url).path.split("/")
        self.moves.append((f"{conversation}:{seq}", what, {}))
        known = self.calls[int(seq)]
        named = "acknowledged" if what == "acknowledge" else "alarm_closed"
        step = {
            "what": named,
            "at": datetime.now(UTC).isoformat(),
            "officer": OFFICER,
            "place": None,
        }
        state = "acknowledged" if what == "acknowledge" else "closed"
        self.calls[int(seq)] = {
            **known,
            "state": state,
            "officer": OFFICER,
            "steps": [*known["steps"], step],
        }
        await route.fulfill(status=204)

    async def _list(self, route: Route, day: str = "", state: str = "") -> None:
        self.asked.append((day, state))
        recent = (datetime.now(UTC) - timedelta(days=1)).isoformat()
        found = [
            each
            for each in self.requests.values()
            if (not day or day == port_day(each))
            and (not state or state == each["state"])
            and (day or state or each["state"] in OPEN or each["updated_at"] > recent)
        ]
        await route.fulfill(json={"requests": found, "places": self.places})


def port_day(each: dict[str, Any]) -> str:
    moment = datetime.fromisoformat(each.get("due_at") or each["created_at"])
    return (moment + PORT).date().isoformat()


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"said by the hub: {code}"}}
