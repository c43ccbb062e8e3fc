"""Evidence as JSON and files: participants hand in, instructors and staff read and review."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Request, get, put
from litestar.params import Parameter, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from services.enrollment.evidence import actions, reviewing, store
from services.enrollment.evidence.model import (
    MOST_COMMENT_LETTERS,
    MOST_FILE_BYTES,
    MOST_LINK_LETTERS,
    MOST_TEXT_LETTERS,
    Decision,
    Evidence,
    KeptFile,
    Kind,
    Review,
    State,
    Submission,
)
from services.enrollment.evidence.rubric import Score
from services.enrollment.house import House
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.programs.rubric import MOST_CRITERIA
from shared.contracts import Key
from shared.problems import NotFoundError

#: Above MOST_FILE_BYTES, so that a file a little too large is refused with the limit in the problem.
_MOST_BODY_BYTES = MOST_FILE_BYTES + 1024 * 1024
#: What a browser does with a stranger's file: save it, guess nothing of it, run nothing in it.
_FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}
# A handler's argument named `state` would be the application's.
_StateWanted = Annotated[State, QueryParameter(name="state")]
_FileName = Annotated[str, Parameter(min_length=1, max_length=1_000)]


class EvidenceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is handed in for a module: either a text or a link."""

    module_id: UUID
    text: Annotated[str, Meta(max_length=MOST_TEXT_LETTERS)] | None = None
    link: Annotated[str, Meta(max_length=MOST_LINK_LETTERS)] | None = None
    #: that it holds no students' data; a file needs it
    attested: bool = False


class ReviewBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a reviewer says; what is returned needs a comment.

    `levels` names the level chosen of each criterion of the module's rubric; what is accepted needs all of them.
    """

    decision: Decision
    comment: Annotated[str, Meta(max_length=MOST_COMMENT_LETTERS)] | None = None
    levels: Annotated[dict[Key, Key], Meta(max_length=MOST_CRITERIA)] = {}


class RemovalBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the content is destroyed, for whoever handed it in; without a comment they are told that it held data."""

    comment: Annotated[str, Meta(max_length=MOST_COMMENT_LETTERS)] | None = None


class FileAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was handed in, as its sender named it; bytes, SHA-256 as hex, and where to download it."""

    name: str
    media_type: str
    size: int
    sha256: str
    path: str


class EvidenceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of evidence with its review, if it had one."""

    id: UUID
    enrollment_id: UUID
    cohort_id: UUID
    person_name: str
    module_id: UUID
    module_name: str
    kind: Kind
    text: str | None
    link: str | None
    file: FileAnswer | None
    state: State
    submitted_at: datetime
    reviewed_at: datetime | None
    comment: str | None
    attested_at: datetime | None
    #: when its content was destroyed, or sealed, because it held students' data
    content_removed_at: datetime | None
    #: Nobody can open it, and it is destroyed once no legal hold forbids that.
    is_sealed: bool
    scores: list[Score]


class EvidenceList(msgspec.Struct, frozen=True, kw_only=True):
    """All that one person handed in, module by module."""

    items: list[EvidenceAnswer]


