"""`./run check` and `./run test`: what a change must pass."""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from deploy.local import system_packages
from deploy.local.terminal import say, warn

ROOT = Path(__file__).resolve().parents[1]
#: Each starts a PostgreSQL of its own, and some a browser.
_MOST_WORKERS = 4
LOCKS = ("requirements.lock", "requirements-dev.lock")
_COMPILE = ".venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header"
_RENEWING = (f"{_COMPILE} -o {LOCKS[0]}", f"{_COMPILE} --group dev -c {LOCKS[0]} -o {LOCKS[1]}")
#: A line of a lock that is no comment: a pin (with a marker perhaps), or one of its hashes.
_PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==[^\s;]+( ; .+)? \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check(argv: list[str]) -> int:
    """Style, types, import rules and the lock; 0 if all pass. Every check runs, also after one failed."""
    argparse.ArgumentParser(prog="./run check", description=check.__doc__).parse_args(argv)
    python = sys.executable
    commands = {
        "style": (python, "-m", "ruff", "check", "."),
        "format": (python, "-m", "ruff", "format", "--check", "."),
        "types": (python, "-m", "mypy"),
        "import rules": (python, "-c", "from importlinter.cli import lint_imports_command as run; run()"),
    }
    failed = []
    for name, command in commands.items():
        say(f"== {name}")
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            failed.append(name)
    say("== lock")
    faults = lock_faults(ROOT)
    for fault in faults:
        warn(fault)
    if faults:
        say("\n".join(("Renew both:", *_RENEWING)))
        failed.append("lock")
    say("Every check passed." if not failed else "Not passed: " + ", ".join(failed))
    return 1 if failed else 0


def lock_faults(root: Path) -> list[str]:
    """A sentence for each way in which the locks disagree with pyproject.toml, name a host or lack a hash."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {"requirements.lock": project["project"]["dependencies"]}
    wanted["requirements-dev.lock"] = wanted["requirements.lock"] + project["dependency-groups"]["dev"]
    faults = []
    texts = {name: (root / name).read_text(encoding="utf-8") for name in LOCKS}
    for name, text in texts.items():
        pins = set()
        lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        for number, line in enumerate(lines):
            if (pin := _PIN.fullmatch(line)) is not None:
                pins.add(pin[1])
                if number + 1 == len(lines) or _HASH.fullmatch(lines[number + 1]) is None:
                    faults.append(f"{name}: {pin[1]} has no hash.")
            elif _HASH.fullmatch(line) is None:
                faults.append(f"{name}: this is neither a pin nor a hash: {line.strip()}")
        if "://" in text:
            faults.append(f"{name} names a host.")
        direct = {_normalized(requirement) for requirement in wanted[name]}
        faults += [f"{name} lacks {one} of pyproject.toml." for one in sorted(direct - pins)]
        # A lock notes by whom each pin is wanted, so a requirement that was taken out shows too.
        noted = set(
            re.findall(r"^([a-z0-9.-]+)==[^#]*?# via(?: laurel|\n(?:    #   .*\n)*?    #   laurel)", text, re.M)
        )
        faults += [f"{name} has {one}, which pyproject.toml does not ask for." for one in sorted(noted - direct)]
    versions = [dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", text, re.M)) for text in texts.values()]
    for one, version in sorted(versions[0].items()):
        if versions[1].get(one) != version:
            faults.append(f"{LOCKS[1]} has {one} {versions[1].get(one)}, {LOCKS[0]} has {version}.")
    return faults


def _normalized(requirement: str) -> str:
    """The name of a requirement as locks write it."""
    match = _REQUIREMENT.match(requirement)
    return re.sub(r"[-_.]+", "-", match[0]).lower() if match else requirement


def test(argv: list[str]) -> int:
    """Run pytest with the arguments given; `--long` adds the heavy rounds."""
    if os.environ.get("CI") == "true" and (needs := system_packages.missing(tests=True)):
        warn(system_packages.advice(needs))
        return 1
    # The whole suite keeps every core busy, file by file: a file's tests share what was started for it.
    cores = os.cpu_count() or 1
    shared_out = ["-n", str(min(cores, _MOST_WORKERS)), "--dist", "loadfile", "--no-loadscope-reorder"]
    everything = cores > 1 and set(argv) <= {"--long"}
    command = [sys.executable, "-m", "pytest", *(shared_out if everything else ()), *argv]
    return subprocess.run(command, cwd=ROOT, check=False).returncode
