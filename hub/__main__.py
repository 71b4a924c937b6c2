"""Serves the hub: ``python -m hub``."""

from __future__ import annotations

import logging
import sys

from aiohttp import web

from bot.process_log import cover_numbers
from hub.app import make_app
from hub.settings import SettingsError, read


def main() -> int:
    cover_numbers()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        settings = read()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    web.run_app(
        make_app(settings), host=settings.host, port=settings.port, print=None, shutdown_timeout=2
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
