"""The hub's composition: routers, database, dispatcher, and nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
from aiohttp import web

from channels import briefing_api, briefing_pages, checklist, networks, web_page
from channels import web as web_channel
from channels.intake import Intake
from desk import alarms as desk_alarms
from desk import (
    briefings,
    console,
    emergencies,
    files,
    lanes,
    oidc,
    requests,
    search,
    sign_in,
    stream,
    transcript,
)
from desk.accounts import first_admin, on_duty
from desk.live_queue import LIVE_QUEUE, LiveQueue
from desk.pager import Pager, page
from desk.retention import Retention, keep_for
from desk.sessions import time_in
from desk.translations import interface_language
from hub import internal
from hub.addresses import Addresses
from hub.assistant import Assistant, HealthMonitor
from hub.briefings import Briefings
from hub.clock import Clock, SystemClock
from hub.conversation import Draft
from hub.database import Database
from hub.desk_hours import DeskHours
from hub.dispatch import Dispatcher
from hub.errors import json_errors
from hub.handoffs import Handoffs
from hub.keys import (
    BRIEFINGS,
    CLOCK,
    DATABASE,
    DISPATCHER,
    HANDOFFS,
    HEALTH,
    HOURS,
    LANES,
    LIMITS,
    LOG,
    NETWORKS,
    OUTBOX,
    RECEPTION,
    REQUESTS,
    SETTINGS,
    SIGNS,
    WAKEUPS,
)
from hub.lane_figures import LaneFigures
from hub.log import ConversationLog
from hub.outbox import Outbox
from hub.rate_limits import RateLimiter
from hub.reception import Reception, answered_here
from hub.requests import Requests
from hub.requests import watch as watch_requests
from hub.settings import Settings
from hub.signs import Signs
from hub.translation import LibreTranslate
from hub.translator import Translator
from hub.wakeups import Wakeups

_OnPrepare = Callable[[web.Request, web.StreamResponse], Awaitable[None]]

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""

LEASES_EVERY = 10.0
"""Seconds between two looks at officers' leases."""

MISSED = timedelta(hours=1)
"""How far back a hub that starts looks for calls that it died over."""


def make_app(settings: Settings, clock: Clock | None = None) -> web.Application:
    """The whole hub, ready to be served; ``clock`` is that of messaging networks."""
    app = web.Application(middlewares=[json_errors], client_max_size=LARGEST_BODY)
    app.on_response_prepare.append(security_headers(settings))
    app.on_response_prepare.append(web_page.always_ask)
    app[SETTINGS] = settings
    app[HOURS] = DeskHours(settings.desk_hours)
    app[LIMITS] = RateLimiter()
    app[WAKEUPS] = Wakeups()
    app[SIGNS] = Signs(app[WAKEUPS])
    app.add_routes(web_channel.router)
    app.add_routes(internal.router)
    for part in (
        sign_in,
        oidc,
        console,
        requests,
        emergencies,
        lanes,
        briefings,
        stream,
        search,
        transcript,
        files,
    ):
        app.add_routes(part.router)
    app.add_routes(web_page.router)
    app.add_routes(briefing_api.router)
    app.add_routes(briefing_pages.router)
    app.add_routes(checklist.router)
    app[CLOCK] = clock or SystemClock()
    app[NETWORKS] = networks.make(settings, app[CLOCK])
    for network in app[NETWORKS]:
        app.add_routes(network.routes())
    app.router.add_get("/health", show_health)
    app.cleanup_ctx.append(_conversations)
    return app


async def watch_leases(handoffs: Handoffs) -> None:
    """Looks again and again whose officer is gone, until cancelled."""
    while True:
        try:
            await handoffs.expire(datetime.now(UTC))
        except Exception:
            logging.getLogger(__name__).exception("looking at leases failed")
        await asyncio.sleep(LEASES_EVERY)


async def show_health(request: web.Request) -> web.Response:
    return web.json_response({"hub": "ok", **request.app[HEALTH].state})


def security_headers(settings: Settings) -> _OnPrepare:
    """Only this host's own files run; only the embedders of the settings may frame the page."""
    policy = "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            " ".join(["frame-ancestors", "'self'", *settings.embedders]),
        ]
    )

    async def add(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")

    return add


async def _conversations(app: web.Application) -> AsyncIterator[None]:
    settings = app[SETTINGS]
    database = Database(settings.database_url)
    await database.migrate()
    # reads the model and the words of emergencies, so that the first message does not wait for it
    await asyncio.to_thread(answered_here, Draft("traveler", "help me", "en", "Latn"), 1)
    async with aiohttp.ClientSession() as session:
        token = settings.service_token
        health = HealthMonitor(session, settings.assistant_url, settings.actions_url, token)
        assistant = Assistant(session, settings.assistant_url, token)
        log = ConversationLog(database)
        dispatcher = Dispatcher(log, assistant, health, app[WAKEUPS])
        app[LOG], app[HEALTH], app[DISPATCHER] = log, health, dispatcher
        handoffs = Handoffs(database, app[WAKEUPS], on_duty, app[HOURS])
        # the assistant has to learn where it stops and where it goes on
        handoffs.changed.append(dispatcher.schedule)
        app[DATABASE], app[HANDOFFS] = database, handoffs
        app[REQUESTS] = Requests(database, app[WAKEUPS], handoffs)
        app[LANES] = LaneFigures(database, app[WAKEUPS])
        app[BRIEFINGS] = Briefings(database, token, settings.public_url)
        app[LIVE_QUEUE] = LiveQueue(database, app[HOURS])
        app[RECEPTION] = Reception(log, dispatcher, app[WAKEUPS], handoffs)
        outbox = Outbox(database, app[WAKEUPS], app[CLOCK])
        app[OUTBOX] = outbox
        intake = Intake(log, app[RECEPTION], Addresses(database), app[LIMITS])
        for network in app[NETWORKS]:
            network.meet(intake, outbox)
            outbox.add(network)
        alarms = desk_alarms.Alarms(
            database, app[WAKEUPS], timedelta(seconds=settings.alarm_escalates_after)
        )
        retention = Retention(database, log, dispatcher, app[WAKEUPS], settings)
        background = [
            *(asyncio.create_task(network.run()) for network in app[NETWORKS]),
            asyncio.create_task(desk_alarms.watch(alarms, lambda: time_in(app))),
            asyncio.create_task(health.run()),
            asyncio.create_task(watch_leases(handoffs)),
            asyncio.create_task(watch_requests(app[REQUESTS], lambda: time_in(app))),
            asyncio.create_task(keep_for(retention, lambda: time_in(app))),
        ]
        if settings.alarm_webhook:
            pager = Pager(database, session, settings)
            background.append(asyncio.create_task(page(pager, lambda: time_in(app))))
        if settings.translate_url:
            machine = LibreTranslate(session, settings.translate_url, settings.translate_api_key)
            translator = Translator(database, app[WAKEUPS], machine, interface_language)
            background.append(asyncio.create_task(translator.run()))
        await dispatcher.start()
        await outbox.start()
        await handoffs.alarm_what_was_missed(datetime.now(UTC) - MISSED)
        if link := await first_admin(database, settings.public_url):
            logging.getLogger(__name__).warning("the desk's first account is made here: %s", link)
        yield
        await dispatcher.stop()
        await outbox.stop()
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        for network in app[NETWORKS]:
            await network.close()
    await database.close()
