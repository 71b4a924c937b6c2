"""Which messaging networks are on: each by its settings, in the order in which they are told."""

from __future__ import annotations

from channels.base import Channel
from hub.clock import Clock
from hub.settings import Settings

NAMES = ("telegram",)
"""All networks that there are."""


def make(settings: Settings, clock: Clock) -> list[Channel]:
    """The channels whose settings are there."""
    channels: list[Channel] = []
    if settings.telegram_token:
        # its library takes half a second to load, which nobody waits for who has no bot
        from channels.telegram import Telegram

        channels.append(Telegram(settings, clock))
    return channels


def missing(settings: Settings) -> dict[str, str]:
    """Networks that are off, and the settings that would turn them on."""
    return {} if settings.telegram_token else {"telegram": "TELEGRAM_TOKEN"}
