"""An OpenID Connect provider that takes nothing amiss and, when told to, answers wrongly."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "desk-of-the-port", "a-secret-of-the-tests"


@dataclass
class Provider:
    """``issuer`` and ``redirect_uri`` are set once the addresses are known.

    What a test changes: who signs in (``subject``), ``claims`` and ``header`` that differ from
    the right ones (None leaves one out), the ``key`` of the signature, ``asks`` (a page to press
    a link on), ``denies``, ``broken`` (every address answers 503), ``discovery``.
    """

    issuer: str = ""
    redirect_uri: str = ""
    subject: str = "248289761001"
    claims: dict[str, Any] = field(default_factory=dict)
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    header: dict[str, Any] = field(default_factory=dict)
    asks: bool = False
    denies: bool = False
    broken: bool = False
    discovery: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = self.key
        self.asked: list[dict[str, str]] = []
        """The queries of all sign-ins that came here."""
        self.tokens = 0
        self._codes: dict[str, dict[str, str]] = {}

    def application(self) -> web.Application:
        @web.middleware
        async def breaks(request: web.Request, handler: Any) -> web.StreamResponse:
            if self.broken:
                return web.Response(status=503, text="<h1>maintenance</h1>")
            response: web.StreamResponse = await handler(request)
            return response

        app = web.Application(middlewares=[breaks])
        app.router.add_get("/.well-known/openid-configuration", self._configuration)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/keys", self._keys)
        return app

    async def _configuration(self, _request: web.Request) -> web.Response:
        known = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=port",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }
        return web.json_response({**known, **self.discovery})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        right = {
            "tenant": "port",
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "code_challenge_method": "S256",
        }
        secrets_sent = [query.get(name, "") for name in ("state", "nonce", "code_challenge")]
        if any(query.get(name) != value for name, value in right.items()) or not all(secrets_sent):
            return web.Response(status=400, text=f"not a sign-in: {query}")
        self.asked.append(query)
        back = {"state": query["state"], "iss": self.issuer}
        if self.denies:
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe(16)
            self._codes[back["code"]] = query
        address = f"{self.redirect_uri}?{urlencode(back)}"
        if self.asks:
            page = f'<!doctype html><a id="allow" href="{address.replace("&", "&amp;")}">Allow</a>'
            return web.Response(text=page, content_type="text/html")
        return web.Response(status=302, headers={"Location": address})

    async def _token(self, request: web.Request) -> web.Response:
        sent = await request.post()
        if not self._is_client(request, sent):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self._codes.pop(str(sent.get("code")), None)
        verifier = str(sent.get("code_verifier"))
        if (
            asked is None
            or sent.get("grant_type") != "authorization_code"
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or _hashed(verifier) != asked["code_challenge"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.tokens += 1
        access_token = secrets.token_urlsafe(16)
        return web.json_response(
            {
                "access_token": access_token,
                "token_type": "Bearer",
                "expires_in": 300,
                "id_token": self._id_token(asked["nonce"], access_token),
            }
        )

    def _is_client(self, request: web.Request, sent: Any) -> bool:
        if self.discovery.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        return request.headers.get("Authorization") == f"Basic {basic}"

    def _id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "at_hash": _hashed(access_token, half=True),
            "email": "aigul@port.example",
            "preferred_username": "aigul",
            **self.claims,
        }
        header = {"alg": "RS256", "kid": self.published.kid, **self.header}
        return jwt.encode(_kept(header), _kept(claims), self.key, algorithms=[header["alg"]])

    async def _keys(self, _request: web.Request) -> web.Response:
        public = self.published.as_dict(private=False)
        other = RSAKey.generate_key(2048, auto_kid=True).as_dict(private=False)
        unreadable = {"kty": "AKP", "kid": "later", "alg": "ML-DSA-65", "pub": "AA"}
        encrypting = {**other, "use": "enc"}
        return web.json_response({"keys": [unreadable, encrypting, {**public, "use": "sig"}]})


def _kept(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _hashed(text: str, half: bool = False) -> str:
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16] if half else digest).rstrip(b"=").decode()
