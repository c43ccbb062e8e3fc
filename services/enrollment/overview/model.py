"""The numbers of the overview, what they can be narrowed to, and what waits for somebody. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.problems import InvalidInputError
from shared.words import N_

Kind = Literal["all", "program", "level", "region"]
_LONGEST = 200
#: How many days badges took, as they are counted together.
SPREAD = (N_("1 day or less"), N_("2 to 7 days"), N_("8 to 14 days"), N_("15 to 28 days"), N_("More than 28 days"))


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which cohorts are looked at; None is all."""

    cohort: UUID | None = None
    program: UUID | None = None
    level: UUID | None = None
    region: str | None = None
    school_year: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """As it stands in an address."""
        return {key: str(value) for key, value in msgspec.structs.asdict(self).items() if value is not None}


def filters_of(query: Mapping[str, str]) -> Filters:
    """The filters of an address; InvalidInputError for an id that is none, since more would be shown than asked for."""
    found: dict[str, UUID | str | None] = {}
    for name in ("cohort", "program", "level"):
        found[name] = id_of(name, query.get(name, ""))
    for name in ("region", "school_year"):
        found[name] = query.get(name, "")[:_LONGEST] or None
    return msgspec.convert(found, Filters)


def id_of(field: str, text: str) -> UUID | None:
    """The id that an address names, None for nothing; InvalidInputError where it is none."""
    if not text.strip():
        return None
    try:
        return UUID(text.strip())
    except ValueError:
        raise InvalidInputError((field, "Use an id as the pages' addresses have them, or leave it out.")) from None


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of all cohorts, or of a program's, a level's, a region's."""

    kind: Kind
    id: UUID | None
    name: str
    #: of a level
    program_name: str | None
    cohorts: int
    seats: int
    held: int
    in_line: int
    completed: int
    not_completed: int
    #: credited to those who completed; None where nothing was decided with hours
    minutes: int | None
    recorded: int
    present: int

    @property
    def key(self) -> tuple[Kind, str]:
        """What tells it from the others."""
        return self.kind, str(self.id) if self.id else self.name

    @property
    def attendance(self) -> float | None:
        """The share of marks that say somebody was there; None while nothing is marked."""
        return self.present / self.recorded if self.recorded else None

    @property
    def decided(self) -> int:
        """Of how many it is decided whether they completed."""
        return self.completed + self.not_completed

    @property
    def completion(self) -> float | None:
        """The share of these that completed; None while nothing is decided."""
        return self.completed / self.decided if self.decided else None

    @property
    def hours(self) -> float | None:
        """Credited to those who completed; None while nobody has."""
        return None if self.minutes is None else self.minutes / 60


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """How long badges took from the end of the last session."""

    kind: Kind
    id: UUID | None
    name: str
    badges: int
    median: float
    spread: tuple[int, ...]

    @property
    def key(self) -> tuple[Kind, str]:
        """What tells it from the others."""
        return self.kind, str(self.id) if self.id else self.name


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """What was marked in the sessions of a month."""

    month: date
    recorded: int
    present: int

    @property
    def attendance(self) -> float | None:
        """The share of marks that say somebody was there; None while nothing is marked."""
        return self.present / self.recorded if self.recorded else None


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for somebody."""

    kind: Literal["evidence", "offers", "sessions", "completion", "badges", "claims", "stipends", "letters"]
    cohort_id: UUID | None
    cohort_name: str | None
    session_id: UUID | None
    title: str | None
    time_zone: str | None
    number: int
    #: since when it waits, or until when
    at: datetime
    #: how many of this kind there are
    all_of_kind: int


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the overview can be narrowed to."""

    kind: Literal["program", "level", "region", "school_year"]
    key: str
    words: str
