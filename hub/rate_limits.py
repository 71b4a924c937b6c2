"""How often one conversation, and one address, may ask: token buckets in memory."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from aiohttp import web


@dataclass(frozen=True)
class Limit:
    """``burst`` requests at once, then ``per_second`` of them."""

    burst: float
    per_second: float


MESSAGES = Limit(burst=20, per_second=0.5)
"""Messages of one conversation: faster than anyone types."""

ADDRESS_MESSAGES = Limit(burst=600, per_second=20)
"""Messages of one address: a bus, or the hall's Wi-Fi, shares one."""

ADDRESS_CONVERSATIONS = Limit(burst=200, per_second=1)
"""New conversations of one address: three coaches opening the page at once."""

ADDRESS_BRIEFINGS = Limit(burst=30, per_second=0.02)
"""New briefings of groups of one address: leaders share the hall's Wi-Fi."""

MEMBER_TICKS = Limit(burst=100, per_second=1)
"""Changes of one member's entry: all ticks of a briefing, twice over, as fast as one can tap."""

BRIEFING_CALLS = Limit(burst=600, per_second=30)
"""What one address asks of briefings: a whole group on the coach's Wi-Fi."""

_KEPT = 50_000


class RateLimiter:
    """Counts by any key; the keys longest unused are dropped first."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[Limit, str], tuple[float, float]] = OrderedDict()

    def wait(self, limit: Limit, key: str, now: float | None = None) -> float:
        """Takes one request. Returns 0, or the seconds until the next may come."""
        now = time.monotonic() if now is None else now
        left, since = self._buckets.pop((limit, key), (limit.burst, now))
        left = min(limit.burst, left + (now - since) * limit.per_second)
        allowed = left >= 1
        self._buckets[(limit, key)] = (left - 1 if allowed else left, now)
        if len(self._buckets) > _KEPT:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / limit.per_second


def address_of(request: web.Request, trusted_proxies: tuple[str, ...]) -> str:
    """The sender's address: the last one that no trusted proxy has, read from the right."""
    remote = request.remote or ""
    hops = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while hops and _is_trusted(remote, trusted_proxies):
        claimed = hops.pop().strip()
        if not _is_address(claimed):
            break
        remote = claimed
    return remote


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(address: str, proxies: tuple[str, ...]) -> bool:
    return _is_address(address) and any(
        ip_address(address) in ip_network(proxy) for proxy in proxies
    )
