"""Manages officers' accounts from the shell: ``python -m desk --help``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from desk import accounts
from desk.officer import ROLES
from hub.database import Database
from hub.settings import Settings, SettingsError, read


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 when done, 1 when refused, 2 when not understood."""
    parsed = _parser().parse_args(arguments)
    try:
        asyncio.run(_run(parsed, read()))
    except accounts.AccountError as error:
        print(error, file=sys.stderr)
        return 1
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m desk", description="Officers' accounts.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="all accounts")
    add = commands.add_parser("add", help="a new account; prints the link that sets its password")
    add.add_argument("login")
    add.add_argument("--role", choices=ROLES, required=True)
    add.add_argument("--number", required=True, help="the badge number that travelers see")
    add.add_argument("--name", default="")
    add.add_argument("--languages", default="", help="for example zh,ru")
    for name, what in {
        "invite": "a new link that sets a new password; older links end",
        "disable": "bar an officer and end what is open",
        "enable": "let an officer in again",
        "totp": "ask for a code at sign-in; prints what an authenticator app reads",
    }.items():
        command = commands.add_parser(name, help=what)
        command.add_argument("login")
    command.add_argument("--remove", action="store_true", help="ask for no code any more")
    oidc = commands.add_parser(
        "oidc", help="link an officer to the identity provider; alone: who waits for a link"
    )
    oidc.add_argument("login", nargs="?")
    linked = oidc.add_mutually_exclusive_group()
    linked.add_argument("subject", nargs="?", help="the person's 'sub' at the provider")
    linked.add_argument("--remove", action="store_true", help="let in by password only")
    return parser


async def _run(parsed: argparse.Namespace, settings: Settings) -> None:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        match parsed.command:
            case "list":
                await _list(database)
            case "add":
                languages = [code.strip() for code in parsed.languages.split(",") if code.strip()]
                token = await accounts.add(
                    database, parsed.login, parsed.role, parsed.number, parsed.name, languages
                )
                print(accounts.link(settings.public_url, token))
            case "invite":
                token = await accounts.invite(database, parsed.login)
                print(accounts.link(settings.public_url, token))
            case "disable" | "enable":
                disabled = parsed.command == "disable"
                await accounts.set_disabled(database, parsed.login, disabled)
            case "totp" if parsed.remove:
                await accounts.remove_totp(database, parsed.login)
            case "totp":
                print(await accounts.set_totp(database, parsed.login, settings.public_url))
            case "oidc" if parsed.login is None:
                for at, subject in await accounts.unknown_subjects(database):
                    print(f"{at:%Y-%m-%d %H:%M} UTC", subject, sep="\t")
            case "oidc" if parsed.remove:
                await accounts.unlink_subject(database, parsed.login)
            case "oidc" if parsed.subject is None:
                raise accounts.AccountError("name the subject, or --remove")
            case "oidc":
                await accounts.link_subject(database, parsed.login, parsed.subject)
    finally:
        await database.close()


async def _list(database: Database) -> None:
    for row in await accounts.everyone(database):
        marks = {
            "disabled": row["disabled"],
            "no password": row["password_hash"] is None,
            "code": row["totp_secret"] is not None,
            "oidc": row["oidc_subject"] is not None,
        }
        state = ", ".join(mark for mark, is_set in marks.items() if is_set)
        languages = ",".join(row["languages"])
        print(row["login"], row["role"], row["number"], row["name"], languages, state, sep="\t")


if __name__ == "__main__":
    sys.exit(main())
