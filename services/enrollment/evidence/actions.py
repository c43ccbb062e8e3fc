"""Verbs of evidence: hand in a text, a link or a file; review what was handed in."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.events import actions as events
from services.enrollment.evidence import letters, store
from services.enrollment.evidence.model import (
    MOST_FILE_BYTES,
    Evidence,
    EvidenceExistsError,
    Holder,
    KeptFile,
    Review,
    SelfReviewError,
    Submission,
    check_review,
    problems_of_review,
    problems_of_submission,
    safe_file_name,
    safe_media_type,
)
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.organizations import store as organizations
from services.enrollment.people import store as people
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.postgres import UNAVAILABLE, Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.storage import Stored


class FilePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Which evidence a file is to be, and what its sender calls it: the name and the Content-Type header."""

    evidence_id: UUID
    enrollment_id: UUID
    module_id: UUID
    name: str
    content_type: str


async def submit(pool: Pool, viewer: Viewer, handed_in: Submission, *, now: datetime) -> Evidence:
    """Hand in for a module; the same again changes nothing.

    NotFoundError unless it is the viewer's own enrollment, NotTakingPartError, InvalidInputError, EvidenceStandsError
    where other evidence counts for the module, EvidenceExistsError where the id has other content.
    """
    if handed_in.kind != "file" and (found := problems_of_submission(handed_in.text, handed_in.link)):
        raise InvalidInputError(*found)
    async with transaction(pool) as connection:
        holder = await store.hold(
            connection, viewer.organization_id, handed_in.enrollment_id, viewer_id=viewer.person_id
        )
        known = await _check_place(connection, viewer, holder, handed_in.id, handed_in.module_id)
        if known is None and await store.insert(connection, handed_in, organization_id=viewer.organization_id, at=now):
            known = await store.evidence(connection, viewer.organization_id, handed_in.id)
    if known is None or not known.is_same(handed_in):
        raise EvidenceExistsError
    return known


async def _check_place(
    connection: Connection | Pool, viewer: Viewer, holder: Holder | None, evidence_id: UUID, module_id: UUID
) -> Evidence | None:
    """The evidence with this id, if the enrollment has it; otherwise whether the viewer may add it, or an error."""
    if holder is None:
        raise NotFoundError
    require(viewer, "evidence.submit", owns=holder.person_id == viewer.person_id)
    known = await store.evidence(connection, viewer.organization_id, evidence_id)
    if known is not None:
        if known.enrollment_id != holder.enrollment_id:
            raise EvidenceExistsError
        return known
    holder.check_takes_part()
    if not await store.has_module(connection, holder.cohort_id, module_id):
        raise InvalidInputError(("module_id", "The cohort has no such module."))
    return None


async def submit_file(house: House, viewer: Viewer, place: FilePlace, chunks: AsyncIterator[bytes]) -> Evidence:
    """Hand in a file, read from `chunks`; the same bytes again change nothing. A refused file is not kept.

    TooLargeError past MOST_FILE_BYTES, and the errors of `submit`.
    """
    # Asked before anything is read, so that nobody fills the storage who may not hand in; `submit` asks again.
    holder = await store.holder(house.pool, viewer.organization_id, place.enrollment_id, viewer_id=viewer.person_id)
    await _check_place(house.pool, viewer, holder, place.evidence_id, place.module_id)
    stored = await house.storage.keep(chunks, most_bytes=MOST_FILE_BYTES)
    try:
        if not stored.size:
            raise InvalidInputError(("file", "The file is empty."))
        evidence = await submit(house.pool, viewer, _submission(place, stored), now=house.clock())
    except BaseException:
        await _remove_unless_kept(house, viewer.organization_id, place.evidence_id, stored.id)
        raise
    if evidence.file is None or evidence.file.id != stored.id:
        await house.storage.remove(stored.id)
    return evidence


def _submission(place: FilePlace, stored: Stored) -> Submission:
    return Submission(
        id=place.evidence_id,
        enrollment_id=place.enrollment_id,
        module_id=place.module_id,
        kind="file",
        file=KeptFile(
            id=stored.id,
            name=safe_file_name(place.name),
            media_type=safe_media_type(place.content_type),
            size=stored.size,
            sha256=stored.sha256,
        ),
    )


async def _remove_unless_kept(house: House, organization_id: UUID, evidence_id: UUID, file_id: UUID) -> None:
    """Destroy a blob that no evidence refers to. A commit may have succeeded though its answer was lost, so ask."""
    try:
        is_kept = await store.has_file(house.pool, organization_id, evidence_id, file_id)
    except (*UNAVAILABLE, asyncpg.PostgresError):
        return  # a blob too many does no harm; evidence without its file would
    if not is_kept:
        await house.storage.remove(file_id)


async def review(house: House, viewer: Viewer, evidence_id: UUID, said: Review) -> Evidence:
    """Accept evidence or return it; the same again changes nothing. Who gets it back is told by e-mail.

    NotFoundError where the viewer may not, SelfReviewError, AlreadyReviewedError, InvalidInputError.
    """
    if found := problems_of_review(said):
        raise InvalidInputError(*found)
    now = house.clock()
    async with transaction(house.pool) as connection:
        holder = await _hold_for_review(connection, viewer, evidence_id)
        evidence = await _read(connection, viewer, evidence_id)
        if not check_review(evidence, said, outcome=holder.outcome):
            return evidence
        assert viewer.person_id is not None
        await store.set_review(connection, evidence_id, said, by=viewer.person_id, at=now)
        written = await _read(connection, viewer, evidence_id)
        await _tell(connection, holder, written, now=now)
        if said.decision == "returned":
            await _write_to_participant(house, connection, holder, written)
        return written


async def _hold_for_review(connection: Connection, viewer: Viewer, evidence_id: UUID) -> Holder:
    evidence = await _read(connection, viewer, evidence_id)
    holder = await store.hold(connection, viewer.organization_id, evidence.enrollment_id, viewer_id=viewer.person_id)
    if holder is None:
        raise NotFoundError
    require(viewer, "evidence.review", teaches=holder.teaches)
    if holder.person_id == viewer.person_id:
        raise SelfReviewError
    return holder


async def _read(connection: Connection, viewer: Viewer, evidence_id: UUID) -> Evidence:
    evidence = await store.evidence(connection, viewer.organization_id, evidence_id)
    if evidence is None:
        raise NotFoundError
    return evidence


async def _tell(connection: Connection, holder: Holder, evidence: Evidence, *, now: datetime) -> None:
    await events.record(
        connection,
        organization_id=holder.organization_id,
        type="evidence.accepted" if evidence.state == "accepted" else "evidence.returned",
        person_id=holder.person_id,
        data={
            "enrollment_id": holder.enrollment_id,
            "cohort_id": holder.cohort_id,
            "evidence_id": evidence.id,
            "module_id": evidence.module_id,
        },
        occurred_at=now,
    )


async def _write_to_participant(house: House, connection: Connection, holder: Holder, evidence: Evidence) -> None:
    organization = await organizations.by_id(connection, holder.organization_id)
    person = await people.person(connection, holder.organization_id, holder.person_id)
    assert organization is not None
    assert person is not None
    url = f"{house.settings.enrollment_url}/{organization.slug}/cohorts/{holder.cohort_id}"
    mail = letters.returned(organization, person, evidence, cohort_name=holder.cohort_name, url=url)
    await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)
