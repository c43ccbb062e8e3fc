"""Pages of evaluations: participants hand in, who runs or teaches a cohort reads numbers, staff ask."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.evaluations import actions, store
from services.enrollment.evaluations.model import (
    ANSWERS,
    LEAST_TOLD,
    STANDARD,
    About,
    AlreadyTurnedInError,
    Holder,
    NotOpenError,
    Subject,
    questions_of,
    results,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page, typed
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError

_ABOUTS: tuple[About, ...] = ("cohort", "session")


@get(
    "/{slug:str}/learning/{enrollment_id:uuid}/evaluations",
    opt={"policy": "evaluation.submit"},
    include_in_schema=False,
)
async def read_own(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID, done: bool = False
) -> Response[str]:
    """What one may evaluate, and what one has."""
    holder = await _holder(house, viewer, enrollment_id)
    return page(
        house,
        "evaluations_own.html",
        organization=organization,
        viewer=viewer,
        holder=holder,
        subjects=await store.subjects(house.pool, enrollment_id),
        now=house.clock(),
        done=done,
    )


@get(
    "/{slug:str}/learning/{enrollment_id:uuid}/evaluations/{about_id:uuid}",
    opt={"policy": "evaluation.submit"},
    include_in_schema=False,
)
async def read_form(
    house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID, about_id: UUID
) -> Response[str]:
    """The questions about one session or the cohort."""
    holder = await _holder(house, viewer, enrollment_id)
    return _form(house, organization, viewer, holder, await _subject(house, enrollment_id, about_id))


@post(
    "/{slug:str}/learning/{enrollment_id:uuid}/evaluations/{about_id:uuid}",
    opt={"policy": "evaluation.submit"},
    include_in_schema=False,
)
async def turn_in(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, enrollment_id: UUID,
    about_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Hand in; sending it again changes nothing."""
    holder = await _holder(house, viewer, enrollment_id)
    subject = await _subject(house, enrollment_id, about_id)
    given = await typed(request)
    try:
        await actions.turn_in(house, holder, subject, given)
    except InvalidInputError as error:
        return _form(house, organization, viewer, holder, subject, status=422, errors=dict(error.errors), given=given)
    except NotOpenError:
        return _form(house, organization, viewer, holder, subject, status=409)
    except AlreadyTurnedInError:
        pass
    return Redirect(f"/{organization.slug}/learning/{enrollment_id}/evaluations?done=true", status_code=303)


@get(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/evaluations",
    opt={"policy": "evaluation.read"},
    include_in_schema=False,
)
async def read_results(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """The answers in numbers, where enough people gave any."""
    cohort = await store.cohort(house.pool, viewer.organization_id, cohort_id, viewer_id=viewer.person_id)
    if cohort is None:
        raise NotFoundError
    require(viewer, "evaluation.read", teaches=cohort.teaches)
    return page(
        house,
        "evaluations.html",
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        results=results(await store.tallies(house.pool, cohort_id)),
        forms=await store.forms(house.pool, viewer.organization_id, cohort.program_id),
        least=LEAST_TOLD,
        answers=ANSWERS,
    )


@get(
    "/{slug:str}/staff/programs/{program_id:uuid}/evaluations",
    opt={"policy": "evaluation.write"},
    include_in_schema=False,
)
async def read_questions(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, done: bool = False
) -> Response[str]:
    """What a program asks its participants."""
    return await _questions(house, organization, viewer, program_id, done=done)


@post(
    "/{slug:str}/staff/programs/{program_id:uuid}/evaluations",
    opt={"policy": "evaluation.write"},
    include_in_schema=False,
)
async def write_questions(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, program_id: UUID
) -> Response[Any]:
    """Ask other questions from now on."""
    form = await request.form()
    typed: dict[About, str] = {about: str(form.get(about, "")) for about in _ABOUTS}
    errors: dict[str, str] = {}
    asked: dict[About, tuple[str, ...]] = {}
    for about, text in typed.items():
        try:
            asked[about] = questions_of(about, text)
        except InvalidInputError as error:
            errors.update(dict(error.errors))
    if errors:
        return await _questions(house, organization, viewer, program_id, status=422, errors=errors, typed=typed)
    await actions.write(house, viewer.organization_id, program_id, asked, by=viewer.person_id)
    return Redirect(f"/{organization.slug}/staff/programs/{program_id}/evaluations?done=true", status_code=303)


async def _holder(house: House, viewer: Viewer, enrollment_id: UUID) -> Holder:
    found = await store.holder(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    require(viewer, "evaluation.submit", owns=found.person_id == viewer.person_id)
    return found


async def _subject(house: House, enrollment_id: UUID, about_id: UUID) -> Subject:
    for one in await store.subjects(house.pool, enrollment_id):
        if one.about_id == about_id:
            return one
    raise NotFoundError


def _form(
    house: House,
    organization: Organization,
    viewer: Viewer,
    holder: Holder,
    subject: Subject,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        house,
        "evaluation_form.html",
        status=status,
        organization=organization,
        viewer=viewer,
        holder=holder,
        subject=subject,
        is_open=holder.place == "seated" and subject.is_open(house.clock()),
        least=LEAST_TOLD,
        errors=errors or {},
        given=given or {},
    )


async def _questions(
    house: House,
    organization: Organization,
    viewer: Viewer,
    program_id: UUID,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: dict[About, str] | None = None,
    done: bool = False,
) -> Response[str]:
    name = await store.program_name(house.pool, viewer.organization_id, program_id)
    if name is None:
        raise NotFoundError
    known = await store.forms(house.pool, viewer.organization_id, program_id)
    asked = {about: "\n".join(known[about].questions) if about in known else "" for about in _ABOUTS}
    return page(
        house,
        "evaluation_questions.html",
        status=status,
        organization=organization,
        viewer=viewer,
        program_id=program_id,
        program_name=name,
        typed=typed or asked,
        standard=STANDARD,
        is_asking=any(one.questions for one in known.values()),
        errors=errors or {},
        done=done,
    )


ROUTES: list[ControllerRouterHandler] = [
    read_own, read_form, turn_in, read_results, read_questions, write_questions,
]  # fmt: skip
