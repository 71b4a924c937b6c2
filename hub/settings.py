"""Settings from environment variables, read here and nowhere else; the README lists them."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import opening_hours


class SettingsError(ValueError):
    """A setting can't be used; the message names it and says what it takes."""


@dataclass(frozen=True)
class Settings:
    """All settings; each has a default that works on one machine."""

    var: Path
    host: str
    port: int
    public_url: str
    database_url: str
    assistant_port: int
    actions_port: int
    assistant_url: str
    actions_url: str
    assistant_database_url: str
    service_token: str
    trusted_proxies: tuple[str, ...]
    embedders: tuple[str, ...]
    keep_days: int
    keep_audit_days: int
    keep_requests_days: int
    desk_hours: str
    alarm_escalates_after: int
    alarm_webhook: str
    translate_url: str
    translate_api_key: str
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: str
    telegram_token: str
    telegram_webhook: bool
    telegram_api_url: str
    wechat_app_id: str
    wechat_secret: str
    wechat_token: str
    wechat_aes_key: str
    wechat_api_url: str
    whatsapp_token: str
    whatsapp_phone_id: str
    whatsapp_app_secret: str
    whatsapp_verify_token: str
    whatsapp_templates: Mapping[str, str]
    """Names of approved templates by language code, ``""`` for those not named."""
    whatsapp_api_url: str
    whatsapp_api_version: str


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings of an environment; makes ``VAR_DIR`` and the service token in it when missing.

    Raises:
        SettingsError: a value can't be used.
    """
    var = Path(environment.get("VAR_DIR") or "var").absolute()
    var.mkdir(parents=True, exist_ok=True)
    port = _port(environment, "HUB_PORT", 8080)
    assistant_port = _port(environment, "ASSISTANT_PORT", 5005)
    actions_port = _port(environment, "ACTIONS_PORT", 5055)
    host = environment.get("HUB_HOST") or "0.0.0.0"  # noqa: S104 — the hub faces the network
    return Settings(
        var=var,
        host=host,
        port=port,
        public_url=environment.get("PUBLIC_URL") or f"http://localhost:{port}/",
        database_url=environment.get("DATABASE_URL") or f"sqlite+aiosqlite:///{var}/hub.db",
        assistant_port=assistant_port,
        actions_port=actions_port,
        assistant_url=environment.get("ASSISTANT_URL") or f"http://127.0.0.1:{assistant_port}",
        actions_url=environment.get("ACTIONS_URL") or f"http://127.0.0.1:{actions_port}",
        assistant_database_url=environment.get("ASSISTANT_DATABASE_URL")
        or f"sqlite:///{var}/assistant.db",
        service_token=environment.get("SERVICE_TOKEN") or _made_once(var / "service_token"),
        trusted_proxies=_networks(environment, "TRUSTED_PROXIES"),
        embedders=tuple((environment.get("EMBEDDERS") or "").split()),
        keep_days=_number(environment, "KEEP_CONVERSATIONS_DAYS", 30, "days"),
        keep_audit_days=_number(environment, "KEEP_AUDIT_DAYS", 180, "days"),
        keep_requests_days=_number(environment, "KEEP_REQUESTS_DAYS", 90, "days"),
        desk_hours=_hours(environment, "DESK_HOURS"),
        alarm_escalates_after=_number(environment, "ALARM_ESCALATES_AFTER", 60, "seconds"),
        alarm_webhook=_url(environment, "ALARM_WEBHOOK"),
        translate_url=_address(environment, "TRANSLATE_URL"),
        translate_api_key=environment.get("TRANSLATE_API_KEY") or "",
        oidc_issuer=_address(environment, "OIDC_ISSUER"),
        oidc_client_id=environment.get("OIDC_CLIENT_ID") or "",
        oidc_client_secret=environment.get("OIDC_CLIENT_SECRET") or "",
        telegram_token=_secret(
            environment,
            "TELEGRAM_TOKEN",
            r"\d+:[\w-]+",
            "looks like 123456789:AA…, as BotFather gives it",
        ),
        telegram_webhook=_switch(environment, "TELEGRAM_WEBHOOK"),
        telegram_api_url=_address(environment, "TELEGRAM_API_URL") or "https://api.telegram.org",
        wechat_app_id=_secret(
            environment, "WECHAT_APP_ID", r"wx\w+", "looks like wx0123456789abcdef"
        ),
        wechat_secret=environment.get("WECHAT_SECRET") or "",
        wechat_token=_secret(
            environment, "WECHAT_TOKEN", r"[A-Za-z0-9]{3,32}", "takes 3 to 32 letters and digits"
        ),
        wechat_aes_key=_secret(
            environment, "WECHAT_AES_KEY", r"[A-Za-z0-9]{43}", "takes 43 letters and digits"
        ),
        wechat_api_url=_address(environment, "WECHAT_API_URL") or "https://api.weixin.qq.com",
        whatsapp_token=environment.get("WHATSAPP_TOKEN") or "",
        whatsapp_phone_id=_phone_id(environment, "WHATSAPP_PHONE_ID"),
        whatsapp_app_secret=environment.get("WHATSAPP_APP_SECRET") or "",
        whatsapp_verify_token=environment.get("WHATSAPP_VERIFY_TOKEN") or "",
        whatsapp_templates=_templates(environment, "WHATSAPP_TEMPLATE"),
        whatsapp_api_url=_address(environment, "WHATSAPP_API_URL") or "https://graph.facebook.com",
        whatsapp_api_version=environment.get("WHATSAPP_API_VERSION") or "v25.0",
    )


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise SettingsError(f"{name} must be a port from 1 to 65535, not {value!r}")
    return int(value)


def _number(environment: Mapping[str, str], name: str, default: int, unit: str) -> int:
    value = environment.get(name) or str(default)
    if not value.isdecimal() or not 0 < int(value) < 10_000:
        raise SettingsError(f"{name} must be a number of {unit}, not {value!r}")
    return int(value)


def _switch(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name) or "0"
    if value not in ("0", "1"):
        raise SettingsError(f"{name} is 1 for on or 0 for off, not {value!r}")
    return value == "1"


def _secret(environment: Mapping[str, str], name: str, pattern: str, looks: str) -> str:
    value = environment.get(name) or ""
    if value and not re.fullmatch(pattern, value):
        # a secret: not repeated
        raise SettingsError(f"{name} {looks}")
    return value


def _phone_id(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name) or ""
    if value and not value.isdecimal():
        raise SettingsError(f"{name} is the number's id at Meta, digits only, not {value!r}")
    return value


def _templates(environment: Mapping[str, str], name: str) -> dict[str, str]:
    found = {}
    for word in (environment.get(name) or "").split():
        parsed = re.fullmatch(r"(?:(zh|kk|ru|en)=)?([a-z0-9_]+(?::[A-Za-z_]+)?)", word)
        if parsed is None:
            raise SettingsError(
                f"{name} takes names like port_notice or kk=notice_kk en=notice:en_US, not {word!r}"
            )
        found[parsed[1] or ""] = parsed[2]
    return found


def _hours(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name) or ""
    if value and not opening_hours.validate(value):
        raise SettingsError(
            f"{name} takes hours like 'Mo-Su 10:00-19:00; 2027 Jan 01 off', not {value!r}"
        )
    return value


def _address(environment: Mapping[str, str], name: str) -> str:
    """The address of a server, to which paths are added."""
    return _url(environment, name).rstrip("/")


def _url(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name) or ""
    if value and not value.startswith(("http://", "https://")):
        raise SettingsError(f"{name} must begin with http:// or https://, not {value!r}")
    return value


def _networks(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    values = tuple((environment.get(name) or "").split())
    for value in values:
        try:
            ip_network(value)
        except ValueError as error:
            raise SettingsError(f"{name} takes addresses or networks: {error}") from error
    return values


def _made_once(path: Path) -> str:
    """The secret in a file that only its owner reads; made when it isn't there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii")
    secret = secrets.token_urlsafe(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secret)
    return secret
