"""Whether a password, a code or a token is the right one; nothing here knows an officer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 10

CODE_SECONDS = 30
"""How long a code of an authenticator app is shown."""

_hasher = PasswordHasher()
_nobodys = _hasher.hash(secrets.token_bytes(32))
# every hash takes 64 MiB: many sign-ins at once wait for each other here
_threads = ThreadPoolExecutor(2, thread_name_prefix="argon2")


def is_weak(password: str) -> bool:
    return len(_normal(password)) < SHORTEST_PASSWORD


async def hash_password(password: str) -> str:
    """An argon2id hash with salt; made in a thread, some 50 ms."""
    return await asyncio.get_running_loop().run_in_executor(
        _threads, _hasher.hash, _bytes(_normal(password))
    )


async def is_password(password: str, password_hash: str | None) -> bool:
    """Whether a password has this hash; without a hash it never has, after the same time."""
    right = await asyncio.get_running_loop().run_in_executor(
        _threads, _verify, password_hash or _nobodys, _bytes(_normal(password))
    )
    return right and password_hash is not None


def step_of_code(secret: str, code: str, now: datetime, used: int | None) -> int | None:
    """The time step of a right six-digit code; None for a wrong one, or one of a step used.

    A clock may be one step off. Steps up to ``used`` are taken no more, so that a
    code that somebody saw is worth nothing.
    """
    totp = pyotp.TOTP(secret, interval=CODE_SECONDS)
    current = int(now.timestamp()) // CODE_SECONDS
    typed = _bytes("".join(code.split()))
    right = [
        step
        for step in (current - 1, current, current + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed)
    ]
    return next((step for step in right if used is None or step > used), None)


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_uri(secret: str, login: str, host: str) -> str:
    """The otpauth address that an authenticator app reads, mostly as a QR code."""
    return pyotp.TOTP(secret, interval=CODE_SECONDS).provisioning_uri(name=login, issuer_name=host)


def token_hash(token: str) -> str:
    """What is stored in place of a random token."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def same(token: str, other: str) -> bool:
    """Compares in a time that tells nothing."""
    return hmac.compare_digest(_bytes(token), _bytes(other))


def _verify(password_hash: str, password: bytes) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """The same letters from any keyboard: й may come as one character or as two."""
    return unicodedata.normalize("NFKC", password)


def _bytes(text: str) -> bytes:
    # JSON and headers can bring half a surrogate pair
    return text.encode("utf-8", "surrogatepass")
