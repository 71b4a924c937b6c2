"""The desk's requests as the agreed API serves them, answered in the browser for tests."""

from __future__ import annotations

import json
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
    """Answers ``/desk/api/requests`` and the queue's stream; all else goes to the real hub."""

    def __init__(self, *requests: dict[str, Any]) -> None:
        self.requests = {each["number"]: each for each in requests}
        self.places = ["hall_entrance", "special_lane", "service_station"]
        self.moves: list[tuple[str, str, dict[str, Any]]] = []
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self.asked: list[tuple[str, str]] = []

    async def serve(self, page: Page) -> None:
        await page.route("**/desk/api/requests**", self._answer)
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
    moment = datetime.fromisoformat(each["due_at"] or each["created_at"])
    return (moment + PORT).date().isoformat()


def error(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": f"said by the hub: {code}"}}
