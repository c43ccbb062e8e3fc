"""What the system itself must bring: Python's venv, the libraries that make PDFs, fonts, and the tests' programs.

Standard library only, and quick: the usual answer, that nothing is missing, asks no package tool.
"""

import argparse
import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.terminal import say, warn

#: A language for each script of the demonstration, as fontconfig names them.
_LANGUAGES = ("en", "cy", "ar", "he", "km", "th", "hi", "zh-cn")
_LIBRARIES = {
    "linux": ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"),
    "darwin": ("libpango-1.0.dylib", "libpangoft2-1.0.dylib", "libharfbuzz-subset.dylib"),
}
_HOMEBREW = ("/opt/homebrew/lib", "/usr/local/lib")


@dataclass(frozen=True)
class Need:
    """Something the system must bring."""

    what: str
    consequence: str
    is_present: Callable[[], bool]
    #: package tool -> names
    packages: dict[str, tuple[str, ...]]
    for_tests: bool = False


@dataclass(frozen=True)
class Tool:
    """A package tool: its name, the commands that install, and what to type by hand."""

    name: str
    install: tuple[str, ...]
    by_hand: str
    refresh: tuple[str, ...] = ()
    #: asks whether the tool knows one package
    knows: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


TOOLS = (
    Tool(
        "apt",
        ("apt-get", "install", "-y", "-q", "--no-install-recommends"),
        "sudo apt-get install --no-install-recommends",
        refresh=("apt-get", "update", "-q"),
        knows=("apt-cache", "show"),
        environment={"DEBIAN_FRONTEND": "noninteractive"},
    ),
    Tool("dnf", ("dnf", "install", "-y", "-q", "--setopt=install_weak_deps=False"), "sudo dnf install"),
    Tool("brew", (), "brew install"),
)


def _has_venv() -> bool:
    return importlib.util.find_spec("venv") is not None and importlib.util.find_spec("ensurepip") is not None


def _has_pdf_libraries() -> bool:
    folders = ("", *_HOMEBREW) if sys.platform == "darwin" else ("",)
    for name in _LIBRARIES.get(sys.platform, ()):
        for folder in folders:
            try:
                ctypes.CDLL(str(Path(folder, name)))
            except OSError:
                continue
            break
        else:
            return False
    return True


def _has_fonts() -> bool:
    if sys.platform == "darwin":
        return True  # macOS brings fonts for all of these scripts
    if (program := shutil.which("fc-list")) is None:
        return False
    listed = subprocess.run([program, "--format=%{lang}\n"], capture_output=True, text=True, check=False).stdout
    covered = {language for line in listed.splitlines() for language in line.split("|")}
    return covered.issuperset(_LANGUAGES)


def browser() -> str | None:
    """The path of a Chromium that the tests can drive."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if (path := shutil.which(name))), None)
    application = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    return found or (application if sys.platform == "darwin" and Path(application).exists() else None)


_SOFTHSM = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)


def softhsm() -> str | None:
    """The path of SoftHSM's PKCS#11 library, where the program that makes its tokens is there too."""
    found = next((path for path in _SOFTHSM if Path(path).exists()), None)
    return found if shutil.which("softhsm2-util") else None


