"""Which messaging networks are on: each by its settings, in the order in which they are told."""

from __future__ import annotations

from channels.base import Channel
from channels.whatsapp import WhatsApp
from hub.clock import Clock
from hub.settings import Settings

NAMES = ("telegram", "wechat", "whatsapp")
"""All networks that there are."""


def make(settings: Settings, clock: Clock) -> list[Channel]:
    """The channels whose settings are there."""
    channels: list[Channel] = []
    off = missing(settings)
    # their libraries take a while to load, which nobody waits for who is not on that network
    if "telegram" not in off:
        from channels.telegram import Telegram

        channels.append(Telegram(settings, clock))
    if "wechat" not in off:
        from channels.wechat import WeChat

        channels.append(WeChat(settings, clock))
    if "whatsapp" not in off:
        channels.append(WhatsApp(settings, clock))
    return channels


def missing(settings: Settings) -> dict[str, str]:
    """Networks that are off, and the settings that would turn them on."""
    needed = {
        "telegram": {"TELEGRAM_TOKEN": settings.telegram_token},
        "wechat": {
            "WECHAT_APP_ID": settings.wechat_app_id,
            "WECHAT_SECRET": settings.wechat_secret,
            "WECHAT_TOKEN": settings.wechat_token,
        },
        "whatsapp": {
            "WHATSAPP_TOKEN": settings.whatsapp_token,
            "WHATSAPP_PHONE_ID": settings.whatsapp_phone_id,
            "WHATSAPP_APP_SECRET": settings.whatsapp_app_secret,
            "WHATSAPP_VERIFY_TOKEN": settings.whatsapp_verify_token,
        },
    }
    unset = {
        network: ", ".join(name for name, value in values.items() if not value)
        for network, values in needed.items()
    }
    return {network: names for network, names in unset.items() if names}
