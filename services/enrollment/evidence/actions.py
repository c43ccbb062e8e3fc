"""Verbs of handing in: a text, a link or a file, and what of a file is kept."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.evidence import store
from services.enrollment.evidence.kinds import Glance, agreed, problem_of_name
from services.enrollment.evidence.model import (
    MOST_FILE_BYTES,
    Evidence,
    EvidenceExistsError,
    Holder,
    KeptFile,
    Submission,
    problems_of_submission,
    safe_file_name,
)
from services.enrollment.house import House
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.postgres import UNAVAILABLE, Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_REMOVED_BEFORE = N_("This is the file that was taken away because it holds students' data. Take the data out first.")
_NOT_ATTESTED = N_("Say that what you hand in holds no students' data.")


class FilePlace(msgspec.Struct, frozen=True, kw_only=True):
    """Which evidence a file is to be, what its sender calls it, and whether they say it holds no students' data."""

    evidence_id: UUID
    enrollment_id: UUID
    module_id: UUID
    name: str
    is_attested: bool


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
        file = handed_in.file
        if file is not None and await store.was_removed(connection, handed_in.enrollment_id, file.sha256):
            raise InvalidInputError(("file", _REMOVED_BEFORE))
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
        raise InvalidInputError(("module_id", N_("The cohort has no such module.")))
    return None


async def submit_file(house: House, viewer: Viewer, place: FilePlace, chunks: AsyncIterator[bytes]) -> Evidence:
    """Hand in a file, read from `chunks`; the same bytes again change nothing. A refused file is not kept.

    Its kind is told by its content, and its name must agree.
    TooLargeError past MOST_FILE_BYTES, and the errors of `submit`.
    """
    # Asked before anything is read, so that nobody fills the storage who may not hand in; `submit` asks again.
    holder = await store.holder(house.pool, viewer.organization_id, place.enrollment_id, viewer_id=viewer.person_id)
    await _check_place(house.pool, viewer, holder, place.evidence_id, place.module_id)
    name = safe_file_name(place.name)
    if found := _problems_of_place(name, place):
        raise InvalidInputError(*found)
    glance = Glance()
    stored = await house.storage.keep(glance.of(chunks), most_bytes=MOST_FILE_BYTES)
    try:
        if not stored.size:
            raise InvalidInputError(("file", N_("The file is empty.")))
        kind = agreed(name, glance.kind())
        file = KeptFile(id=stored.id, name=name, media_type=kind.media_type, size=stored.size, sha256=stored.sha256)
        evidence = await submit(house.pool, viewer, _submission(place, file), now=house.clock())
    except BaseException:
        await _remove_unless_kept(house, viewer.organization_id, place.evidence_id, stored.id)
        raise
    if evidence.file is None or evidence.file.id != stored.id:
        await house.storage.remove(stored.id)
    return evidence


def _problems_of_place(name: str, place: FilePlace) -> list[tuple[str, str]]:
    """What can be said before a byte is read, as (field, sentence) pairs."""
    problem = problem_of_name(name)
    found = problems_of_attestation(place.is_attested)
    return found if problem is None else [("file", problem), *found]


def problems_of_attestation(is_attested: bool) -> list[tuple[str, str]]:
    """Whether its sender says that it holds no students' data, as (field, sentence) pairs."""
    return [] if is_attested else [("attested", _NOT_ATTESTED)]


def _submission(place: FilePlace, file: KeptFile) -> Submission:
    return Submission(
        id=place.evidence_id,
        enrollment_id=place.enrollment_id,
        module_id=place.module_id,
        kind="file",
        file=file,
        is_attested=place.is_attested,
    )


async def _remove_unless_kept(house: House, organization_id: UUID, evidence_id: UUID, file_id: UUID) -> None:
    """Destroy a blob that no evidence refers to. A commit may have succeeded though its answer was lost, so ask."""
    try:
        is_kept = await store.has_file(house.pool, organization_id, evidence_id, file_id)
    except (*UNAVAILABLE, asyncpg.PostgresError):
        return  # a blob too many does no harm; evidence without its file would
    if not is_kept:
        await house.storage.remove(file_id)
