"""Signing in by OpenID Connect: which ways there are, to the provider and back."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from functools import wraps
from html import escape
from string import Template
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bot.language import Language
from desk.accounts import audit
from desk.authentication import authenticate_subject
from desk.credentials import same
from desk.files import PAGE, POLICY
from desk.files import words as desk_words
from desk.identity_provider import Attempt, IdentityProvider, NotProvenError, ProviderDownError
from desk.sessions import now_of, start
from desk.sign_in import hold_back, refuse_other_sites
from hub.errors import STATUS, ApiError
from hub.keys import DATABASE, SETTINGS
from hub.settings import Settings
from hub.words import preferred, supported, words

log = logging.getLogger(__name__)

COOKIE = "desk_oidc"
COOKIE_PATH = "/desk/oidc"

ATTEMPT = 600
"""Seconds in which the sign-in at the provider must be done."""

REFUSED = "/desk#sign-in-refused"

_COMES_BACK = ("code", "state", "error", "iss")
"""What of the provider's redirect is read."""

_Page = Callable[[web.Request], Awaitable[web.Response]]

router = web.RouteTableDef()


def _as_page(handler: _Page) -> _Page:
    """Has an error read as a page: a browser was sent here, no script asked."""

    @wraps(handler)
    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except ApiError as error:
            return _error_page(request, error)

    return answer


@router.get("/desk/api/sign-in-ways")
async def show_ways(request: web.Request) -> web.Response:
    settings = request.app[SETTINGS]
    name = urlsplit(settings.oidc_issuer).hostname
    return web.json_response(
        {"password": True, "oidc": {"name": name} if _is_on(settings) else None}
    )


@router.get("/desk/oidc/start")
@_as_page
async def go_there(request: web.Request) -> web.Response:
    """Sends the browser to the provider; what it must bring back is kept in a cookie."""
    provider = _provider(request)
    refuse_other_sites(request)
    hold_back(request)
    attempt = Attempt.begin()
    try:
        address = await provider.sign_in_address(attempt)
    except ProviderDownError as error:
        log.error("OpenID Connect: the provider can't be used: %s", error)
        raise ApiError("oidc_down") from error
    response = _redirect(address)
    response.set_cookie(
        COOKIE,
        str(attempt),
        max_age=ATTEMPT,
        path=COOKIE_PATH,
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].public_url.startswith("https:"),
    )
    return response


@router.get("/desk/oidc/callback")
@_as_page
async def come_back(request: web.Request) -> web.Response:
    """Brings the browser from the provider's site to ours, and does nothing else.

    The desk's cookie is strict: it neither comes along from another site, so that an
    older session would stay open unseen, nor is it sure to go along with a redirect
    that began there. The page that this answers with is ours; what it opens is asked
    for from our own site.
    """
    _provider(request)
    known = {name: request.query[name] for name in _COMES_BACK if name in request.query}
    page = _words(request)
    address = f"/desk/oidc/finish?{urlencode(known)}"
    return _page(request, page["oidc_coming"], address, page["oidc_go_on"], goes_on=True)


@router.get("/desk/oidc/finish")
@_as_page
async def finish(request: web.Request) -> web.Response:
    """Lets in whom the provider named, if that is an officer's linked account."""
    provider = _provider(request)
    hold_back(request, "oidc")
    attempt = Attempt.of(request.cookies.get(COOKIE, ""))
    if attempt is None or not same(request.query.get("state", ""), attempt.state):
        # the cookie stays: a page that was sent by somebody else ends nobody's sign-in
        raise ApiError("oidc_broken")
    try:
        response = await _let_in(request, provider, attempt)
    except ApiError as error:
        response = _error_page(request, error)
    response.del_cookie(COOKIE, path=COOKIE_PATH)
    return response


async def _let_in(
    request: web.Request, provider: IdentityProvider, attempt: Attempt
) -> web.Response:
    code = request.query.get("code")
    if not code:
        await _note_refusal(request, "denied_by_provider")
        return _redirect(REFUSED)
    now = now_of(request)
    try:
        subject = await provider.subject(attempt, code, request.query.get("iss"), now)
    except ProviderDownError as error:
        log.error("OpenID Connect: the provider can't be used: %s", error)
        raise ApiError("oidc_down") from error
    except NotProvenError as error:
        log.warning("OpenID Connect: a sign-in was refused: %s", error)
        await _note_refusal(request, "not_proven")
        raise ApiError("oidc_broken") from error
    officer = await authenticate_subject(request.app[DATABASE], subject, now)
    if officer is None:
        return _redirect(REFUSED)
    response = _redirect("/desk")
    await start(request, response, officer.id)
    return response


def _is_on(settings: Settings) -> bool:
    return all((settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret))


def _provider(request: web.Request) -> IdentityProvider:
    settings = request.app[SETTINGS]
    if not _is_on(settings):
        raise ApiError("not_found")
    return IdentityProvider(settings)


async def _note_refusal(request: web.Request, reason: str) -> None:
    async with request.app[DATABASE].write() as connection:
        await audit(connection, None, "sign_in_refused", way="oidc", reason=reason)


def _redirect(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _error_page(request: web.Request, error: ApiError) -> web.Response:
    text = words(_language(request))["errors"][error.code]
    response = _page(request, text, "/desk", _words(request)["oidc_back"])
    response.set_status(STATUS[error.code])
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def _page(
    request: web.Request, text: str, address: str, link: str, goes_on: bool = False
) -> web.Response:
    """A page with one sentence and one link, which ``goes_on`` follows by itself."""
    template = Template((PAGE / "notice.html").read_text(encoding="utf-8"))
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(address)}" />' if goes_on else ""
    html = template.substitute(
        language=_language(request).code,
        refresh=refresh,
        title=escape(_words(request)["sign_in"]),
        text=escape(text),
        address=escape(address),
        link=escape(link),
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return web.Response(text=html, content_type="text/html", headers=headers)


def _words(request: web.Request) -> dict[str, str]:
    return desk_words(_language(request))


def _language(request: web.Request) -> Language:
    """The browser's language, in the script that the desk has it in."""
    language = supported(preferred(request.headers.get("Accept-Language", "")).code)
    assert language is not None  # noqa: S101 - ``preferred`` names only what is supported
    return language
