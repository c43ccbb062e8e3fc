"""The pages of merges: records that are likely one person, what would move, and the button that lets it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.merges import actions, store
from services.enrollment.merges.model import NotMergedError, Obstacle, Plan, pairs
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer, normalized_email
from shared.problems import InvalidInputError
from shared.words import N_

_DOUBLES = "/{slug:str}/staff/people/doubles"
_MERGE = "/{slug:str}/staff/people/{person_id:uuid}/merge/{away_id:uuid}"
_MOST = 100
#: What keeps the two apart, and what to do about it.
_OBSTACLES: dict[Obstacle, str] = {
    "same record": N_("Both addresses lead to the same record. There is nothing to merge."),
    "both placed": N_("Both have a place in the cohorts below. Take one of them out on the page of places first."),
    "other way round": N_("The record to keep left the cohorts below, and the other has a place there. Keep that one."),
    "teaches": N_(
        "One of them teaches the cohorts below, where the other has a place. Change who teaches, or take the other out."
    ),
    "approved": N_("One of them approved something of the other. The two stay apart, so that this can be shown later."),
    "role": N_("One of them works for the organization. Ask an administrator to merge the two."),
    "private": N_("Private answers are kept of one of them. Ask an administrator to merge the two."),
    "erasure": N_("One of them asked to be erased, or was. The two stay apart."),
    "hold": N_("One of them is under a legal hold. Ask an administrator to lift it first."),
}  # fmt: skip
_NOBODY = N_("Nobody has this address. Look at it once more.")


@get(_DOUBLES, opt={"policy": "person.merge"}, include_in_schema=False)
async def doubles(
    house: House, organization: Organization, viewer: Viewer,
    keep: Annotated[str, Parameter(max_length=254)] = "",
) -> Response[str]:  # fmt: skip
    """Records that are likely of one person, and the form to name two."""
    return await _doubles(house, organization, viewer, values={"keep": keep})


@post(_DOUBLES, opt={"policy": "person.merge"}, include_in_schema=False, status_code=200)
async def choose(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[Any]:
    """Two records by their addresses."""
    form = await request.form()
    values = {name: str(form.get(name, ""))[:254] for name in ("keep", "away")}
    errors: dict[str, str] = {}
    emails = {}
    for name, text in values.items():
        try:
            emails[name] = normalized_email(text)
        except InvalidInputError as error:
            errors[name] = error.errors[0][1]
    if not errors:
        keep, away = [await people.person_by_email(house.pool, organization.id, one) for one in emails.values()]
        if keep is not None and away is not None:
            return Redirect(f"/{organization.slug}/staff/people/{keep.id}/merge/{away.id}", status_code=303)
        errors = {name: _NOBODY for name, found in (("keep", keep), ("away", away)) if found is None}
    return await _doubles(house, organization, viewer, values=values, errors=errors)


@get(_MERGE, opt={"policy": "person.merge"}, include_in_schema=False)
async def preview(
    house: House, organization: Organization, viewer: Viewer, person_id: UUID, away_id: UUID
) -> Response[str]:
    """What would move from one record to the other, or what keeps the two apart."""
    if await store.merged_into(house.pool, viewer.organization_id, away_id) == person_id:
        return await _doubles(house, organization, viewer, done="merged")
    found = await actions.plan_of(house.pool, viewer, keep=person_id, away=away_id)
    return _preview(house, organization, viewer, found)


@post(_MERGE, opt={"policy": "person.merge"}, include_in_schema=False, status_code=200)
async def merge(
    house: House, organization: Organization, viewer: Viewer, person_id: UUID, away_id: UUID
) -> Response[Any]:
    """Let the two be one."""
    try:
        await actions.merge(house, viewer, keep=person_id, away=away_id)
    except NotMergedError:
        found = await actions.plan_of(house.pool, viewer, keep=person_id, away=away_id)
        return _preview(house, organization, viewer, found, status=409)
    return Redirect(f"/{organization.slug}/staff/people/{person_id}/merge/{away_id}", status_code=303)


async def _doubles(
    house: House, organization: Organization, viewer: Viewer, *, values: dict[str, str] | None = None,
    errors: dict[str, str] | None = None, done: str = "",
) -> Response[str]:  # fmt: skip
    of_one_name, of_one_local = await store.groups(house.pool, organization.id, most=_MOST)
    return page(
        house,
        "merges_doubles.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        pairs=pairs(of_one_name, of_one_local, most=_MOST),
        values=values or {},
        errors=errors or {},
        done=done,
    )


def _preview(
    house: House, organization: Organization, viewer: Viewer, found: Plan, *, status: int = 200
) -> Response[str]:
    return page(
        house,
        "merges_preview.html",
        status=status,
        organization=organization,
        viewer=viewer,
        plan=found,
        obstacles=[(_OBSTACLES[kind], names) for kind, names in found.obstacles],
    )


ROUTES: list[ControllerRouterHandler] = [doubles, choose, preview, merge]
