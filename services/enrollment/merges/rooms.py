"""The rooms whose rows name a person: each lets those of one record be another's."""

from collections.abc import Awaitable
from typing import Protocol
from uuid import UUID

from services.enrollment.attendance import store as attendance
from services.enrollment.audits import store as audits
from services.enrollment.cohorts import store_personal as cohorts
from services.enrollment.completions import store_records as completions
from services.enrollment.directory import store as directory
from services.enrollment.enrollments import store_personal as enrollments
from services.enrollment.evidence import store_personal as evidence
from services.enrollment.messages import store as messages
from services.enrollment.notices import store as notices
from services.enrollment.people import store_personal as people
from services.enrollment.programs import store_personal as programs
from services.enrollment.records import store as records
from services.enrollment.rosters import store as rosters
from services.enrollment.stipends import store as stipends
from shared.postgres import Connection


class Reassign(Protocol):
    """Lets what is one record's be another's, in the caller's transaction."""

    def __call__(self, connection: Connection, organization_id: UUID, *, away: UUID, keep: UUID) -> Awaitable[None]:
        """Both records are held, and so are the cohorts in which they are."""


#: People last: then nobody finds anything by the record that goes.
ROOMS: tuple[Reassign, ...] = (
    enrollments.reassign,
    rosters.reassign,
    messages.reassign,
    attendance.reassign,
    evidence.reassign,
    completions.reassign,
    records.reassign,
    stipends.reassign,
    audits.reassign,
    directory.reassign,
    programs.reassign,
    cohorts.reassign,
    notices.reassign,
    people.reassign,
)

#: Columns that go on naming the record that went, and why: what was written down stays as it was written.
LEFT: dict[str, str] = {
    "completion_decision.decided_by": "the log of decisions only grows",
    "journal_entry.person_id": "the log of doings only grows",
    "program_form.made_by": "a form never changes",
    "event.person_id": "events were told to others under this id; person.merged tells them who that is now",
    "stipend_entry.by_person": "the ledger only grows",
    "person_merge.away_id": "it tells of the merge",
    "person_merge.kept_id": "it tells of the merge",
    "person_merge.merged_by": "it tells of the merge",
    "erasure.person_id": "who asked to be erased is not merged",
    "erasure.asked_by": "it tells who asked",
    "legal_hold.person_id": "who is under a hold is not merged; a hold that was lifted tells of what was",
    "legal_hold.placed_by": "it tells who placed it",
    "legal_hold.lifted_by": "it tells who lifted it",
}
