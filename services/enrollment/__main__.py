"""The enrollment service's commands; `--help` lists them."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from services.enrollment import app, worker
from services.enrollment.completions.issuance import command as completions
from services.enrollment.events import command as events
from services.enrollment.house import check
from services.enrollment.people import command as people
from services.enrollment.settings import EnrollmentSettings
from shared.migrate import MigrationError, migrate
from shared.serve import configure_logs, serve
from shared.settings import MigrationSettings, SettingsError, load

MIGRATIONS = Path(__file__).parent / "migrations"


def _serve(settings: EnrollmentSettings, _: argparse.Namespace) -> int:
    configure_logs("enrollment", settings)
    check(settings)
    return serve(app.make(settings), settings)


def _work(settings: EnrollmentSettings, _: argparse.Namespace) -> int:
    configure_logs("enrollment-worker", settings)
    check(settings)
    return serve(worker.make(settings), settings)


def _migrate() -> int:
    settings = load(MigrationSettings, os.environ)
    asyncio.run(migrate(settings.owner_database_url, MIGRATIONS))
    return 0


class Command(msgspec.Struct, frozen=True):
    """What a command does, in words and in code, and the arguments that it takes."""

    summary: str
    run: Callable[[EnrollmentSettings, argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


#: Every command but `migrate`, which runs as the owner of the tables and has settings of its own.
COMMANDS = {
    "serve": Command("answer HTTP", _serve),
    "work": Command("send what waits in the outbox", _work),
    "token": Command("mint a service token", events.run, events.arguments),
    "reconcile": Command("compare both databases and name every difference", completions.run),
    "organization": Command("begin an organization", people.create_organization, people.organization_arguments),
    "sign-in-link": Command("print a one-time sign-in link", people.print_link, people.link_arguments),
}


def main() -> int:
    """Run the command named; 2 for wrong usage or settings, 1 for a failure."""
    parser = argparse.ArgumentParser(prog="python -m services.enrollment")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database's schema up to date")
    for name, command in COMMANDS.items():
        command.add_arguments(commands.add_parser(name, help=command.summary))
    arguments = parser.parse_args()
    try:
        if arguments.command == "migrate":
            return _migrate()
        return COMMANDS[arguments.command].run(load(EnrollmentSettings, os.environ), arguments)
    except SettingsError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    except MigrationError as error:
        sys.stderr.write(f"The database could not be migrated: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
