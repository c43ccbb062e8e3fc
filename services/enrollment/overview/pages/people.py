"""People as staff look them up. Who opens somebody's page, or the list, is noted in the journal."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import Parameter

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.overview import store_people as store
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError

_ON_A_PAGE = 50
_SEEN = ("name", "email", "language", "roles", "enrollments")


@get("/{slug:str}/staff/people", opt={"policy": "person.read"}, include_in_schema=False)
async def read_all(
    house: House, organization: Organization, viewer: Viewer,
    words: Annotated[str, Parameter(max_length=200)] = "", after: UUID | None = None,
) -> Response[str]:  # fmt: skip
    """The organization's people by name, fifty at a time."""
    words = words.strip()
    found = await store.page(house.pool, organization.id, words=words or None, after=after, most=_ON_A_PAGE + 1)
    await journal.note_seen(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="people.read",
        object_kind="organization",
        object_id=organization.id,
        fields=("name", "email"),
    )
    query = {"words": words, "after": after}
    return page(
        house,
        "overview_people.html",
        organization=organization,
        viewer=viewer,
        people=found[:_ON_A_PAGE],
        next=found[_ON_A_PAGE - 1].id if len(found) > _ON_A_PAGE else None,
        query={key: value for key, value in query.items() if value},
    )


@get("/{slug:str}/staff/people/{person_id:uuid}", opt={"policy": "person.read"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> Response[str]:
    """Somebody's roles, places, and what came of them."""
    person = await store.person(house.pool, organization.id, person_id)
    if person is None:
        raise NotFoundError
    await journal.note(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="person.read",
        object_kind="person",
        object_id=person_id,
        fields=_SEEN,
    )
    return page(
        house,
        "overview_person.html",
        organization=organization,
        viewer=viewer,
        person=person,
        places=await store.places(house.pool, organization.id, person_id),
        taught=await store.taught(house.pool, organization.id, person_id),
    )


ROUTES = [read_all, read]
