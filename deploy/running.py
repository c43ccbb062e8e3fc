"""The stack that `./run` keeps running in a folder: where it is, and the services' own commands with its settings."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import msgspec

from deploy.local import locks
from deploy.local.environment import ROLES, Addresses, Environment
from deploy.local.installation import STATE, State, cluster_folder
from deploy.local.postgres import Cluster
from deploy.local.processes import ROOT
from deploy.local.terminal import StackError

DEFAULT_FOLDER = ROOT / ".laurel"


def find(folder: Path = DEFAULT_FOLDER) -> Environment | None:
    """The addresses, settings and databases of the stack that runs in `folder`; None if none does."""
    if locks.is_free(folder / "run.lock"):
        return None
    try:
        state = msgspec.json.decode((folder / STATE).read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return None  # it has not come so far
    return Environment(folder, Addresses(state.port_base), Cluster(cluster_folder(folder)))


def token(argv: list[str]) -> int:
    """`./run token`: what `python -m services.enrollment token` does, for the running stack."""
    return _service("token", argv)


def reconcile(argv: list[str]) -> int:
    """`./run reconcile`: what `python -m services.enrollment reconcile` does, for the running stack."""
    return _service("reconcile", argv)


def keys(argv: list[str]) -> int:
    """`./run keys`: what `python -m services.credentials keys` does, for the running stack."""
    return _service("keys", argv, module="services.credentials", role="issuer")


def verify(argv: list[str]) -> int:
    """`./run verify`: verdicts of files; the stack that runs here, if one does, may be asked about its badges."""
    from services.credentials.verification import command  # heavy, and no other command needs it

    running = find()
    own = [] if running is None else ["--origin", running.addresses.url("public")]
    return command.main([*argv, *own])


def log(argv: list[str]) -> int:
    """`./run log check`: what `python -m services.credentials log check` does, for the running stack if one runs."""
    running = find()
    settings = {"PYTHONPATH": str(ROOT)}
    if running is not None:
        (public,) = (one for one in ROLES if one.name == "public")
        settings |= running.for_role(public)
    program = [sys.executable, "-P", "-m", "services.credentials", "log", *argv]
    return subprocess.run(program, env={**os.environ, **settings}, check=False).returncode


def _service(command: str, argv: list[str], *, module: str = "services.enrollment", role: str = "enrollment") -> int:
    parser = argparse.ArgumentParser(prog=f"./run {command}", add_help=False)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER)
    options, further = parser.parse_known_args(argv)
    settings = None
    if not {"--help", "-h"} & set(further):
        running = find(options.folder.resolve())
        if running is None:
            raise StackError("Nothing runs in this folder. Start it with `./run` in another terminal first.")
        settings = {**running.for_role(next(one for one in ROLES if one.name == role)), "PYTHONPATH": str(ROOT)}
    program = [sys.executable, "-P", "-m", module, command, *further]
    return subprocess.run(program, env=settings, check=False).returncode
