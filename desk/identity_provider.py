"""What the identity provider says over OpenID Connect: where to sign in, and who has done so."""

from __future__ import annotations

import logging
import secrets
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import aiohttp
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc6749.parameters import prepare_token_request
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from desk.officer import is_subject
from hub.settings import Settings

log = logging.getLogger(__name__)

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key that the provider alone has; never by a secret that both know, or none."""

CLOCKS_DIFFER = 60
"""Seconds by which the provider's clock may be wrong."""

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderDownError(Exception):
    """The provider can't be reached, or is not set up so that anybody could sign in."""


class NotProvenError(Exception):
    """What came back does not prove who somebody is."""


@dataclass(frozen=True)
class Attempt:
    """The secrets of one sign-in, which only the browser that began it has."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def begin(cls) -> Attempt:
        return cls(*(secrets.token_urlsafe(48) for _ in range(3)))

    @classmethod
    def of(cls, text: str) -> Attempt | None:
        """The attempt that ``str`` was made of."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == 3 and all(parts) else None

    def __str__(self) -> str:
        return ".".join(astuple(self))


class IdentityProvider:
    """The provider of the settings.

    Its addresses and keys are asked for anew at each sign-in: those are few, and
    keys change.
    """

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer
        self._client_id, self._secret = settings.oidc_client_id, settings.oidc_client_secret
        self._redirect_uri = f"{settings.public_url.rstrip('/')}/desk/oidc/callback"

    async def sign_in_address(self, attempt: Attempt) -> str:
        """Where the browser is sent.

        Raises:
            ProviderDownError
        """
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            metadata = await self._metadata(session)
        client = OAuth2Client(
            None,
            client_id=self._client_id,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )
        address, _ = client.create_authorization_url(
            metadata["authorization_endpoint"],
            state=attempt.state,
            code_verifier=attempt.verifier,
            nonce=attempt.nonce,
        )
        return str(address)

    async def subject(self, attempt: Attempt, code: str, issuer: str | None, now: datetime) -> str:
        """Who signed in: the provider's own name for a person, which never changes.

        ``issuer`` is what the redirect said of it (RFC 9207), if anything.

        Raises:
            ProviderDownError, NotProvenError
        """
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
            metadata = await self._metadata(session)
            if issuer is not None and issuer != metadata["issuer"]:
                raise NotProvenError("the redirect came from another issuer")
            token = await self._token(session, metadata, attempt, code)
            keys = await _keys(session, metadata["jwks_uri"])
        return self._subject(token, keys, metadata["issuer"], attempt.nonce, now)

    async def _metadata(self, session: aiohttp.ClientSession) -> dict[str, Any]:
        _, metadata = await _ask(session, "GET", self._issuer + _WELL_KNOWN)
        issuer = metadata.get("issuer")
        # the settings end without a slash, some issuers' names with one
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._issuer:
            raise ProviderDownError(f"its name is {issuer!r}, not OIDC_ISSUER")
        scheme = ("https://",) if self._issuer.startswith("https:") else ("https://", "http://")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not str(metadata.get(name)).startswith(scheme):
                raise ProviderDownError(f"its {name} is {metadata.get(name)!r}")
        return metadata

    async def _token(
        self,
        session: aiohttp.ClientSession,
        metadata: dict[str, Any],
        attempt: Attempt,
        code: str,
    ) -> dict[str, Any]:
        known = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        basic = "client_secret_basic" in known
        method = "client_secret_basic" if basic else "client_secret_post"
        address, headers, body = ClientAuth(self._client_id, self._secret, method).prepare(
            "POST",
            metadata["token_endpoint"],
            {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            prepare_token_request(
                "authorization_code",
                code=code,
                redirect_uri=self._redirect_uri,
                code_verifier=attempt.verifier,
            ),
        )
        status, token = await _ask(session, "POST", address, headers=headers, data=body)
        if token.get("error") == "invalid_grant":
            raise NotProvenError("the code is used up, too old or another one's")
        if status != 200:
            raise ProviderDownError(f"its token endpoint said {status}, {token.get('error')!r}")
        return token

    def _subject(
        self, token: dict[str, Any], keys: KeySet, issuer: str, nonce: str, now: datetime
    ) -> str:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            signed = jwt.decode(str(token.get("id_token")), keys, registry=registry)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                {
                    "iss": {"essential": True, "value": issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": str(token.get("access_token")),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=CLOCKS_DIFFER)
        except (JoseError, ValueError) as error:
            raise NotProvenError(f"{type(error).__name__}: {error}") from error
        subject: str = claims["sub"]
        if not is_subject(subject):
            raise NotProvenError(f"{subject[:300]!r} is no subject")
        return subject


async def _keys(session: aiohttp.ClientSession, address: str) -> KeySet:
    _, found = await _ask(session, "GET", address)
    try:
        public = [
            key
            for key in found["keys"]
            if key["kty"] in ("RSA", "EC") and key.get("use", "sig") == "sig"
        ]
        return KeySet.import_key_set({"keys": public})
    except (JoseError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ProviderDownError(f"its keys can't be read: {error!r}") from error


async def _ask(
    session: aiohttp.ClientSession, method: str, address: str, **more: Any
) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of an answer; a refusal of the token endpoint is one, too."""
    try:
        async with session.request(method, address, allow_redirects=False, **more) as response:
            if response.status != 200 and (method == "GET" or response.status not in (400, 401)):
                raise ProviderDownError(f"{address} said {response.status}")
            found = await response.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise ProviderDownError(f"{address}: {error!r}") from error
    if not isinstance(found, dict):
        raise ProviderDownError(f"{address} answered with no JSON object")
    return response.status, found
