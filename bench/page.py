"""How quick the traveler's page is in headless Chromium: ``make bench-page``.

The hub is really started, on a database of its own, with no assistant behind
it: what is measured is the page. Every number is the median of ``ROUNDS``.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from deploy.start import ROOT

ROUNDS = 9
PORT = 18080
URL = f"http://127.0.0.1:{PORT}/"
MESSAGES = 500

AT_MOST_PAINT, AT_MOST_SHOWN, AT_MOST_FRAME = 100.0, 100.0, 50.0
"""Milliseconds: main-thread work to the first paint, click to own message painted, a frame of
scrolling through ``MESSAGES`` messages (95th percentile)."""

_SHOWN = """text => new Promise(done => {
    const box = document.getElementById('text');
    box.value = text;
    const before = document.querySelectorAll('article').length;
    const start = performance.now();
    document.getElementById('send').click();
    const look = () => document.querySelectorAll('article').length > before
        ? requestAnimationFrame(() => done(performance.now() - start))
        : requestAnimationFrame(look);
    look();
})"""
_SCROLL = """() => new Promise(done => {
    const main = document.getElementById('main');
    const frames = [];
    let last = performance.now();
    main.scrollTop = 0;
    const step = now => {
        frames.push(now - last);
        last = now;
        main.scrollTop += 400;
        if (main.scrollTop + main.clientHeight < main.scrollHeight - 1) requestAnimationFrame(step);
        else done(frames.slice(1));
    };
    requestAnimationFrame(step);
})"""


async def work_to_first_paint(browser: Browser) -> float:
    """Milliseconds that the page's main thread works until something of it is painted."""
    context = await browser.new_context(locale="ru-RU", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    categories = ["toplevel", "loading", "devtools.timeline", "blink.user_timing"]
    await browser.start_tracing(categories=categories)
    await page.goto(URL, wait_until="load")
    await page.locator("#questions button").first.wait_for()
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    await context.close()
    start = next(e for e in events if e["name"] == "navigationStart" and _of(e, "URL") == URL)
    paint = next(
        e
        for e in events
        if e["name"] == "firstContentfulPaint"
        and _of(e, "navigationId") == _of(start, "navigationId")
    )
    tasks = (
        e
        for e in events
        if e["name"] == "ThreadControllerImpl::RunTask"
        and (e["pid"], e["tid"]) == (paint["pid"], paint["tid"])
        and start["ts"] <= e["ts"] <= paint["ts"]
    )
    return sum(min(e["dur"], paint["ts"] - e["ts"]) for e in tasks) / 1000


def _of(event: dict[str, Any], name: str) -> Any:
    data = event.get("args", {}).get("data", {})
    return data.get("documentLoaderURL") if name == "URL" else data.get(name)


async def measure(browser: Browser) -> dict[str, float]:
    paints = [await work_to_first_paint(browser) for _ in range(ROUNDS)]
    context = await browser.new_context(locale="en-GB", viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.goto(URL)
    shown = [float(await page.evaluate(_SHOWN, f"message {i}")) for i in range(ROUNDS)]
    frames = await scroll_frames(page)
    await context.close()
    return {
        "main-thread work to first paint, ms": statistics.median(paints),
        "click to own message painted, ms": statistics.median(shown),
        f"frame while scrolling {MESSAGES} messages p95, ms": statistics.quantiles(frames, n=20)[
            -1
        ],
    }


async def scroll_frames(page: Page) -> list[float]:
    """Milliseconds of each frame while a long conversation is scrolled through."""
    # an own message that is confirmed meanwhile would move the page to it
    await page.locator(f"article[data-seq='{ROUNDS}']").wait_for()
    await page.evaluate(
        """count => import('/page/view.js').then(view => {
            for (let seq = 1; seq <= count; seq++) view.showMessage({
                seq, author: seq % 2 ? 'traveler' : 'assistant', language: 'en', script: 'Latn',
                text: `message ${seq} `.repeat(12), created_at: new Date().toISOString(),
                buttons: seq % 2 ? null : [{title: 'More', payload: '/x'}],
            }, () => {});
        })""",
        MESSAGES,
    )
    frames: list[float] = await page.evaluate(_SCROLL)
    return frames


async def measured() -> dict[str, float]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        await until_up(browser)
        found = await measure(browser)
        await browser.close()
        return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VAR_DIR": folder, "HUB_PORT": str(PORT)}
        hub = subprocess.Popen([sys.executable, "-m", "hub"], cwd=ROOT, env=environment)
        try:
            found = asyncio.run(measured())
        finally:
            hub.terminate()
            hub.wait()
    size = sum(file.stat().st_size for file in (ROOT / "channels" / "page").iterdir())
    bounds = (AT_MOST_PAINT, AT_MOST_SHOWN, AT_MOST_FRAME)
    for (name, value), bound in zip(found.items(), bounds):
        print(f"{name:50} {value:8.1f}   (bound {bound:g})")
    print(f"{'page and widget, bytes':50} {size:8}")
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "page.json").write_text(json.dumps({**found, "bytes": size}, indent=1))
    return int(any(value > bound for value, bound in zip(found.values(), bounds)))


async def until_up(browser: Browser) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    for _ in range(100):
        try:
            await page.goto(URL)
            break
        except Exception:
            await asyncio.sleep(0.1)
    await context.close()


if __name__ == "__main__":
    sys.exit(main())
