"""What people chose to show to each other, and what a program offers to read. Pure."""

from typing import Literal
from uuid import UUID

import msgspec

SeenBy = Literal["cohorts", "organization"]
MOST_ABOUT = 600


class OwnEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody shows of themselves beside the name, and to whom."""

    seen_by: SeenBy
    about: str | None = None
    shows_region: bool = False
    shows_level: bool = False
    shows_email: bool = False


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the directory, as one reader may see them."""

    person_id: UUID
    name: str
    about: str | None
    email: str | None
    teaches: bool
    regions: tuple[str, ...]
    levels: tuple[str, ...]


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """Something to read or use, elsewhere on the web."""

    id: UUID
    program_id: UUID
    title: str
    about: str | None
    link: str


class Program(msgspec.Struct, frozen=True, kw_only=True):
    """A program with what it offers to read."""

    id: UUID
    name: str
    resources: tuple[Resource, ...]
