"""The page of one's own learning, and its choices: the name on the badge, who comes upon it, giving a place up."""

from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.cohorts import store as cohorts
from services.enrollment.enrollments import actions as enrollments
from services.enrollment.enrollments import store as enrollment_store
from services.enrollment.enrollments.model import Enrollment
from services.enrollment.house import House
from services.enrollment.learning import actions, store
from services.enrollment.learning.model import next_of, next_session
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.contracts import AwardVisibility
from shared.problems import InvalidInputError, NotFoundError
from shared.words import said

_Short = Annotated[str, Meta(max_length=40)]
_UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)
#: What has just been done, as the address says it.
_DONE = Literal["", "name", "shown", "left"]


class NameForm(msgspec.Struct, frozen=True):
    """Whether the badge is to show the name."""

    shows_name: _Short = ""


class VisibilityForm(msgspec.Struct, frozen=True):
    """Who comes upon the badge."""

    visibility: _Short = ""


@get("/{slug:str}/learning", opt={"policy": "learning.read"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, done: str = "") -> Response[str]:
    """The next session first, then each cohort with its progress and the one thing to do next."""
    if viewer.person_id is None:
        raise NotFoundError
    now = house.clock()
    journeys = await store.journeys(house.pool, viewer.organization_id, viewer.person_id)
    return page(
        house,
        "learning_home.html",
        organization=organization,
        viewer=viewer,
        current=[(one, next_of(one, now=now)) for one in journeys if one.is_current],
        past=[(one, next_of(one, now=now)) for one in journeys if not one.is_current],
        coming=next_session(journeys, now=now),
        done=done if done in get_args(_DONE) else "",
    )


@post("/{slug:str}/learning/{enrollment_id:uuid}/name", opt={"policy": "enrollment.show_name"}, include_in_schema=False)
async def set_name(
    house: House,
    organization: Organization,
    viewer: Viewer,
    enrollment_id: UUID,
    data: Annotated[NameForm, _UrlEncoded],
) -> Response[Any]:
    """Choose whether the badge shows one's name; it stands once the badge was asked for."""
    found = await enrollment_store.enrollment(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    require(viewer, "enrollment.show_name", owns=found.person_id == viewer.person_id)
    await enrollments.set_name_display(
        house.pool, viewer.organization_id, enrollment_id, shows_name=bool(data.shows_name)
    )
    return Redirect(f"/{organization.slug}/learning?done=name#c-{found.cohort_id}", status_code=303)


@get("/{slug:str}/learning/{enrollment_id:uuid}/leave", opt={"policy": "enrollment.leave"}, include_in_schema=False)
async def ask_leave(house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID) -> Response[str]:
    """Ask once whether one's own place is to be given up, and say who gets it."""
    found = await _own_enrollment(house, viewer, enrollment_id)
    cohort = await cohorts.listing(house.pool, viewer.organization_id, found.cohort_id)
    if cohort is None:
        raise NotFoundError
    return page(house, "learning_leave.html", organization=organization, viewer=viewer, enrollment=found, cohort=cohort)


@post("/{slug:str}/learning/{enrollment_id:uuid}/leave", opt={"policy": "enrollment.leave"}, include_in_schema=False)
async def leave(house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID) -> Redirect:
    """Give up one's own seat, offer or place in line."""
    found = await _own_enrollment(house, viewer, enrollment_id)
    await enrollments.withdraw(house, viewer.organization_id, found.id)
    return Redirect(f"/{organization.slug}/learning?done=left", status_code=303)


async def _own_enrollment(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    found = await enrollment_store.enrollment(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    require(viewer, "enrollment.leave", owns=found.person_id == viewer.person_id)
    return found


@post(
    "/{slug:str}/learning/awards/{award_id:uuid}/visibility", opt={"policy": "visibility.set"}, include_in_schema=False
)
async def set_visibility(
    house: House,
    organization: Organization,
    viewer: Viewer,
    award_id: UUID,
    data: Annotated[VisibilityForm, _UrlEncoded],
) -> Response[Any]:
    """Choose who comes upon one's own badge."""
    if data.visibility not in get_args(AwardVisibility):
        raise InvalidInputError(("visibility", said("Choose who may come upon your badge.")))
    await actions.show(house, viewer, award_id, cast(AwardVisibility, data.visibility))
    return Redirect(f"/{organization.slug}/learning?done=shown#b-{award_id}", status_code=303)


ROUTES: list[ControllerRouterHandler] = [read, set_name, ask_leave, leave, set_visibility]
