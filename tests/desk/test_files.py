"""The files of the desk's page: from this host only, with every word in every language."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestClient

from bot.language import SCRIPTS, Language
from desk import files
from desk.files import DATA, PAGE, words
from desk.officer import PRESENCES
from hub.emergency_guide import KINDS
from hub.errors import json_errors
from hub.ownership import REASONS

SCRIPT_FILES = sorted(PAGE.glob("*.js"))
PLACE = re.compile(r"\{(\w+)\}")

FAMILIES = {
    "presence": PRESENCES,
    "reason": REASONS,
    "kind": KINDS,
    "language": SCRIPTS,
    "script": {script for scripts in SCRIPTS.values() for script in scripts},
    "group": ("queue", "mine", "others", "assistant", "closed"),
    "channel": ("web",),
}
"""Words that the scripts ask for by a name which comes from the hub."""


@pytest.fixture
async def page(aiohttp_client: Callable[..., Awaitable[TestClient]]) -> TestClient:
    app = web.Application(middlewares=[json_errors])
    app.add_routes(files.router)
    return await aiohttp_client(app)


def in_language(code: str) -> dict[str, Any]:
    return words(Language(code, SCRIPTS[code][0]))


def asked_for() -> set[str]:
    """The words that page and scripts name, those in a condition too."""
    html = (PAGE / "index.html").read_text("utf-8")
    code = "\n".join(file.read_text("utf-8") for file in SCRIPT_FILES)
    found = set(re.findall(r"data-(?:word|label)=\"(\w+)\"", html))
    for call in re.findall(r"\bword\(([^()]*(?:\([^()]*\)[^()]*)?)\)", code):
        found |= set(re.findall(r"\"(\w+)\"", re.sub(r"[!=]==? \"\w+\"|\{.*\}", "", call)))
    return found | set(re.findall(r"\"(key_\w+)\"", code))


async def test_every_language_has_the_same_words_with_the_same_places() -> None:
    loaded = {
        code: yaml.safe_load((DATA / "desk" / f"{code}.yml").read_text("utf-8")) for code in SCRIPTS
    }
    for code, own in loaded.items():
        assert set(own) == set(loaded["en"]), code
        for name, text in own.items():
            assert isinstance(text, str), (code, name)
            assert text.strip(), (code, name)
            assert set(PLACE.findall(text)) == set(PLACE.findall(loaded["en"][name])), (code, name)


@pytest.mark.parametrize("code", SCRIPTS)
async def test_every_word_that_the_page_asks_for_is_there(page: TestClient, code: str) -> None:
    response = await page.get(f"/desk/ui/{code}.json")
    assert response.headers["Cache-Control"] == "no-cache"
    served = (await response.json())["page"]
    asked = asked_for()
    assert len(asked) > 90
    assert asked - set(served) == set()
    assert len(served["months"]) == 12
    assert served["topics"]["policy/pets"]
    assert served["places"]["cn_hall"]


@pytest.mark.parametrize("code", SCRIPTS)
def test_every_name_that_the_hub_tells_has_its_word(code: str) -> None:
    own = in_language(code)
    for family, names in FAMILIES.items():
        assert {f"{family}_{name}" for name in names} - set(own) == set()
    phrases = yaml.safe_load((DATA / "phrases.yml").read_text("utf-8")).values()
    groups = {f"phrase_group_{phrase['group']}" for phrase in phrases}
    fields = {f"field_{name}" for phrase in phrases for name in phrase.get("fields", [])}
    assert (groups | fields) - set(own) == set()


@pytest.mark.parametrize("file", sorted(PAGE.iterdir()), ids=lambda file: file.name)
def test_nothing_comes_from_another_host_or_runs_as_text(file: Path) -> None:
    text = re.sub(r"^\s*//.*$", "", file.read_text("utf-8"), flags=re.MULTILINE)
    assert not re.search(r"(?:https?:)?//[\w.-]+\.\w+", text)
    assert not re.search(r"\son\w+=\"|style=\"|\beval\(|innerHTML|insertAdjacentHTML", text)


@pytest.mark.parametrize("file", SCRIPT_FILES, ids=lambda file: file.name)
def test_scripts_hold_no_words_for_people(file: Path) -> None:
    assert re.search(r"[\u0400-\u04ff\u0600-\u06ff\u4e00-\u9fff]", file.read_text("utf-8")) is None


@pytest.mark.parametrize("path", ["/desk", "/desk/invitation"])
async def test_the_page_may_stand_in_no_frame(page: TestClient, path: str) -> None:
    response = await page.get(path)
    assert response.status == 200
    assert response.headers["Cache-Control"] == "no-cache"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_every_file_of_the_desk_that_it_names_is_there(page: TestClient) -> None:
    html = await (await page.get("/desk")).text()
    named = set(re.findall(r"(?:href|src)=\"(/desk/[^\"]+)\"", html))
    named |= {f"/desk/page/{file.name}" for file in SCRIPT_FILES}
    for path in named:
        response = await page.get(path)
        assert response.status == 200, path
        assert response.headers["Cache-Control"] == "no-cache"


async def test_the_manifest_is_in_the_browsers_language(page: TestClient) -> None:
    response = await page.get("/desk/manifest.webmanifest", headers={"Accept-Language": "kk"})
    manifest = json.loads(await response.text())
    assert manifest["name"] == in_language("kk")["title"]
    assert (manifest["start_url"], manifest["scope"]) == ("/desk", "/desk")


@pytest.mark.parametrize(
    "path", ["/desk/page/../files.py", "/desk/page/none.js", "/desk/ui/xx.json", "/desk/ui/"]
)
async def test_no_other_file_is_served(page: TestClient, path: str) -> None:
    assert (await page.get(path)).status in (400, 404)
