"""Verbs of review: accept, return with a comment, and destroy what holds students' data."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.events import actions as events
from services.enrollment.evidence import letters, store
from services.enrollment.evidence.model import (
    HOLDS_STUDENT_DATA,
    HOLDS_STUDENT_DATA_SEALED,
    Evidence,
    Holder,
    Removal,
    Review,
    SelfReviewError,
    check_review,
    problems_of_comment,
    problems_of_review,
)
from services.enrollment.evidence.rubric import scored
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people import actions as people_actions
from services.enrollment.people import store as people
from services.enrollment.people import store_personal as people_personal
from services.enrollment.people.access import require
from services.enrollment.people.model import Person, Viewer
from services.enrollment.programs.rubric import Rubric
from shared import outbox
from shared.outbox import Handler, Message
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError

#: The outbox topic of files to destroy; the payload is a Removal, the key the file's id.
REMOVAL = "evidence file"


async def review(house: House, viewer: Viewer, evidence_id: UUID, said: Review) -> Evidence:
    """Accept evidence or return it; the same again changes nothing. Who gets it back is told by e-mail.

    NotFoundError where the viewer may not, SelfReviewError, AlreadyReviewedError, EvidenceRemovedError,
    InvalidInputError, which names every criterion without a level where the evidence is accepted.
    """
    now = house.clock()
    async with transaction(house.pool) as connection:
        holder, evidence = await _hold_for_review(connection, viewer, evidence_id, action="evidence.review")
        topic = await store.topic(connection, viewer.organization_id, evidence.module_id)
        rubric = (topic.rubric if topic is not None else None) or Rubric()
        if found := problems_of_review(said, rubric):
            raise InvalidInputError(*found)
        if not check_review(evidence, said, outcome=holder.outcome):
            return evidence
        assert viewer.person_id is not None
        await store.set_review(connection, evidence_id, said, by=viewer.person_id, at=now)
        await store.set_scores(connection, viewer.organization_id, evidence_id, scored(rubric, said.levels))
        written = await _read(connection, viewer, evidence_id)
        await journal.note_change(
            connection, viewer.organization_id, viewer.person_id, "evidence.review", "evidence", evidence_id,
            decision=said.decision,
        )  # fmt: skip
        await _tell(connection, holder, written, now=now)
        if said.decision == "returned":
            await _write(house, connection, holder, written)
        return written


async def remove(house: House, viewer: Viewer, evidence_id: UUID, *, comment: str | None) -> Evidence:
    """Destroy the content of evidence that holds students' data; again changes nothing.

    The decision stays: what was accepted stays accepted, and what waited is returned, with `comment` or a sentence of
    ours. The file is gone when this answers; under a legal hold it is sealed, and destroyed by the clock once the hold
    is lifted. NotFoundError where the viewer may not, SelfReviewError, InvalidInputError.
    """
    if comment is not None and (found := problems_of_comment(comment)):
        raise InvalidInputError(*found)
    now = house.clock()
    async with transaction(house.pool) as connection:
        await people_personal.hold_still(connection, viewer.organization_id)
        holder, evidence = await _hold_for_review(connection, viewer, evidence_id, action="evidence.remove")
        if evidence.content_removed_at is not None:
            return evidence
        assert viewer.person_id is not None
        must_stay = await people_personal.is_held(connection, viewer.organization_id, holder.person_id)
        if evidence.state == "submitted":
            ours = HOLDS_STUDENT_DATA_SEALED if must_stay else HOLDS_STUDENT_DATA
            said = Review(decision="returned", comment=comment or ours)
            await store.set_review(connection, evidence_id, said, by=viewer.person_id, at=now)
        if must_stay:
            await store.seal_content(connection, evidence_id, by=viewer.person_id, at=now)
        else:
            await store.remove_content(connection, evidence_id, by=viewer.person_id, at=now)
            await _forget_file(connection, evidence, organization_id=viewer.organization_id)
        await journal.note(
            connection,
            organization_id=viewer.organization_id,
            person_id=viewer.person_id,
            action="evidence.seal" if must_stay else "evidence.remove",
            object_kind="evidence",
            object_id=evidence_id,
            note={"kind": evidence.kind, "was": evidence.state},
        )
        written = await _read(connection, viewer, evidence_id)
        if evidence.state == "submitted":
            await _tell(connection, holder, written, now=now)
        await _write(house, connection, holder, written)
    if evidence.file is not None and not must_stay:
        await house.storage.remove(evidence.file.id)
    return written


async def is_held(house: House, viewer: Viewer, evidence: Evidence) -> bool:
    """Whether a legal hold forbids to destroy it now."""
    return await people_personal.is_held(house.pool, viewer.organization_id, evidence.person_id)


async def _forget_file(connection: Connection, evidence: Evidence, *, organization_id: UUID) -> None:
    """Let the worker destroy the file too, where this process ends between its commit and the file."""
    if evidence.file is not None:
        await outbox.put(
            connection,
            organization_id=organization_id,
            topic=REMOVAL,
            key=evidence.file.id,
            payload=msgspec.json.encode(Removal(file_id=evidence.file.id)),
        )


def remover(house: House) -> Handler:
    """The handler of files to destroy."""

    async def handle(message: Message) -> None:
        await house.storage.remove(msgspec.json.decode(message.payload, type=Removal).file_id)

    return handle


async def note_read(
    house: House, viewer: Viewer, object_id: UUID, *, kind: Literal["evidence", "enrollment", "cohort"] = "evidence",
    owner_id: UUID | None = None,
) -> None:  # fmt: skip
    """Note that somebody opens what another handed in, or all of an enrollment or a cohort, before it is shown."""
    if viewer.person_id != owner_id:
        await journal.note_seen(
            house.pool,
            organization_id=viewer.organization_id,
            person_id=viewer.person_id,
            action="evidence.read",
            object_kind=kind,
            object_id=object_id,
            fields=("content",),
        )


async def _hold_for_review(
    connection: Connection, viewer: Viewer, evidence_id: UUID, *, action: str
) -> tuple[Holder, Evidence]:
    """The evidence as it is once nobody else decides about it, and whose it is."""
    await people_actions.acting(connection, viewer)
    found = await _read(connection, viewer, evidence_id)
    holder = await store.hold(connection, viewer.organization_id, found.enrollment_id, viewer_id=viewer.person_id)
    if holder is None:
        raise NotFoundError
    require(viewer, action, teaches=holder.teaches)
    if holder.person_id == viewer.person_id:
        raise SelfReviewError
    return holder, await _read(connection, viewer, evidence_id)


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


async def _write(house: House, connection: Connection, holder: Holder, evidence: Evidence) -> None:
    """The letter to whoever handed it in: returned, or destroyed."""
    organization = await organizations.by_id(connection, holder.organization_id)
    person = await people.person(connection, holder.organization_id, holder.person_id)
    assert organization is not None
    assert person is not None
    mail = _mail(house, organization, person, holder, evidence)
    await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)


def _mail(house: House, organization: Organization, person: Person, holder: Holder, evidence: Evidence) -> Mail:
    url = (
        f"{house.settings.enrollment_url}/{organization.slug}/learning/{holder.enrollment_id}"
        f"/evidence/{evidence.module_id}"
    )
    write = letters.returned if evidence.content_removed_at is None else letters.removed
    return write(organization, person, evidence, cohort_name=holder.cohort_name, url=url)
