"""How actions reach the hub: its internal API, over the service token."""

from __future__ import annotations

import os
from typing import Any

import aiohttp

TIMEOUT = aiohttp.ClientTimeout(total=5)


async def tell(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """``POST /internal/<path>``; the answer's JSON.

    ``make run`` sets where the hub is and its token. Whatever goes wrong is
    raised: the turn fails as a whole and the hub asks again.
    """
    url = os.environ.get("HUB_INTERNAL_URL", "http://127.0.0.1:8080")
    headers = {"Authorization": f"Bearer {os.environ.get('SERVICE_TOKEN', '')}"}
    async with (
        aiohttp.ClientSession(timeout=TIMEOUT, raise_for_status=True) as session,
        session.post(f"{url}/internal/{path}", json=body, headers=headers) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer
