"""The review queue of a cohort: evidence beside its rubric; after a decision the next piece opens by itself."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.evidence import reviewing, store
from services.enrollment.evidence.model import (
    AlreadyReviewedError,
    Decision,
    Evidence,
    EvidenceRemovedError,
    Queue,
    Review,
    State,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError

#: So many names stand in the queue at once; deciding brings up the others.
_MOST = 50
_SCORE = "score-"


@get("/{slug:str}/teach/cohorts/{cohort_id:uuid}/review", opt={"policy": "evidence.review"}, include_in_schema=False)
async def read_queue(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, piece: UUID | None = None,
    done: UUID | None = None, wanted: State = "submitted",
) -> Response[str]:  # fmt: skip
    """What waits, longest first, and one piece of it to decide about."""
    queue = await _queue(house, viewer, cohort_id, wanted, piece)
    chosen = piece or (queue.lines[0].id if queue.lines else None)
    wished = [one for one in (chosen, done) if one is not None]
    found = await store.some(house.pool, viewer.organization_id, wished) if wished else {}
    found = {key: one for key, one in found.items() if one.cohort_id == cohort_id}
    evidence = None if chosen is None else found.get(chosen)
    if piece is not None and evidence is None:
        raise NotFoundError
    if evidence is not None:
        await reviewing.note_read(house, viewer, evidence.id, owner_id=evidence.person_id)
    before = None if done is None else found.get(done)
    return await _page(house, organization, viewer, queue, evidence, done=before)


@post(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}",
    opt={"policy": "evidence.review"},
    include_in_schema=False,
)
async def decide(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    evidence_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Accept a piece, or return it with a comment; then the next."""
    evidence = await _piece(house, viewer, cohort_id, evidence_id)
    queue = await _queue(house, viewer, cohort_id, evidence.state, evidence_id)
    fields = await typed(request)
    try:
        said = _said(fields)
        await reviewing.review(house, viewer, evidence_id, said)
    except InvalidInputError as error:
        return await _page(
            house, organization, viewer, queue, evidence, status=422, errors=dict(error.errors), typed=fields
        )
    except (AlreadyReviewedError, EvidenceRemovedError):
        again = await _piece(house, viewer, cohort_id, evidence_id)
        return await _page(house, organization, viewer, queue, again, status=409, typed=fields, is_late=True)
    return _next(organization, queue, evidence)


@get(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}/removal",
    opt={"policy": "evidence.remove"},
    include_in_schema=False,
)
async def ask_removal(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, evidence_id: UUID
) -> Response[str]:
    """Ask once before content is destroyed."""
    evidence = await _piece(house, viewer, cohort_id, evidence_id)
    return await _ask(house, organization, viewer, evidence, comment="", errors={})


@post(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/review/{evidence_id:uuid}/removal",
    opt={"policy": "evidence.remove"},
    include_in_schema=False,
)
async def remove(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    evidence_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Destroy what holds students' data; then the next."""
    evidence = await _piece(house, viewer, cohort_id, evidence_id)
    queue = await _queue(house, viewer, cohort_id, evidence.state, evidence_id)
    said = (await request.form()).get("comment")
    comment = _plain(said) if isinstance(said, str) else ""
    try:
        await reviewing.remove(house, viewer, evidence_id, comment=comment or None)
    except InvalidInputError as error:
        return await _ask(house, organization, viewer, evidence, comment=comment, errors=dict(error.errors))
    return _next(organization, queue, evidence)


async def _queue(house: House, viewer: Viewer, cohort_id: UUID, state: State, piece: UUID | None) -> Queue:
    """The cohort's queue; NotFoundError for whoever does not teach it."""
    found = await store.queue(
        house.pool, viewer.organization_id, cohort_id, viewer_id=viewer.person_id, state=state, piece=piece, most=_MOST
    )
    if found is None:
        raise NotFoundError
    require(viewer, "evidence.review", teaches=found.teaches)
    return found


async def _piece(house: House, viewer: Viewer, cohort_id: UUID, evidence_id: UUID) -> Evidence:
    """A piece of the cohort's evidence; NotFoundError for whoever does not teach it."""
    teaches = await store.teaches(house.pool, viewer.organization_id, cohort_id, viewer.person_id)
    if teaches is None:
        raise NotFoundError
    require(viewer, "evidence.review", teaches=teaches)
    found = await _of_cohort(house, viewer, cohort_id, evidence_id)
    if found is None:
        raise NotFoundError
    return found


async def _of_cohort(house: House, viewer: Viewer, cohort_id: UUID, evidence_id: UUID) -> Evidence | None:
    found = await store.evidence(house.pool, viewer.organization_id, evidence_id)
    return found if found is not None and found.cohort_id == cohort_id else None


def _said(fields: dict[str, str]) -> Review:
    decision: Decision = "accepted" if fields.get("decision") == "accepted" else "returned"
    comment = _plain(fields.get("comment", ""))
    levels = {name.removeprefix(_SCORE): value for name, value in fields.items() if name.startswith(_SCORE) and value}
    return Review(decision=decision, comment=comment or None, levels=levels)


def _plain(text: str) -> str:
    """What was typed into a text area: without space around it, its lines ended by one character."""
    return text.replace("\r\n", "\n").strip()


def _next(organization: Organization, queue: Queue, evidence: Evidence) -> Redirect:
    """The page of what comes behind `evidence` in the queue it was in, or of the first where it was the last."""
    query = {"wanted": queue.state, "done": str(evidence.id)}
    follower = queue.behind(evidence.id)
    if follower is not None:
        query["piece"] = str(follower.id)
    return Redirect(
        f"/{organization.slug}/teach/cohorts/{evidence.cohort_id}/review?{urlencode(query)}", status_code=303
    )


async def _ask(
    house: House, organization: Organization, viewer: Viewer, evidence: Evidence, *, comment: str,
    errors: dict[str, str],
) -> Response[str]:  # fmt: skip
    return page(
        house,
        "evidence_removal.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        evidence=evidence,
        is_held=await reviewing.is_held(house, viewer, evidence),
        comment=comment,
        errors=errors,
    )


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    queue: Queue,
    evidence: Evidence | None,
    *,
    status: int = 200,
    **more: Any,
) -> Response[str]:
    topic, earlier = None, []
    if evidence is not None:
        topic = await store.topic(house.pool, viewer.organization_id, evidence.module_id)
        found = await store.of_module(house.pool, evidence.enrollment_id, evidence.module_id)
        earlier = [one for one in found if one.id != evidence.id]
    given = {"errors": {}, "typed": {}, "done": None, "is_late": False, **more}
    return page(
        house,
        "evidence_review.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=queue.cohort,
        queue=queue,
        evidence=evidence,
        topic=topic,
        earlier=earlier,
        **given,
    )


ROUTES: list[ControllerRouterHandler] = [read_queue, decide, ask_removal, remove]
