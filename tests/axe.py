"""What axe-core finds on a page: WCAG 2.2 AA and its best practice."""

from __future__ import annotations

from importlib import resources
from typing import Any

from playwright.async_api import Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def check(page: Page, state: str) -> None:
    """Fails with what axe-core finds on the page in this state."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": RULES}}
    found: dict[str, Any] = await page.evaluate("options => axe.run(document, options)", options)
    problems = [
        (each["id"], node["html"], node["failureSummary"])
        for each in found["violations"]
        for node in each["nodes"]
    ]
    assert not problems, (state, problems)
    assert found["passes"], "axe-core looked at nothing"
