"""The page of letters that mail servers refused: to whom, why, and what to do."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.notices import store
from services.enrollment.notices.model import KINDS
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import chosen, page
from services.enrollment.people.model import Viewer
from shared.pages.rendering import with_query
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_PER_PAGE = 50


@get("/{slug:str}/staff/letters", opt={"policy": "refusal.read"}, include_in_schema=False)
async def read(
    house: House,
    organization: Organization,
    viewer: Viewer,
    request: Request[Any, Any, Any],
    person_id: UUID | None = None,
    after: UUID | None = None,
) -> Response[str]:
    """The refused letters that nobody has seen, or `all`: to one person or to anybody."""
    return await _page(house, organization, viewer, _query(request, person_id), after=after)


@post("/{slug:str}/staff/letters/seen", opt={"policy": "refusal.see"}, include_in_schema=False)
async def see(
    house: House,
    organization: Organization,
    viewer: Viewer,
    request: Request[Any, Any, Any],
    person_id: UUID | None = None,
) -> Response[Any]:
    """Note that the chosen ones were seen."""
    query = _query(request, person_id)
    try:
        identifiers = await chosen(request, "chosen")
        if not identifiers:
            raise InvalidInputError(("chosen", N_("Choose at least one letter.")))
    except InvalidInputError as error:
        return await _page(house, organization, viewer, query, status=422, errors=dict(error.errors))
    if viewer.person_id is None:
        raise NotFoundError
    await store.see(house.pool, viewer.organization_id, identifiers, by=viewer.person_id, now=house.clock())
    return Redirect(f"/{organization.slug}/staff/letters{with_query(query) if query else ''}", status_code=303)


def _query(request: Request[Any, Any, Any], person_id: UUID | None) -> dict[str, str]:
    """What of the address stays from page to page."""
    found = {"all": "yes" if request.query_params.get("all") == "yes" else None, "person_id": person_id}
    return {key: str(value) for key, value in found.items() if value is not None}


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    query: dict[str, str],
    *,
    after: UUID | None = None,
    status: int = 200,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    found = await store.refusals(
        house.pool,
        viewer.organization_id,
        person_id=UUID(query["person_id"]) if "person_id" in query else None,
        seen_too="all" in query,
        after=after,
        most=_PER_PAGE + 1,
    )
    shown = found[:_PER_PAGE]
    return page(
        house,
        "refusals.html",
        status=status,
        organization=organization,
        viewer=viewer,
        refusals=shown,
        kinds=KINDS,
        query=query if after is None else {**query, "after": str(after)},
        next=shown[-1].id if len(found) > _PER_PAGE else None,
        errors=errors or {},
    )


ROUTES: list[ControllerRouterHandler] = [read, see]
