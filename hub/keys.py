"""What the application holds, under the keys by which handlers find it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from hub.assistant import HealthMonitor
from hub.briefings import Briefings
from hub.clock import Clock
from hub.database import Database
from hub.desk_hours import DeskHours
from hub.dispatch import Dispatcher
from hub.handoffs import Handoffs
from hub.lane_figures import LaneFigures
from hub.log import ConversationLog
from hub.outbox import Outbox
from hub.rate_limits import RateLimiter
from hub.reception import Reception
from hub.requests import Requests
from hub.settings import Settings
from hub.signs import Signs
from hub.wakeups import Wakeups

SETTINGS = web.AppKey("settings", Settings)
LOG = web.AppKey("log", ConversationLog)
DATABASE = web.AppKey("database", Database)
HANDOFFS = web.AppKey("handoffs", Handoffs)
REQUESTS = web.AppKey("requests", Requests)
LANES = web.AppKey("lanes", LaneFigures)
BRIEFINGS = web.AppKey("briefings", Briefings)
WAKEUPS = web.AppKey("wakeups", Wakeups)
HOURS = web.AppKey("hours", DeskHours)
HEALTH = web.AppKey("health", HealthMonitor)
DISPATCHER = web.AppKey("dispatcher", Dispatcher)
RECEPTION = web.AppKey("reception", Reception)
SIGNS = web.AppKey("signs", Signs)
LIMITS = web.AppKey("limits", RateLimiter)
OUTBOX = web.AppKey("outbox", Outbox)
CLOCK = web.AppKey[Clock]("clock")
NETWORKS = web.AppKey[list[Any]]("networks")
"""The messaging networks that are on: ``channels.base.Channel``, which the hub does not know."""
