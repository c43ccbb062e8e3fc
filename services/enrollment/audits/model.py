"""What an authority for professional development wants of a cohort: its rules are data, the files are made pure."""

import hashlib
import io
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import msgspec

from shared.tables import csv_file

_FOLDER = Path(__file__).parent / "jurisdictions"
Column = Literal["name", "email", "session", "date", "how", "arrived", "departed", "hours"]


class UnknownJurisdictionError(Exception):
    """No file says what this jurisdiction wants."""


class ErasedMeanwhileError(Exception):
    """People of the cohort were erased again and again while its file was made; nothing was kept."""


class Jurisdiction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an authority asks of a provider; a file in `jurisdictions` each."""

    key: str
    name: str
    authority: str
    step_minutes: int
    keep_years: int
    roster: tuple[Column, ...]
    wording: str

    def hours(self, minutes: int) -> str:
        """Minutes as hours in whole steps, such as `2.75`."""
        return f"{minutes // self.step_minutes * self.step_minutes / 60:.2f}"

    def keep_until(self, made_on: date) -> date:
        """The last day on which a file made on `made_on` must be there."""
        year = made_on.year + self.keep_years
        # Of a 29 February the next year that has none keeps a day longer.
        return date(year, 3, 1) if (made_on.month, made_on.day) == (2, 29) else made_on.replace(year=year)


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """All that are known, by key."""
    found = [msgspec.convert(tomllib.loads(path.read_text()), Jurisdiction) for path in sorted(_FOLDER.glob("*.toml"))]
    return {one.key: one for one in found}


def jurisdiction(key: str) -> Jurisdiction:
    """The one of this key; UnknownJurisdictionError."""
    if (found := jurisdictions().get(key)) is None:
        raise UnknownJurisdictionError
    return found


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """An audit file that was made."""

    id: UUID
    cohort_id: UUID
    jurisdiction: str
    file_id: UUID
    file_size: int
    file_sha256: str
    made_by_name: str
    made_at: datetime
    keep_until: date
    #: Somebody whom it named was erased.
    is_removed: bool = False


class Attended(msgspec.Struct, frozen=True, kw_only=True):
    """What the roster has of one person in one session; `how` is None where nothing was recorded."""

    enrollment_id: UUID
    session_id: UUID
    name: str
    email: str
    session: str
    starts_at: datetime
    ends_at: datetime
    how: str | None
    arrived_at: datetime | None
    departed_at: datetime | None


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    """CSV for programs for tables, with nothing that they would run."""
    return csv_file([head, *rows])


def packed(files: Mapping[str, bytes], manifest: Mapping[str, Any], *, made_at: datetime) -> bytes:
    """A ZIP of the files with `manifest.json`, which names each with its size and SHA-256; equal input, equal bytes."""
    listed = [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in files.items()
    ]
    told = msgspec.json.format(msgspec.json.encode({**manifest, "files": listed}))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"manifest.json": told, **files}.items():
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return made.getvalue()
