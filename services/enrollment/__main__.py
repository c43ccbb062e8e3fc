"""The enrollment service's commands: `serve`, `work`, `migrate`."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from services.enrollment import app, worker
from services.enrollment.settings import EnrollmentSettings
from shared.migrate import MigrationError, migrate
from shared.serve import configure_logs, serve
from shared.settings import MigrationSettings, SettingsError, load

MIGRATIONS = Path(__file__).parent / "migrations"


def _serve() -> int:
    settings = load(EnrollmentSettings, os.environ)
    configure_logs("enrollment", settings)
    return serve(app.make(settings), settings)


def _work() -> int:
    settings = load(EnrollmentSettings, os.environ)
    configure_logs("enrollment-worker", settings)
    return serve(worker.make(settings), settings)


def _migrate() -> int:
    settings = load(MigrationSettings, os.environ)
    asyncio.run(migrate(settings.owner_database_url, MIGRATIONS))
    return 0


COMMANDS: dict[str, tuple[Callable[[], int], str]] = {
    "serve": (_serve, "answer HTTP"),
    "work": (_work, "send what waits in the outbox"),
    "migrate": (_migrate, "bring the database's schema up to date"),
}


def main() -> int:
    """Run the command named; 2 for wrong usage or settings, 1 for a failure."""
    parser = argparse.ArgumentParser(prog="python -m services.enrollment")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary)
    try:
        return COMMANDS[parser.parse_args().command][0]()
    except SettingsError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    except MigrationError as error:
        sys.stderr.write(f"The database could not be migrated: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
