"""Two records of one person: which look alike, what one of them holds, and what keeps them from becoming one. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from itertools import combinations
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.people.model import Role

Likeness = Literal["name", "address"]
#: What keeps two records from becoming one.
Obstacle = Literal[
    "same record", "both placed", "other way round", "teaches", "approved", "role", "private", "erasure", "hold"
]

#: Domains so alike that hardly anybody means two: a letter more, less or wrong in ten.
_ALIKE = 0.86
#: Shorter local parts, such as info, are had by many.
_SHORTEST_LOCAL = 5


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it is found among others."""

    id: UUID
    name: str
    email: str
    #: When it was begun.
    created_at: datetime
    enrollments: int


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two records that are likely of one person; the one with more enrollments, or the older one, first."""

    keep: Record
    away: Record
    likeness: Likeness


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """An enrollment of one of the two."""

    enrollment_id: UUID
    person_id: UUID
    cohort_id: UUID
    cohort_name: str
    has_place: bool


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two, with what is theirs."""

    id: UUID
    name: str
    email: str
    addresses: tuple[str, ...]
    roles: tuple[Role, ...]
    is_merged: bool
    is_erased: bool
    is_held: bool
    #: Whether private answers are kept of them: whoever has the other's address would open them as their owner.
    is_private: bool
    places: tuple[Place, ...] = ()
    #: Cohorts that they teach, by id.
    teaches: tuple[UUID, ...] = ()
    #: How many pieces of evidence, attendances and badges come with the enrollments.
    evidence: int = 0
    sessions: int = 0
    badges: int = 0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would move to the kept record, and what keeps it from that, with the names of cohorts that it is about."""

    keep: Side
    away: Side
    moving: tuple[Place, ...] = ()
    #: What the record that goes left long ago, in cohorts where the kept one has a place.
    staying: tuple[Place, ...] = ()
    obstacles: tuple[tuple[Obstacle, tuple[str, ...]], ...] = ()


class NotMergedError(Exception):
    """Something keeps the two from becoming one (`obstacles`). Nothing was changed."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(*obstacles)
        self.obstacles = list(obstacles)


def plan(keep: Side, away: Side, *, approved: bool, may_with_roles: bool) -> Plan:
    """What merging `away` into `keep` would do; `approved` says whether one approved something of the other."""
    found: list[tuple[Obstacle, tuple[str, ...]]] = []
    if keep.id == away.id:
        return Plan(keep=keep, away=away, obstacles=(("same record", ()),))
    kept = {place.cohort_id: place for place in keep.places}
    twice = [place for place in away.places if place.cohort_id in kept]
    both = tuple(place.cohort_name for place in twice if place.has_place and kept[place.cohort_id].has_place)
    turned = tuple(place.cohort_name for place in twice if place.has_place and not kept[place.cohort_id].has_place)
    if both:
        found.append(("both placed", both))
    if turned:
        found.append(("other way round", turned))
    taught = _taught(keep, away) | _taught(away, keep)
    if taught:
        found.append(("teaches", tuple(sorted(taught))))
    if approved:
        found.append(("approved", ()))
    if (keep.roles or away.roles) and not may_with_roles:
        found.append(("role", ()))
    if (keep.is_private or away.is_private) and not may_with_roles:
        found.append(("private", ()))
    if keep.is_erased or away.is_erased:
        found.append(("erasure", ()))
    if keep.is_held or away.is_held:
        found.append(("hold", ()))
    return Plan(
        keep=keep,
        away=away,
        moving=tuple(place for place in away.places if place.cohort_id not in kept),
        staying=tuple(place for place in twice if not place.has_place),
        obstacles=tuple(found),
    )


def _taught(one: Side, other: Side) -> set[str]:
    return {place.cohort_name for place in other.places if place.has_place and place.cohort_id in one.teaches}


def pairs(
    of_one_name: Iterable[Sequence[Record]], of_one_local: Iterable[Sequence[Record]], *, most: int
) -> list[Pair]:
    """Likely doubles among records of one folded name, and among those whose addresses differ in the domain alone."""
    found: dict[frozenset[UUID], Pair] = {}
    for records in of_one_name:
        # Of many of one name each beside the first: whoever merges them one by one comes to all.
        first, *others = sorted(records, key=_first_kept)
        for other in others:
            _add(found, first, other, "name", most=most)
    for records in of_one_local:
        for one, other in combinations(records, 2):
            if _is_typo(one.email, other.email):
                _add(found, one, other, "address", most=most)
    return list(found.values())


def _add(found: dict[frozenset[UUID], Pair], one: Record, other: Record, likeness: Likeness, *, most: int) -> None:
    key = frozenset({one.id, other.id})
    if key in found or len(found) >= most:
        return
    first, second = sorted((one, other), key=_first_kept)
    found[key] = Pair(keep=first, away=second, likeness=likeness)


def _first_kept(one: Record) -> tuple[int, datetime, UUID]:
    return -one.enrollments, one.created_at, one.id


def _is_typo(one: str, other: str) -> bool:
    local, _, domain = one.partition("@")
    _, _, beside = other.partition("@")
    return len(local) >= _SHORTEST_LOCAL and SequenceMatcher(None, domain, beside).ratio() >= _ALIKE
