"""Which messaging networks are on: each by its settings, in the order in which they are told."""

from __future__ import annotations

from channels.base import Channel
from channels.telegram import Telegram
from hub.clock import Clock
from hub.settings import Settings

NAMES = ("telegram",)


def make(settings: Settings, clock: Clock) -> list[Channel]:
    """The channels whose settings are there."""
    channels: list[Channel] = []
    if settings.telegram_token:
        channels.append(Telegram(settings, clock))
    return channels


def missing(settings: Settings) -> dict[str, str]:
    """Networks that are off, and the settings that would turn them on."""
    return {} if settings.telegram_token else {"telegram": "TELEGRAM_TOKEN"}
