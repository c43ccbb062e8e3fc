"""One's own progress in every cohort that one has a seat in, with what is missing."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from services.enrollment.completions import store, store_records
from services.enrollment.completions.model import CohortFrame, Finding, Standing, findings
from shared.postgres import Connection, Pool


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody stands in one cohort."""

    cohort: CohortFrame
    standing: Standing
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What completing it still takes."""
        return tuple(one for one in self.findings if not one.is_met)


async def progress(connection: Connection | Pool, organization_id: UUID, person_id: UUID) -> list[Progress]:
    """The newest enrollment first; in seven queries, however many there are."""
    seats = await store_records.seats_of(connection, organization_id, person_id)
    found = await progress_in(connection, organization_id, dict(seats))
    return [found[one] for one, _ in seats if one in found]


async def progress_in(
    connection: Connection | Pool, organization_id: UUID, seats: Mapping[UUID, UUID]
) -> dict[UUID, Progress]:
    """How each of the enrollments with a seat (enrollment to cohort) stands, in six queries."""
    if not seats:
        return {}
    frames = await store.frames(connection, organization_id, list(set(seats.values())))
    standings = await store.standings_of(connection, list(frames.values()), only=list(seats))
    return {
        one.enrollment_id: Progress(cohort=frames[cohort], standing=one, findings=findings(one, frames[cohort]))
        for cohort, found in standings.items()
        for one in found
    }
