"""Signing in by OpenID Connect, against a provider of the tests."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from joserfc.jwk import OctKey, RSAKey

from desk import accounts, oidc, sign_in
from desk.sessions import COOKIE
from hub.app import make_app
from hub.database import Database
from hub.keys import DATABASE
from hub.settings import Settings
from hub.words import supported, words
from tests.desk.officers import PASSWORD, audited
from tests.desk.small_desk import ME
from tests.fakes.oidc_provider import CLIENT, SECRET, Provider

START, CALLBACK, FINISH = "/desk/oidc/start", "/desk/oidc/callback", "/desk/oidc/finish"
SUBJECT = "248289761001"
OUTSIDE = "https://evil.example/"


@dataclass
class Trip:
    """A browser between the desk and the provider."""

    client: TestClient
    provider: Provider

    @property
    def database(self) -> Database:
        database: Database = self.client.app[DATABASE]
        return database

    async def get(self, path: str, **headers: str) -> ClientResponse:
        return await self.client.get(path, headers=headers, allow_redirects=False)

    async def to_provider(self) -> str:
        response = await self.get(START)
        assert response.status == 303, await response.text()
        return response.headers["Location"]

    async def back(self, address: str) -> dict[str, str]:
        """What the provider has the browser bring back."""
        async with self.client.session.get(address, allow_redirects=False) as response:
            assert response.status == 302, await response.text()
            place, _, query = response.headers["Location"].partition("?")
        assert place == self.provider.redirect_uri
        return {name: values[0] for name, values in parse_qs(query).items()}

    async def finish(self, brought: dict[str, str], **headers: str) -> ClientResponse:
        return await self.get(f"{FINISH}?{urlencode(brought)}", **headers)

    async def sign_in(self) -> ClientResponse:
        return await self.finish(await self.back(await self.to_provider()))

    async def is_in(self) -> bool:
        return (await self.client.get(ME)).status == 200

    async def refusals(self) -> list[tuple[int | None, dict[str, Any]]]:
        return [row[1:] for row in await audited(self.database) if row[0] == "sign_in_refused"]


@pytest.fixture
async def provider(aiohttp_server: Callable[..., Awaitable[TestServer]]) -> Provider:
    provider = Provider()
    server = await aiohttp_server(provider.application())
    provider.issuer = f"http://localhost:{server.port}"
    return provider


@pytest.fixture
async def trip(
    settings: Settings,
    provider: Provider,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> Trip:
    provider.redirect_uri = f"{settings.public_url}desk/oidc/callback"
    known = replace(
        settings,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    trip = Trip(await aiohttp_client(make_app(known)), provider)
    token = await accounts.add(trip.database, "aigul", "officer", "07", "Айгүл", ["kk"])
    await accounts.accept(trip.database, token, PASSWORD, datetime.now(UTC))
    await accounts.link_subject(trip.database, "aigul", SUBJECT)
    return trip


async def assert_page(response: ClientResponse, status: int, code: str) -> None:
    language = supported("en")
    assert language
    text = (await response.text()).replace("&#x27;", "'")
    assert (response.status, response.content_type) == (status, "text/html")
    assert words(language)["errors"][code] in text
    assert 'href="/desk"' in text
    assert "refresh" not in text
    assert COOKIE not in response.cookies


async def assert_not_proven(trip: Trip) -> None:
    response = await trip.sign_in()
    await assert_page(response, 400, "oidc_broken")
    assert not await trip.is_in()
    assert await trip.refusals() == [(None, {"way": "oidc", "reason": "not_proven"})]


async def test_who_is_linked_comes_in_with_a_session_like_any_other(trip: Trip) -> None:
    response = await trip.sign_in()
    assert (response.status, response.headers["Location"]) == (303, "/desk")
    morsel = response.cookies[COOKIE]
    assert (morsel["path"], morsel["samesite"], morsel["httponly"]) == ("/desk", "Strict", True)
    me = await (await trip.client.get(ME)).json()
    assert me["officer"]["login"] == "aigul"
    changed = await trip.client.patch(
        ME, json={"presence": "on_duty"}, headers={"X-CSRF-Token": me["csrf"]}
    )
    assert changed.status == 200
    entries = [row for row in await audited(trip.database) if row[0] == "signed_in"]
    assert entries == [("signed_in", me["officer"]["id"], {"way": "oidc"})]


async def test_the_provider_s_redirect_first_opens_a_page_of_our_own(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    response = await trip.get(f"{CALLBACK}?{urlencode(brought)}")
    page = (await response.text()).replace("&amp;", "&")
    assert response.status == 200
    assert f'content="0;url={FINISH}?' in page
    assert brought["code"] in page
    assert COOKIE not in response.cookies
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert (await trip.finish(brought)).headers["Location"] == "/desk"


async def test_an_older_session_of_the_browser_ends(trip: Trip) -> None:
    await trip.sign_in()
    jar = trip.client.session.cookie_jar
    older = jar.filter_cookies(trip.client.make_url("/desk"))[COOKIE].value
    await trip.sign_in()
    jar.clear()
    jar.update_cookies({COOKIE: older}, trip.client.make_url("/"))
    assert not await trip.is_in()


async def test_what_must_come_back_is_kept_from_scripts_and_for_ten_minutes(trip: Trip) -> None:
    response = await trip.get(START)
    morsel = response.cookies[oidc.COOKIE]
    assert (morsel["path"], morsel["samesite"]) == ("/desk/oidc", "Lax")
    assert morsel["httponly"]
    assert morsel["max-age"] == "600"
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    state, nonce, verifier = morsel.value.split(".")
    assert (asked["state"], asked["nonce"]) == ([state], [nonce])
    assert verifier not in response.headers["Location"]


async def test_each_sign_in_has_secrets_of_its_own(trip: Trip) -> None:
    for _ in range(2):
        await trip.sign_in()
    first, second = trip.provider.asked
    assert all(first[name] != second[name] for name in ("state", "nonce", "code_challenge"))


async def test_a_state_that_is_not_this_browser_s_is_refused(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    for state in ("", "x", brought["state"] + "x", "Ә"):
        await assert_page(await trip.finish({**brought, "state": state}), 400, "oidc_broken")
    assert trip.provider.tokens == 0
    # and whoever sent that page has not spoilt the sign-in under way
    assert (await trip.finish(brought)).headers["Location"] == "/desk"


async def test_another_browser_s_sign_in_can_t_be_finished_here(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    trip.client.session.cookie_jar.clear()
    await assert_page(await trip.finish(brought), 400, "oidc_broken")
    await trip.to_provider()
    await assert_page(await trip.finish(brought), 400, "oidc_broken")
    assert trip.provider.tokens == 0


@pytest.mark.parametrize("cookie", ["..", "a", "a.b", "a.b.c.d", "."])
async def test_a_cookie_that_is_none_is_refused(trip: Trip, cookie: str) -> None:
    url = trip.client.make_url("/")
    trip.client.session.cookie_jar.update_cookies({oidc.COOKIE: cookie}, url)
    await assert_page(await trip.finish({"code": "c", "state": ""}), 400, "oidc_broken")


async def test_a_way_back_leads_in_once(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    cookie = trip.client.session.cookie_jar.filter_cookies(trip.client.make_url(FINISH))
    kept = cookie[oidc.COOKIE].value
    assert (await trip.finish(brought)).status == 303
    await assert_page(await trip.finish(brought), 400, "oidc_broken")
    # not even with the cookie put back: the code is used up
    url = trip.client.make_url("/")
    trip.client.session.cookie_jar.update_cookies({oidc.COOKIE: kept}, url)
    await assert_page(await trip.finish(brought), 400, "oidc_broken")
    assert trip.provider.tokens == 1
    assert await trip.refusals() == [(None, {"way": "oidc", "reason": "not_proven"})]


async def test_a_code_from_another_sign_in_is_refused(trip: Trip) -> None:
    stolen = await trip.back(await trip.to_provider())
    brought = await trip.back(await trip.to_provider())
    response = await trip.finish({**brought, "code": stolen["code"]})
    await assert_page(response, 400, "oidc_broken")
    assert trip.provider.tokens == 0


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": [CLIENT, "another-client"]},
        {"aud": None},
        {"aud": "another-client", "azp": CLIENT},
        {"azp": "another-client"},
        {"iss": "http://another.example"},
        {"iss": None},
        {"exp": int(time.time()) - 120},
        {"exp": None},
        {"exp": "never"},
        {"iat": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 248289761001},
        {"sub": "x" * 256},
        {"sub": "4711\x1b[2J"},
        {"at_hash": "AAAA"},
    ],
    ids=str,
)
async def test_a_token_that_says_something_else_is_refused(
    trip: Trip, claims: dict[str, Any]
) -> None:
    trip.provider.claims = claims
    await assert_not_proven(trip)


async def test_a_token_may_be_for_others_too_if_we_are_named_as_its_party(trip: Trip) -> None:
    trip.provider.claims = {"aud": ["another", CLIENT], "azp": CLIENT}
    assert (await trip.sign_in()).headers["Location"] == "/desk"


async def test_a_signature_by_another_key_is_refused(trip: Trip) -> None:
    trip.provider.key = RSAKey.generate_key(2048)
    await assert_not_proven(trip)


async def test_an_unknown_key_is_refused(trip: Trip) -> None:
    trip.provider.header = {"kid": "unknown"}
    await assert_not_proven(trip)


async def test_a_key_need_not_be_named_where_only_one_signs(trip: Trip) -> None:
    trip.provider.header = {"kid": None}
    assert (await trip.sign_in()).headers["Location"] == "/desk"


@pytest.mark.parametrize("alg", ["HS256", "none"])
async def test_a_signature_that_anybody_could_make_is_refused(trip: Trip, alg: str) -> None:
    trip.provider.header = {"alg": alg}
    trip.provider.discovery = {"id_token_signing_alg_values_supported": [alg]}
    trip.provider.key = OctKey.import_key(SECRET)
    await assert_not_proven(trip)


async def test_a_new_key_of_the_provider_counts_at_once(trip: Trip) -> None:
    await trip.sign_in()
    trip.provider.key = trip.provider.published = RSAKey.generate_key(2048, auto_kid=True)
    assert (await trip.sign_in()).headers["Location"] == "/desk"


async def test_a_redirect_of_another_issuer_is_refused(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    await assert_page(await trip.finish({**brought, "iss": OUTSIDE}), 400, "oidc_broken")
    assert trip.provider.tokens == 0


async def test_a_provider_may_take_the_secret_in_the_body_only(trip: Trip) -> None:
    trip.provider.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await trip.sign_in()).headers["Location"] == "/desk"


async def test_an_issuer_s_name_may_end_with_a_slash(trip: Trip) -> None:
    trip.provider.discovery = {"issuer": f"{trip.provider.issuer}/"}
    trip.provider.claims = {"iss": f"{trip.provider.issuer}/"}
    brought = await trip.back(await trip.to_provider())
    del brought["iss"]
    assert (await trip.finish(brought)).headers["Location"] == "/desk"


@pytest.mark.parametrize(
    "discovery",
    [
        {"issuer": "http://another.example"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
    ],
    ids=str,
)
async def test_a_provider_that_names_itself_wrongly_is_not_used(
    trip: Trip, discovery: dict[str, Any]
) -> None:
    trip.provider.discovery = discovery
    await assert_page(await trip.get(START), 502, "oidc_down")


async def test_a_provider_that_is_down_is_told_and_the_password_still_opens(trip: Trip) -> None:
    brought = await trip.back(await trip.to_provider())
    trip.provider.broken = True
    await assert_page(await trip.finish(brought), 502, "oidc_down")
    await assert_page(await trip.get(START), 502, "oidc_down")
    body = {"login": "aigul", "password": PASSWORD}
    assert (await trip.client.post("/desk/api/sign-in", json=body)).status == 200
    assert await trip.is_in()


async def test_a_provider_that_nobody_answers_for_is_told(
    settings: Settings,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
    unused_tcp_port: int,
) -> None:
    known = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    issuer = f"http://127.0.0.1:{unused_tcp_port}"
    client = await aiohttp_client(make_app(replace(settings, oidc_issuer=issuer, **known)))
    await assert_page(await client.get(START), 502, "oidc_down")


async def test_nobody_is_let_in_by_e_mail_or_name(trip: Trip) -> None:
    trip.provider.subject = "somebody-else"
    response = await trip.sign_in()
    assert (response.status, response.headers["Location"]) == (303, "/desk#sign-in-refused")
    assert COOKIE not in response.cookies
    assert not await trip.is_in()
    detail = {"way": "oidc", "reason": "unknown_subject", "subject": "somebody-else"}
    assert await trip.refusals() == [(None, detail)]
    waiting = await accounts.unknown_subjects(trip.database)
    assert [subject for _, subject in waiting] == ["somebody-else"]
    await accounts.link_subject(trip.database, "aigul", "somebody-else")
    assert await accounts.unknown_subjects(trip.database) == []
    assert (await trip.sign_in()).headers["Location"] == "/desk"


async def test_a_disabled_officer_is_refused(trip: Trip) -> None:
    await accounts.set_disabled(trip.database, "aigul", True)
    response = await trip.sign_in()
    assert response.headers["Location"] == "/desk#sign-in-refused"
    assert not await trip.is_in()
    row = (await accounts.everyone(trip.database))[1]
    assert await trip.refusals() == [(row["id"], {"way": "oidc", "reason": "disabled"})]


async def test_who_was_denied_by_the_provider_is_refused(trip: Trip) -> None:
    trip.provider.denies = True
    response = await trip.sign_in()
    assert response.headers["Location"] == "/desk#sign-in-refused"
    assert await trip.refusals() == [(None, {"way": "oidc", "reason": "denied_by_provider"})]


async def test_a_login_that_is_locked_is_locked_for_this_way_too(trip: Trip) -> None:
    wrong = {"login": "aigul", "password": "x"}
    for _ in range(5):
        assert (await trip.client.post("/desk/api/sign-in", json=wrong)).status == 401
    assert (await trip.sign_in()).headers["Location"] == "/desk#sign-in-refused"
    assert (await trip.refusals())[-1][1] == {"way": "oidc", "reason": "locked"}


async def test_wrong_passwords_are_forgotten_after_a_sign_in(trip: Trip) -> None:
    wrong = {"login": "aigul", "password": "x"}
    for _ in range(2):
        for _ in range(4):
            assert (await trip.client.post("/desk/api/sign-in", json=wrong)).status == 401
        assert (await trip.sign_in()).headers["Location"] == "/desk"


@pytest.mark.parametrize("name", ["next", "redirect_uri", "return_to", "url", "iss"])
async def test_no_address_leads_out_of_the_desk(trip: Trip, name: str) -> None:
    asked = f"?{urlencode({name: OUTSIDE})}"
    start = await trip.get(START + asked)
    assert start.headers["Location"].startswith(f"{trip.provider.issuer}/authorize?")
    assert "evil" not in start.headers["Location"]
    page = await (await trip.get(f"{CALLBACK}{asked}&code=c&state=s")).text()
    assert f'content="0;url={FINISH}?' in page
    assert "url=https" not in page
    brought = await trip.back(start.headers["Location"])
    brought = {**brought, **({} if name == "iss" else {name: OUTSIDE})}
    assert (await trip.finish(brought)).headers["Location"] == "/desk"


async def test_what_comes_back_can_t_break_out_of_the_page(trip: Trip) -> None:
    query = urlencode({"code": '"><script>alert(1)</script>', "state": "' onload='x"})
    page = await (await trip.get(f"{CALLBACK}?{query}")).text()
    assert "<script" not in page
    assert "onload='" not in page
    assert "&state" not in page


async def test_another_site_can_t_begin_a_sign_in(trip: Trip) -> None:
    response = await trip.get(START, **{"Sec-Fetch-Site": "cross-site"})
    await assert_page(response, 403, "bad_csrf")
    assert oidc.COOKIE not in response.cookies


@pytest.mark.parametrize("path", [START, FINISH])
async def test_an_address_that_tries_too_often_is_held_back(trip: Trip, path: str) -> None:
    trip.provider.broken = True
    for _ in range(int(sign_in.SIGN_INS.burst)):
        assert (await trip.get(path)).status in (400, 502)
    response = await trip.get(path)
    await assert_page(response, 429, "rate_limited")
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("code", ["zh", "kk", "ru"])
async def test_what_went_wrong_is_said_in_the_browser_s_language(trip: Trip, code: str) -> None:
    language = supported(code)
    assert language
    response = await trip.finish({}, **{"Accept-Language": "kk-CN" if code == "kk" else code})
    text = await response.text()
    assert words(language)["errors"]["oidc_broken"] in text
    assert f'<html lang="{code}">' in text


async def test_the_sign_in_page_is_told_of_both_ways(trip: Trip) -> None:
    ways = await (await trip.get("/desk/api/sign-in-ways")).json()
    assert ways == {"password": True, "oidc": {"name": "localhost"}}


@pytest.mark.parametrize("missing", ["oidc_issuer", "oidc_client_id", "oidc_client_secret"])
async def test_while_a_setting_is_missing_it_is_off(
    settings: Settings, aiohttp_client: Callable[..., Awaitable[TestClient]], missing: str
) -> None:
    known = {
        "oidc_issuer": "http://localhost:1",
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
    }
    client = await aiohttp_client(make_app(replace(settings, **{**known, missing: ""})))
    ways = await (await client.get("/desk/api/sign-in-ways")).json()
    assert ways == {"password": True, "oidc": None}
    for path in (START, CALLBACK, FINISH):
        await assert_page(await client.get(path), 404, "not_found")


async def test_the_cookie_of_the_way_travels_only_encrypted_when_the_page_does(
    settings: Settings,
    provider: Provider,
    aiohttp_client: Callable[..., Awaitable[TestClient]],
) -> None:
    known = replace(
        settings,
        public_url="https://port.example/",
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )
    response = await (await aiohttp_client(make_app(known))).get(START, allow_redirects=False)
    assert response.cookies[oidc.COOKIE]["secure"]
    asked = parse_qs(urlsplit(response.headers["Location"]).query)
    assert asked["redirect_uri"] == ["https://port.example/desk/oidc/callback"]
