"""Tells whether a messaging network is set up rightly: ``python -m channels check telegram``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from channels import networks
from hub.clock import SystemClock
from hub.settings import Settings, SettingsError, read


def main(arguments: list[str] | None = None) -> int:
    """0 when all is right, 1 when something is wrong, 2 when it is off or a setting can't be."""
    parser = argparse.ArgumentParser(prog="python -m channels", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="what is wrong with a network's settings")
    check.add_argument("network", choices=networks.NAMES)
    parsed = parser.parse_args(arguments)
    try:
        settings = read()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return asyncio.run(_check(settings, parsed.network))


async def _check(settings: Settings, name: str) -> int:
    if needed := networks.missing(settings).get(name):
        print(f"{name} is off: set {needed} (README, Messaging networks).", file=sys.stderr)
        return 2
    channel = next(each for each in networks.make(settings, SystemClock()) if each.name == name)
    try:
        wrong = await channel.check()
    finally:
        await channel.close()
    for line in wrong:
        print(f"- {line}")
    if not wrong:
        print(f"{name}: all is well.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
