"""One's own progress in every cohort that one has a seat in, with what is missing."""

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
    """The newest enrollment first; one query, and five for each cohort, of which a person has few."""
    found = []
    for enrollment_id, cohort_id in await store_records.seats_of(connection, organization_id, person_id):
        cohort = await store.frame(connection, organization_id, cohort_id)
        if cohort is None:
            continue
        found += [
            Progress(cohort=cohort, standing=one, findings=findings(one, cohort))
            for one in await store.standings(connection, cohort, only=[enrollment_id])
        ]
    return found
