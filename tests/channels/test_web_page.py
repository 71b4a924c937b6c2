"""The files of the page: small, from this host only, with words that hold this hub's numbers."""

from __future__ import annotations

import json
import re

import pytest
from aiohttp.test_utils import TestClient

from bot.language import SCRIPTS
from channels.web_page import PAGE

LARGEST = 60_000
"""Bytes, uncompressed: of page and widget, and of what a phone loads with its words."""

LATER = {"metronome.js", "stays.js", "stays.css", "briefing.js", "briefing.css"}
"""What comes only with the card that needs it, and how large that may be."""
LARGEST_LATER = 10_000

LANGUAGES = [(code, script) for code, scripts in SCRIPTS.items() for script in scripts]


async def fetched(hub: TestClient, path: str) -> str:
    response = await hub.get(path)
    assert response.status == 200, path
    return await response.text()


@pytest.mark.parametrize(("code", "script"), LANGUAGES)
async def test_page_widget_and_words_are_small(hub: TestClient, code: str, script: str) -> None:
    words = await fetched(hub, f"/ui/{code}.json?script={script}")
    manifest = await fetched(hub, "/manifest.webmanifest")
    files = sum(file.stat().st_size for file in PAGE.iterdir() if file.name not in LATER)
    assert files <= LARGEST
    loaded = files - (PAGE / "widget.js").stat().st_size
    assert loaded + len(words.encode()) + len(manifest.encode()) <= LARGEST


def test_what_comes_later_is_small_and_named_by_no_file_of_the_first_load() -> None:
    assert sum((PAGE / name).stat().st_size for name in LATER) <= LARGEST_LATER
    first = [file for file in PAGE.iterdir() if file.name not in LATER]
    for file in (file for file in first if file.suffix in (".html", ".js")):
        loaded = re.findall(r"(?:from|src=|href=) ?\"([^\"]+)\"", file.read_text("utf-8"))
        assert not {path.rpartition("/")[2] for path in loaded} & LATER, file


def test_nothing_comes_from_another_host() -> None:
    for file in PAGE.iterdir():
        if file.suffix in (".html", ".js", ".css"):
            text = re.sub(r"^\s*//.*$", "", file.read_text("utf-8"), flags=re.MULTILINE)
            hosts = set(re.findall(r"(?:https?:)?//([\w.-]+\.\w+)", text))
            assert hosts <= {"www.w3.org"}, file
            assert "eval(" not in text
            assert not re.search(r"\son\w+=\"|style=\"", text), file


async def test_every_file_that_the_page_names_is_there(hub: TestClient) -> None:
    page = await fetched(hub, "/")
    named = set(re.findall(r"(?:href|src)=\"(/[^\"]+)\"", page))
    scripts = {f"/page/{file.name}" for file in PAGE.glob("*.js")}
    for path in named | scripts | {"/widget.js", "/sw.js", "/demo", "/demo/site.css"}:
        response = await hub.get(path)
        assert response.status == 200, path


@pytest.mark.parametrize(("code", "script"), LANGUAGES)
async def test_every_word_that_the_page_asks_for_is_there(
    hub: TestClient, code: str, script: str
) -> None:
    words = json.loads(await fetched(hub, f"/ui/{code}.json?script={script}"))["page"]
    html = (PAGE / "index.html").read_text("utf-8")
    code_ = "\n".join(file.read_text("utf-8") for file in PAGE.glob("*.js"))
    asked = set(re.findall(r"data-(?:word|label)=\"(\w+)\"", html))
    asked |= set(re.findall(r"\bword\(\"(\w+)\"", code_))
    assert len(asked) > 40
    assert asked - set(words) == set()
    assert len(words["months"]) == 12
    assert {call["number"] for call in words["sos_calls"]} >= {"120", "112"}


async def test_what_happens_with_data_names_the_days_of_this_hub(hub: TestClient) -> None:
    words = json.loads(await fetched(hub, "/ui/en.json"))["page"]
    assert "kept 30 days after its last message" in words["data_text"]
    assert "{" not in words["data_text"]


@pytest.mark.parametrize(
    ("browser", "name", "direction"),
    [("ru", "Помощник путешественника", "ltr"), ("kk-CN", "جولاۋشىلار كومەكشىسى", "rtl")],
)
async def test_the_manifest_is_in_the_browsers_language(
    hub: TestClient, browser: str, name: str, direction: str
) -> None:
    response = await hub.get("/manifest.webmanifest", headers={"Accept-Language": browser})
    manifest = await response.json(content_type="application/manifest+json")
    assert manifest["short_name"] == name
    assert manifest["dir"] == direction
    assert manifest["display"] == "standalone"
    assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192"}


async def test_the_policy_allows_this_host_alone(hub: TestClient) -> None:
    policy = (await hub.get("/")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    demo = (await hub.get("/demo")).headers["Content-Security-Policy"]
    assert "frame-src 'self'" in demo
    assert "frame-ancestors 'none'" in demo


@pytest.mark.parametrize(
    "path", ["/demo/site.py", "/demo/../web.py", "/page/../web.py", "/ui/xx.json"]
)
async def test_no_other_file_is_served(hub: TestClient, path: str) -> None:
    assert (await hub.get(path)).status in (400, 404)
