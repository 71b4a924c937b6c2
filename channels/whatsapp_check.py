"""What is wrong with WhatsApp's set-up, here or on Meta's side, as who runs the hub can mend it."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from bot.language import Language
from channels.whatsapp_api import GraphApi, GraphError
from channels.whatsapp_messages import template_code
from hub.settings import Settings

_RIGHTS = ("whatsapp_business_messaging", "whatsapp_business_management")

_SPOKEN = {
    code: Language(code, script)
    for code, script in (("zh", "Hans"), ("kk", "Cyrl"), ("ru", "Cyrl"), ("en", "Latn"))
}


async def faults(api: GraphApi, settings: Settings, hook: str) -> list[str]:
    """A sentence for each fault; ``hook`` is where Meta has to call us."""
    key = settings.whatsapp_app_secret.encode()
    proof = hmac.new(key, settings.whatsapp_token.encode(), hashlib.sha256).hexdigest()
    try:
        number = await api.get(
            settings.whatsapp_phone_id,
            fields="display_phone_number,webhook_configuration",
            appsecret_proof=proof,
        )
        answer = await api.get("debug_token", input_token=settings.whatsapp_token)
        token = answer.get("data") or {}
        wrong = [*_about_token(token), *_about_webhook(number, hook)]
        if account := _account(token):
            wrong += await _about_account(api, account, settings)
    except GraphError as error:
        return [trouble(error)]
    return wrong


def trouble(error: Exception) -> str:
    """What has to be mended after an error."""
    if not isinstance(error, GraphError):
        return f"{type(error).__name__}: {error}"
    if "appsecret_proof" in str(error):
        return "WHATSAPP_APP_SECRET is not this app's: copy it from App settings, Basic"
    if error.is_about_token:
        return "WHATSAPP_TOKEN is refused: make one anew (Business settings, System users)"
    if error.code == 33 or (error.code == 100 and error.subcode == 33):
        return "WHATSAPP_PHONE_ID is no number of this token's: it is the id beside the number"
    if error.status == 0:
        return f"Meta can't be reached ({error})"
    return str(error)


def _about_token(token: dict[str, Any]) -> list[str]:
    wrong = []
    if ends := token.get("expires_at"):
        day = datetime.fromtimestamp(ends, UTC).date()
        wrong.append(f"WHATSAPP_TOKEN runs out on {day}: use a system user's, which never does.")
    scopes = token.get("scopes") or []
    wrong += [
        f"WHATSAPP_TOKEN lacks the right {right}." for right in _RIGHTS if right not in scopes
    ]
    return wrong


def _about_webhook(number: dict[str, Any], hook: str) -> list[str]:
    wrong = []
    if not hook.startswith("https://"):
        wrong.append(f"Meta calls https:// only; PUBLIC_URL makes it {hook}.")
    given = number.get("webhook_configuration") or {}
    # the narrower setting wins
    places = ("phone_number", "whatsapp_business_account", "application")
    called = next((given[place] for place in places if given.get(place)), "not set")
    if called != hook:
        wrong.append(f"The webhook is {called}, not {hook}.")
    return wrong


async def _about_account(api: GraphApi, account: str, settings: Settings) -> list[str]:
    wrong = []
    subscribed = await api.get(f"{account}/subscribed_apps")
    if not subscribed.get("data"):
        wrong.append(
            "No app gets this account's messages: "
            f"POST /{account}/subscribed_apps, or switch the webhook field messages on anew."
        )
    for language, named in settings.whatsapp_templates.items():
        name, _, code = named.partition(":")
        found = await api.get(
            f"{account}/message_templates", name=name, fields="name,language,status"
        )
        approved = [
            each["language"]
            for each in found.get("data") or []
            if each["name"] == name and each["status"] == "APPROVED"
        ]
        meant = [_SPOKEN[language]] if language else list(_SPOKEN.values())
        wanted = [code] if code else [template_code(each) for each in meant]
        if missing := [each for each in wanted if each not in approved]:
            wrong.append(f"The template {name} is not approved in {', '.join(missing)}.")
    return wrong


def _account(token: dict[str, Any]) -> str | None:
    """The business account that a token is for, when it names one."""
    for scope in token.get("granular_scopes") or []:
        if scope.get("scope") == _RIGHTS[1] and scope.get("target_ids"):
            return str(scope["target_ids"][0])
    return None
