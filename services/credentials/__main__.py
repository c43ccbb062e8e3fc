"""The credential service's commands: `issuer`, `issuer-work`, `public`, `migrate`, `log check`, `keys`.

Each role is imported only by its own command, so the public role's process never holds the code that signs.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from services.credentials.settings import IssuerSettings, PublicSettings
from shared.migrate import MigrationError, migrate
from shared.serve import configure_logs, serve
from shared.settings import MigrationSettings, SettingsError, load

MIGRATIONS = Path(__file__).parent / "migrations"


def _issuer() -> int:
    from services.credentials.issuer import app, house, restoring

    settings = load(IssuerSettings, os.environ)
    configure_logs("issuer", settings)
    asyncio.run(house.check_keys(settings))
    asyncio.run(restoring.at_start(settings))
    return serve(app.make(settings), settings)


def _issuer_work() -> int:
    from services.credentials.issuer import house, restoring, worker

    settings = load(IssuerSettings, os.environ)
    configure_logs("issuer-worker", settings)
    asyncio.run(house.check_keys(settings))
    asyncio.run(restoring.at_start(settings))
    return serve(worker.make(settings), settings)


def _restored() -> int:
    from services.credentials.issuer import restoring

    settings = load(IssuerSettings, os.environ)
    configure_logs("restored", settings)
    sys.stdout.write(f"{restoring.run(settings)}\n")
    return 0


def _public() -> int:
    from services.credentials.public import app

    settings = load(PublicSettings, os.environ)
    configure_logs("public", settings)
    return serve(app.make(settings), settings)


def _migrate() -> int:
    settings = load(MigrationSettings, os.environ)
    asyncio.run(migrate(settings.owner_database_url, MIGRATIONS))
    return 0


def _keys(argv: list[str]) -> int:
    from services.credentials.issuer import keys_command

    # What it was asked for comes first: how to use it can be had without any setting.
    wanted = keys_command.parse(argv)
    return keys_command.main(load(IssuerSettings, os.environ), wanted)


COMMANDS: dict[str, tuple[Callable[[], int], str]] = {
    "issuer": (_issuer, "answer HTTP in the role that holds the keys"),
    "issuer-work": (_issuer_work, "keep the issuance log, sign status lists, tell enrollment what became of awards"),
    "restored": (_restored, "after a restore of the database: let all that was ever published hold"),
    "public": (_public, "answer HTTP in the role without keys: badge pages and verification"),
    "migrate": (_migrate, "bring the database's schema up to date"),
}


def main() -> int:
    """Run the command named; 2 for wrong usage or settings, 1 for a failure."""
    if sys.argv[1:2] == ["log"]:
        # It has arguments of its own, and exit statuses.
        from services.credentials.issuance_log import command

        return command.main(sys.argv[2:])
    parser = argparse.ArgumentParser(prog="python -m services.credentials")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, summary) in COMMANDS.items():
        commands.add_parser(name, help=summary)
    commands.add_parser("keys", help="see and change an issuer's keys", add_help=False)
    known, further = parser.parse_known_args()
    if further and known.command != "keys":
        parser.error(f"unrecognized arguments: {' '.join(further)}")
    try:
        return _keys(further) if known.command == "keys" else COMMANDS[known.command][0]()
    except SettingsError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    except MigrationError as error:
        sys.stderr.write(f"The database could not be migrated: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
