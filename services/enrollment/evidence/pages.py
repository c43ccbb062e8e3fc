"""The participant's pages of evidence: what each topic wants and what became of it, and handing in."""

from collections.abc import AsyncIterator
from typing import Any, Literal
from uuid import UUID, uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.evidence import actions, review_pages, store
from services.enrollment.evidence.kinds import ACCEPTED
from services.enrollment.evidence.model import (
    MOST_FILE_BYTES,
    Evidence,
    EvidenceStandsError,
    Holder,
    Kind,
    Submission,
    Topic,
    problems_of_submission,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError
from shared.storage import TooLargeError
from shared.words import N_

_MOST_BODY_BYTES = MOST_FILE_BYTES + 1024 * 1024
_CHUNK = 256 * 1024
TopicState = Literal["wanted", "submitted", "accepted", "returned"]


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A topic with all that one person handed in for it, the newest last."""

    topic: Topic
    pieces: tuple[Evidence, ...]

    @property
    def state(self) -> TopicState:
        """What became of the newest piece."""
        return self.pieces[-1].state if self.pieces else "wanted"

    @property
    def takes(self) -> bool:
        """Whether something can be handed in: nothing was, or it was returned."""
        return self.state in ("wanted", "returned")


class HandInForm(msgspec.Struct, frozen=True, kw_only=True):
    """What is filled in: an id made with the form, so that sending it twice hands in once."""

    id: str
    kind: Kind = "text"
    text: str = ""
    link: str = ""
    attested: str = ""


@get("/{slug:str}/learning/{enrollment_id:uuid}/evidence", opt={"policy": "evidence.submit"}, include_in_schema=False)
async def read_topics(house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID) -> Response[str]:
    """Every topic of one's cohort with what it wants and what became of it."""
    holder, works = await _works(house, viewer, enrollment_id)
    return page(house, "evidence_topics.html", organization=organization, viewer=viewer, holder=holder, works=works)


@get(
    "/{slug:str}/learning/{enrollment_id:uuid}/evidence/{module_id:uuid}",
    opt={"policy": "evidence.submit"},
    include_in_schema=False,
)
async def read_topic(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID, module_id: UUID,
    way: Literal["text", "link", "file"] = "text",
) -> Response[str]:  # fmt: skip
    """One topic, with the form to hand in: a text, a link or a file."""
    holder, work = await _work(house, viewer, enrollment_id, module_id)
    return _page(house, organization, viewer, holder, work, values=HandInForm(id=str(uuid4()), kind=way))


@post(
    "/{slug:str}/learning/{enrollment_id:uuid}/evidence/{module_id:uuid}",
    opt={"policy": "evidence.submit"},
    request_max_body_size=_MOST_BODY_BYTES,
    include_in_schema=False,
)
async def hand_in(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, enrollment_id: UUID,
    module_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Hand in what the form holds."""
    # Asked before the body is read, so that nobody sends files who may not hand in.
    holder, work = await _work(house, viewer, enrollment_id, module_id)
    fields = await request.form()
    try:
        values = _values(fields)
        try:
            await _hand_in(house, viewer, holder, module_id, values, fields.get("file"))
        except InvalidInputError as error:
            return _page(house, organization, viewer, holder, work, values=values, errors=dict(error.errors))
        except TooLargeError:
            errors = {"file": N_("The file is larger than 20 MB. Nothing of it was kept. Send a smaller one.")}
            return _page(house, organization, viewer, holder, work, values=values, errors=errors)
        except EvidenceStandsError:
            pass  # what stands is what the page shows
    finally:
        await fields.close()
    return Redirect(f"/{organization.slug}/learning/{enrollment_id}/evidence/{module_id}", status_code=303)


def _values(fields: Any) -> HandInForm:
    """The form's texts; a browser ends lines with two characters where we keep one."""

    def text(name: str) -> str:
        value = fields.get(name)
        return value.replace("\r\n", "\n") if isinstance(value, str) else ""

    kind: Kind = "link" if text("kind") == "link" else "file" if text("kind") == "file" else "text"
    return HandInForm(id=text("id"), kind=kind, text=text("text"), link=text("link"), attested=text("attested"))


async def _hand_in(
    house: House, viewer: Viewer, holder: Holder, module_id: UUID, values: HandInForm, file: Any
) -> None:
    try:
        identifier = UUID(values.id)
    except ValueError:
        raise NotFoundError from None
    if values.kind == "file":
        place = actions.FilePlace(
            evidence_id=identifier,
            enrollment_id=holder.enrollment_id,
            module_id=module_id,
            name=file.filename if isinstance(file, UploadFile) else "",
            is_attested=bool(values.attested),
        )
        if not isinstance(file, UploadFile):
            raise InvalidInputError(("file", N_("Choose a file.")), *actions.problems_of_attestation(place.is_attested))
        await actions.submit_file(house, viewer, place, _chunks(file))
        return
    text, link = (values.text, None) if values.kind == "text" else (None, values.link.strip())
    found = problems_of_submission(text, link) + actions.problems_of_attestation(bool(values.attested))
    if found:
        raise InvalidInputError(*found)
    handed_in = Submission(
        id=identifier,
        enrollment_id=holder.enrollment_id,
        module_id=module_id,
        kind=values.kind,
        text=text,
        link=link,
        is_attested=True,
    )
    await actions.submit(house.pool, viewer, handed_in, now=house.clock())


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


async def _works(house: House, viewer: Viewer, enrollment_id: UUID) -> tuple[Holder, list[Work]]:
    """One's own enrollment and its topics in order; NotFoundError for anybody else."""
    holder = await store.holder(house.pool, viewer.organization_id, enrollment_id, viewer_id=viewer.person_id)
    if holder is None:
        raise NotFoundError
    require(viewer, "evidence.submit", owns=holder.person_id == viewer.person_id)
    pieces = await store.of_enrollment(house.pool, viewer.organization_id, enrollment_id)
    topics = await store.topics(house.pool, viewer.organization_id, holder.cohort_id)
    return holder, [
        Work(topic=one, pieces=tuple(piece for piece in pieces if piece.module_id == one.id)) for one in topics
    ]


async def _work(house: House, viewer: Viewer, enrollment_id: UUID, module_id: UUID) -> tuple[Holder, Work]:
    holder, works = await _works(house, viewer, enrollment_id)
    found = next((one for one in works if one.topic.id == module_id), None)
    if found is None:
        raise NotFoundError
    return holder, found


def _page(
    house: House, organization: Organization, viewer: Viewer, holder: Holder, work: Work, *, values: HandInForm,
    errors: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    return page(
        house,
        "evidence_topic.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        holder=holder,
        work=work,
        values=values,
        errors=errors or {},
        accepted_files=ACCEPTED,
    )


ROUTES: list[ControllerRouterHandler] = [read_topics, read_topic, hand_in, *review_pages.ROUTES]
