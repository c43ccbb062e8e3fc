"""How long what is kept, and what erasing somebody removes or leaves. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

#: What erasing does with a group: it removes it; takes out who it was; leaves it, since it names nobody; or, of who
#: completed or taught a cohort, keeps it for the years that the record of professional development is kept.
OnErasure = Literal["removed", "made anonymous", "left", "kept for years"]


class HoldTargetError(Exception):
    """A legal hold is on one person or one cohort of the organization."""


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Tables that are kept alike: what they hold, how long, and why."""

    name: str
    what: str
    how_long: str
    why: str
    on_erasure: OnErasure
    tables: tuple[str, ...]


class Ties(msgspec.Struct, frozen=True, kw_only=True):
    """What binds a person's data: a cohort that they completed or taught, and holds in force."""

    #: Its last day, and for how many years its record is kept; of several, the one that is kept the longest.
    last_day: date | None
    years: int
    is_held: bool


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What erasing somebody will do; `kept_until` is None where nothing is kept for years."""

    removed: tuple[Group, ...]
    anonymous: tuple[Group, ...]
    left: tuple[Group, ...]
    kept: tuple[Group, ...]
    kept_until: date | None
    is_held: bool

    @property
    def keep(self) -> frozenset[str]:
        """The names of the tables that are not touched yet."""
        return frozenset(table for group in self.kept for table in group.tables)


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody asked to be forgotten, and how far it is."""

    id: UUID
    organization_id: UUID
    person_id: UUID
    asked_by: UUID
    asked_at: datetime
    done_at: datetime | None
    kept_until: date | None
    finished_at: datetime | None


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A legal hold, and what it is on, in words."""

    id: UUID
    about: str
    reason: str
    placed_at: datetime
    lifted_at: datetime | None


def plan(schedule: Sequence[Group], ties: Ties, *, today: date) -> Plan:
    """What the schedule says of somebody with these ties today."""
    until = None if ties.last_day is None else years_after(ties.last_day, ties.years)
    is_kept = until is not None and until >= today

    def groups(*wanted: OnErasure) -> tuple[Group, ...]:
        return tuple(one for one in schedule if one.on_erasure in wanted)

    return Plan(
        removed=groups("removed") if is_kept else groups("removed", "kept for years"),
        anonymous=groups("made anonymous"),
        left=groups("left"),
        kept=groups("kept for years") if is_kept else (),
        kept_until=until if is_kept else None,
        is_held=ties.is_held,
    )


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 1 March for a 29 February that the year lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28) + timedelta(days=1)
