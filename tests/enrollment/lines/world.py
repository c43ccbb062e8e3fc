"""An organization with one of each object, seen from outside."""

from typing import Any
from uuid import UUID

import msgspec

from tests.enrollment.cast import Cast


class Ids(msgspec.Struct, frozen=True, kw_only=True):
    """One of each object of an organization."""

    person_id: UUID
    program_id: UUID
    level_id: UUID
    curriculum_id: UUID
    cohort_id: UUID
    session_id: UUID
    enrollment_id: UUID
    evidence_id: UUID
    award_id: UUID


class World(msgspec.Struct, frozen=True, kw_only=True):
    """An organization with one of each object, and what another has to write with."""

    scene: Cast
    ids: Ids
    slug: str
    #: ids and other parts of paths that the files of lines added, by the name that they have in a path
    more: dict[str, Any] = msgspec.field(default_factory=dict)
    #: of the other organization
    foreign_slug: str
    foreign_program_id: UUID
    foreign_level_id: UUID
    foreign_curriculum_id: UUID