NEEDS = (
    Need(
        "Python's venv module",
        "no environment can be made",
        _has_venv,
        {"apt": ("python3-venv",), "dnf": ("python3",), "brew": ("python@3.13",)},
    ),
    Need(
        "the libraries that make PDFs",
        "certificates cannot be made as PDF",
        _has_pdf_libraries,
        {
            "apt": ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fontconfig"),
            "dnf": ("pango", "harfbuzz", "fontconfig"),
            "brew": ("pango",),
        },
    ),
    Need(
        "fonts for every script of the demonstration",
        "some names on certificates are boxes",
        _has_fonts,
        {
            "apt": ("fontconfig", "fonts-dejavu-core", "fonts-noto-core", "fonts-noto-cjk"),
            "dnf": (
                "fontconfig",
                "dejavu-sans-fonts",
                *(f"google-noto-sans-{name}fonts" for name in ("", "arabic-", "hebrew-", "khmer-", "thai-")),
                *(f"google-noto-sans-{name}-fonts" for name in ("devanagari", "cjk")),
            ),
        },
    ),
    Need(
        "Chromium",
        "tests that use a browser are skipped",
        lambda: browser() is not None,
        {"apt": ("chromium",), "dnf": ("chromium",), "brew": ("--cask google-chrome",)},
        for_tests=True,
    ),
    Need(
        "qpdf and poppler",
        "tests that read PDFs by a second way are skipped",
        lambda: shutil.which("qpdf") is not None and shutil.which("pdftoppm") is not None,
        {"apt": ("qpdf", "poppler-utils"), "dnf": ("qpdf", "poppler-utils"), "brew": ("qpdf", "poppler")},
        for_tests=True,
    ),
    Need(
        "SoftHSM",
        "tests of keys on a PKCS#11 token are skipped",
        lambda: softhsm() is not None,
        {"apt": ("softhsm2",), "dnf": ("softhsm",), "brew": ("softhsm",)},
        for_tests=True,
    ),
)


def missing(*, tests: bool = False) -> list[Need]:
    """What this machine lacks; with `tests`, what only the tests need as well."""
    return [need for need in NEEDS if (tests or not need.for_tests) and not need.is_present()]


def tool() -> Tool | None:
    """This machine's package tool, of those known here."""
    programs = {"apt": "apt-get", "dnf": "dnf", "brew": "brew"}
    return next((one for one in TOOLS if shutil.which(programs[one.name])), None)


def packages(needs: list[Need], name: str) -> list[str]:
    """The packages of `needs` for a package tool, each once."""
    return list(dict.fromkeys(package for need in needs for package in need.packages.get(name, ())))


def advice(needs: list[Need]) -> str:
    """One sentence: what is missing, what that means, what to type."""
    what = " and ".join(f"{need.what} ({need.consequence})" for need in needs)
    found = tool()
    if found is None or not packages(needs, found.name):
        return f"This machine lacks {what}; install them with its package tool."
    return f"This machine lacks {what}; install them with `{found.by_hand} {' '.join(packages(needs, found.name))}`."


def install(needs: list[Need]) -> bool:
    """Install the packages of `needs` as root; whether the package tool managed it."""
    found = tool()
    if found is None or not found.install:
        return False
    environment = {**os.environ, **found.environment}
    if found.refresh:
        _quietly(found.refresh, environment)
    wanted = packages(needs, found.name)
    if found.knows:  # an older release lacks some; the others are wanted all the same
        wanted = [name for name in wanted if _succeeds((*found.knows, name))]
    return bool(wanted) and _quietly((*found.install, *wanted), environment)


def _quietly(command: tuple[str, ...], environment: dict[str, str]) -> bool:
    """Whether it succeeded; what it said is passed on only if not."""
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        warn((done.stderr or done.stdout).strip())
    return done.returncode == 0


def _succeeds(command: tuple[str, ...]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def ensure(*, tests: bool = False) -> list[Need]:
    """Install what is missing where this user may (root), say what is missing where not; what is missing still."""
    if not (needs := missing(tests=tests)):
        return []
    if os.geteuid() == 0 and sys.platform == "linux":
        warn("Installing system packages for " + ", ".join(need.what for need in needs))
        install(needs)
        needs = missing(tests=tests)
    if needs:
        warn(advice(needs))
    return needs


def main(argv: list[str]) -> int:
    """0 where nothing is missing (any more), else 1."""
    parser = argparse.ArgumentParser(prog="./run system-packages", description=__doc__)
    parser.add_argument("--install", action="store_true", help="install what is missing, as root")
    parser.add_argument("--tests", action="store_true", help="include what only the tests need")
    options = parser.parse_args(argv)
    needs = ensure(tests=options.tests) if options.install else missing(tests=options.tests)
    if not needs:
        say("Nothing is missing.")
    elif not options.install:
        say(advice(needs))
    return 1 if needs else 0