class EvidencePage(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort's evidence, longest waiting first; `next` is the cursor of the next page, None on the last."""

    items: list[EvidenceAnswer]
    next: UUID | None


@put(
    "/api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}",
    opt={"policy": "evidence.submit"},
    summary="Hand in a text or a link",
)
async def submit(
    house: House, viewer: Viewer, enrollment_id: UUID, evidence_id: UUID, data: EvidenceBody
) -> EvidenceAnswer:
    """Hand in for a module under an id that the client makes; the same again changes nothing."""
    handed_in = Submission(
        id=evidence_id,
        enrollment_id=enrollment_id,
        module_id=data.module_id,
        kind="link" if data.text is None else "text",
        text=data.text,
        link=data.link,
        is_attested=data.attested,
    )
    return _answer(await actions.submit(house.pool, viewer, handed_in, now=house.clock()))


@put(
    "/api/enrollments/{enrollment_id:uuid}/evidence/{evidence_id:uuid}/file",
    opt={"policy": "evidence.submit", "body": ["application/octet-stream"]},
    request_max_body_size=_MOST_BODY_BYTES,
    summary="Hand in a file",
)
async def submit_file(
    house: House, viewer: Viewer, request: Request[Any, Any, Any], enrollment_id: UUID, evidence_id: UUID,
    module_id: UUID, file_name: _FileName, attested: bool = False,
) -> EvidenceAnswer:  # fmt: skip
    """Hand in the body as a file of at most 20 MiB that holds no students' data; the same bytes again change nothing.

    Documents, pictures, texts, sounds and videos are taken; the content must be what the name's ending says.
    """
    place = actions.FilePlace(
        evidence_id=evidence_id,
        enrollment_id=enrollment_id,
        module_id=module_id,
        name=file_name,
        is_attested=attested,
    )
    return _answer(await actions.submit_file(house, viewer, place, request.stream()))


@get(
    "/api/enrollments/{enrollment_id:uuid}/evidence",
    opt={"policy": "evidence.read"},
    summary="See what somebody handed in",
)
async def read_all(house: House, viewer: Viewer, enrollment_id: UUID) -> EvidenceList:
    """All evidence of one enrollment, what was returned included."""
    owner_id = await _check_reads(house, viewer, enrollment_id)
    await reviewing.note_read(house, viewer, enrollment_id, kind="enrollment", owner_id=owner_id)
    found = await store.of_enrollment(house.pool, viewer.organization_id, enrollment_id)
    return EvidenceList(items=[_answer(one) for one in found])


@get("/api/evidence/{evidence_id:uuid}", opt={"policy": "evidence.read"}, summary="See a piece of evidence")
async def read(house: House, viewer: Viewer, evidence_id: UUID) -> EvidenceAnswer:
    """One piece of evidence; a file's bytes are at its path."""
    return _answer(await _readable(house, viewer, evidence_id))


@get(
    "/api/evidence/{evidence_id:uuid}/file",
    opt={"policy": "evidence.read"},
    media_type="application/octet-stream",
    summary="Download a file that was handed in",
)
async def read_file(house: House, viewer: Viewer, evidence_id: UUID) -> Stream:
    """The file as it was sent, to be saved: whatever it calls itself, no browser shows or runs it here."""
    evidence = await _readable(house, viewer, evidence_id)
    if evidence.file is None:
        raise NotFoundError
    chunks = house.storage.read(evidence.file.id)
    # Read before the answer begins, so that a file that cannot be read is a problem and not a broken download.
    first = await anext(chunks, b"")
    # RFC 8187: nothing of the name is outside of attr-char.
    disposition = f"attachment; filename*=UTF-8''{quote(evidence.file.name, safe='')}"
    return Stream(
        _joined(first, chunks),
        media_type="application/octet-stream",
        headers={**_FILE_HEADERS, "Content-Disposition": disposition, "Content-Length": str(evidence.file.size)},
    )


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


@put(
    "/api/evidence/{evidence_id:uuid}/review",
    opt={"policy": "evidence.review"},
    summary="Accept evidence, or return it with a comment",
)
async def review(house: House, viewer: Viewer, evidence_id: UUID, data: ReviewBody) -> EvidenceAnswer:
    """Review a piece of evidence; the same again changes nothing. Who gets it back is told by e-mail."""
    said = Review(decision=data.decision, comment=data.comment, levels=data.levels)
    return _answer(await reviewing.review(house, viewer, evidence_id, said))


@put(
    "/api/evidence/{evidence_id:uuid}/removal",
    opt={"policy": "evidence.remove"},
    summary="Destroy evidence that holds students' data",
)
async def remove(house: House, viewer: Viewer, evidence_id: UUID, data: RemovalBody) -> EvidenceAnswer:
    """Destroy content for good; again changes nothing. What was accepted stays so, what waits is returned.

    Under a legal hold it is sealed: nobody can open it, and it is destroyed once no hold is left.
    """
    return _answer(await reviewing.remove(house, viewer, evidence_id, comment=data.comment))


@get(
    "/api/cohorts/{cohort_id:uuid}/evidence",
    opt={"policy": "evidence.review"},
    summary="List the evidence that waits for review",
)
async def read_queue(
    house: House, viewer: Viewer, cohort_id: UUID, state_wanted: _StateWanted = "submitted",
    after: UUID | None = None, limit: Annotated[int, Parameter(ge=1, le=100)] = 50,
) -> EvidencePage:  # fmt: skip
    """A cohort's evidence in one state, for staff and its instructors, longest waiting first."""
    teaches = await store.teaches(house.pool, viewer.organization_id, cohort_id, viewer.person_id)
    if teaches is None:
        raise NotFoundError
    require(viewer, "evidence.review", teaches=teaches)
    found = await store.of_cohort(
        house.pool, viewer.organization_id, cohort_id, state=state_wanted, after=after, most=limit + 1
    )
    await reviewing.note_read(house, viewer, cohort_id, kind="cohort")
    items = [_answer(one) for one in found[:limit]]
    return EvidencePage(items=items, next=items[-1].id if len(found) > limit else None)


async def _readable(house: House, viewer: Viewer, evidence_id: UUID) -> Evidence:
    evidence = await store.evidence(house.pool, viewer.organization_id, evidence_id)
    if evidence is None:
        raise NotFoundError
    await _check_reads(house, viewer, evidence.enrollment_id)
    await reviewing.note_read(house, viewer, evidence.id, owner_id=evidence.person_id)
    return evidence


async def _check_reads(house: House, viewer: Viewer, enrollment_id: UUID) -> UUID:
    """Whose this enrollment is; NotFoundError unless the viewer may read its evidence."""
    holder = await store.holder(house.pool, viewer.organization_id, enrollment_id, viewer_id=viewer.person_id)
    if holder is None:
        raise NotFoundError
    require(viewer, "evidence.read", teaches=holder.teaches, owns=holder.person_id == viewer.person_id)
    return holder.person_id


def _answer(evidence: Evidence) -> EvidenceAnswer:
    return EvidenceAnswer(
        id=evidence.id,
        enrollment_id=evidence.enrollment_id,
        cohort_id=evidence.cohort_id,
        person_name=evidence.person_name,
        module_id=evidence.module_id,
        module_name=evidence.module_name,
        kind=evidence.kind,
        text=evidence.text,
        link=evidence.link,
        file=None if evidence.file is None else _file(evidence.file, f"/api/evidence/{evidence.id}/file"),
        state=evidence.state,
        submitted_at=evidence.submitted_at,
        reviewed_at=evidence.reviewed_at,
        comment=evidence.comment,
        attested_at=evidence.attested_at,
        content_removed_at=evidence.content_removed_at,
        is_sealed=evidence.is_sealed,
        scores=list(evidence.scores),
    )


def _file(file: KeptFile, path: str) -> FileAnswer:
    return FileAnswer(name=file.name, media_type=file.media_type, size=file.size, sha256=file.sha256, path=path)


ROUTES = [submit, submit_file, read_all, read, read_file, review, remove, read_queue]
