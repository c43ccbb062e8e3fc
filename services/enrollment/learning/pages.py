"""The page of one's own learning, and its choices: the name on the badge, and who comes upon it."""

from typing import Annotated, Any, Literal, cast, get_args
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.enrollments import actions as enrollments
from services.enrollment.enrollments import store as enrollment_store
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
_DONE = Literal["", "name", "shown"]


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


ROUTES: list[ControllerRouterHandler] = [read, set_name, set_visibility]
