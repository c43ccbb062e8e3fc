"""The table of commands behind `./run`. Standard library only: it is read before anything is installed."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from deploy.local.terminal import StackError, explain, say, warn


@dataclass(frozen=True)
class Command:
    """A command: where its `(argv: list[str]) -> exit status` is, and a sentence for `./run --help`."""

    target: str
    summary: str
    #: "" needs Python alone, "runtime" the environment of requirements.lock, "development" that of the other lock
    environment: str = "runtime"
    #: whether libraries for PDFs and fonts are looked for first, and those of the tests too
    system_packages: bool = False


START = "start"
COMMANDS: dict[str, Command] = {
    START: Command(
        "deploy.local.supervisor:main", "Start everything; also without a name. Ctrl-C stops it.", system_packages=True
    ),
    "demo": Command(
        "deploy.demo:main", "Play one cohort's story and check every badge; --out DIR, --json.", system_packages=True
    ),
    "verify": Command("deploy.running:verify", "Verify badges in files; signatures need no running stack."),
    "token": Command("deploy.running:token", "Mint a service token for a running stack."),
    "rules": Command(
        "services.credentials.rules.command:main", "Print the rules that a document passes before it is signed."
    ),
    "keys": Command("deploy.running:keys", "See and change an issuer's signing keys: list, rotate, retire and more."),
    "reconcile": Command("deploy.running:reconcile", "Compare both databases and name every difference."),
    "backup": Command("deploy.backup.command:backup", "Keep databases, files and keys in one file, as of one moment."),
    "restore": Command("deploy.backup.command:restore", "Bring a backup back into an empty folder."),
    "log": Command("deploy.running:log", "Check the log of what was signed: `log check [--against FILE]`."),
    "test": Command(
        "deploy.quality:test", "Run the tests; --long adds the heavy rounds.", "development", system_packages=True
    ),
    "bench": Command(
        "tests.benchmarks.bench:main", "Measure against a peer or a physical limit: `bench proofs`.", "development"
    ),
    "conformance": Command(
        "tests.conformance.server.command:main", "Answer the published W3C suites; --port, --seed.", "development"
    ),
    "check": Command("deploy.quality:check", "Check style, types, import rules and the lock.", "development"),
    "system-packages": Command(
        "deploy.local.system_packages:main", "Name the system's packages that are missing; --install, --tests.", ""
    ),
}


def usage() -> str:
    """The text of `./run --help`."""
    width = max(len(name) for name in COMMANDS)
    lines = [f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "usage: ./run [COMMAND] [ARGUMENTS]\n\n" + "\n".join(lines) + "\n\n./run COMMAND --help tells more."


def split(argv: list[str]) -> tuple[str, list[str]]:
    """The command's name and its arguments; options alone belong to `start`."""
    if not argv or argv[0].startswith("-"):
        return START, argv
    return argv[0], argv[1:]


def main(argv: list[str]) -> int:
    """Run a command and return its exit status; 2 for one that does not exist."""
    name, arguments = split(argv)
    if name not in COMMANDS:
        warn(f"There is no command {name!r}. `./run --help` lists them.")
        return 2
    module, _, function = COMMANDS[name].target.partition(":")
    try:
        target: Callable[[list[str]], int] = getattr(importlib.import_module(module), function)
        return target(arguments)
    except StackError as error:
        warn(error.sentence)
    except OSError as error:
        warn(explain(error))
    except KeyboardInterrupt:
        say("")
        return 130
    return 1
