"""The texts in other languages: one `locale/<language>.po` in each room, read together at first use.

A msgid is the English sentence itself. A text that several rooms use needs to stand in one of their catalogs only.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Message
    from babel.support import Translations

_FOLDERS = [Path(__file__).parent]


def add(folder: Path) -> None:
    """Let a service's rooms bring their catalogs: every `<room>/locale/<language>.po` under its folder."""
    if folder not in _FOLDERS:
        _FOLDERS.append(folder)
        translations.cache_clear()


def files(language: str) -> list[Path]:
    """The catalogs of a language, in a fixed order."""
    return [path for folder in _FOLDERS for path in sorted(folder.rglob(f"locale/{language}.po"))]


def messages(language: str) -> Iterator[tuple[Path, "Message"]]:
    """Every text with the file that says it."""
    # Processes that only prove or draw import the services' packages, and should not pay for this.
    from babel.messages.pofile import read_po

    for path in files(language):
        with path.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id:
                    yield path, message


@cache
def translations(language: str) -> "Translations":
    """All texts of a language in one; where two rooms differ the first counts, and a test fails."""
    from io import BytesIO

    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.support import Translations

    together = Catalog(locale=language)
    for _, message in messages(language):
        if message.id not in together and not message.fuzzy:
            together.add(message.id, message.string)
    held = BytesIO()
    write_mo(held, together)
    held.seek(0)
    return Translations(held)


def contradictions(language: str) -> list[str]:
    """Texts that two rooms translate differently, with the files: `'Hours': Horas (a/es.po), Tiempo (b/es.po)`."""
    said: dict[object, dict[object, Path]] = {}
    for path, message in messages(language):
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        string = tuple(message.string) if isinstance(message.string, tuple | list) else message.string
        said.setdefault(key, {}).setdefault(string, path)
    return [
        f"{key!r}: " + ", ".join(f"{string} ({path.parts[-3]})" for string, path in found.items())
        for key, found in said.items()
        if len(found) > 1
    ]
