"""`python -m tests.benchmarks [badges] [files] [enrolling] [log]`: prints a table; no test asserts it."""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import version
from pathlib import Path

from cryptography.hazmat.backends.openssl import backend

from tests.benchmarks import badges, enrolling, log_of_issuance
from tests.benchmarks.measuring import Comparison, Rate

BENCHMARKS: dict[str, Callable[[], Iterable[Comparison]]] = {
    "badges": badges.of_signatures,
    "files": lambda: asyncio.run(badges.of_files()),
    "enrolling": lambda: asyncio.run(enrolling.of_enrolling()),
    "log": lambda: asyncio.run(log_of_issuance.of_log()),
}
_PACKAGES = ("cryptography", "msgspec", "litestar", "uvicorn", "asyncpg", "weasyprint")


def main(argv: list[str]) -> int:
    """Run those named, or all; 2 for one that does not exist."""
    if unknown := [name for name in argv if name not in BENCHMARKS]:
        sys.stderr.write(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(BENCHMARKS)}.\n")
        return 2
    sys.stdout.write(machine() + "\n\n")
    sys.stdout.write(f"{'':43} {'per second (least, greatest)':>26}  {'ratio (least, greatest)':>25}  load  beside\n")
    for name in argv or BENCHMARKS:
        for found in BENCHMARKS[name]():
            sys.stdout.write(line(found) + "\n")
            sys.stdout.flush()
    return 0


def line(found: Comparison) -> str:
    """A row of the table; the load is the kernel's average over the last minute, our own work in it."""
    ratio = _spread(found.ratio, found.least_ratio, found.greatest_ratio)
    load = f"{os.getloadavg()[0]:.1f}"
    return (
        f"{found.title:39} {_rate(found.measured):>30}  {ratio:>25}  {load:>4}  {_rate(found.bare)} {found.bare.name}"
    )


def _rate(rate: Rate) -> str:
    return _spread(rate.per_second, rate.slowest, rate.fastest)


def _spread(middle: float, least: float, greatest: float) -> str:
    digits = 0 if middle >= 100 else 1
    return f"{middle:,.{digits}f} ({least:,.{digits}f}, {greatest:,.{digits}f})"


def machine() -> str:
    """What the figures were measured on."""
    names = [text.partition(":")[2].strip() for text in _cpu_lines() if text.startswith("model name")]
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{names[0] if names else platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}\n"
        f"{packages}; {backend.openssl_version_text()}"
    )


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
