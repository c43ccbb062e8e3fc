"""Staff's pages of cohorts: the table, the way to a new one, its dates and settings, and who teaches it.

What gives or takes seats (a new cohort's, opening again, cancelling) is with the enrollments.
"""

from typing import Annotated, Any, get_args
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.cohorts import changing, store_tables, view
from services.enrollment.cohorts.model import Filters, PolicyFixedError, State
from services.enrollment.cohorts.planning import drafting
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.pages.sheets import Sheet, local
from shared.postgres import transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_ON_A_PAGE = 50
_Words = Annotated[str, Parameter(max_length=100)]
_FIXED = N_("Somebody is enrolled, so what completing takes stays as it is.")


@get("/{slug:str}/staff/cohorts", opt={"policy": "cohort.write"}, include_in_schema=False)
async def table(
    house: House, organization: Organization, viewer: Viewer, in_state: _Words = "", school_year: _Words = "",
    words: _Words = "", after: UUID | None = None,
) -> Response[str]:  # fmt: skip
    """All cohorts by first date, as the filters in the address say."""
    filters = Filters(
        state=next((one for one in get_args(State) if one == in_state), None),
        school_year=school_year or None,
        words=words.strip() or None,
    )
    found = await store_tables.table(
        house.pool, organization.id, filters, now=house.clock(), after=after, most=_ON_A_PAGE + 1
    )
    query = {"in_state": filters.state, "school_year": school_year, "words": words.strip(), "after": after}
    return page(
        house,
        "cohorts_table.html",
        organization=organization,
        viewer=viewer,
        rows=found[:_ON_A_PAGE],
        next=found[_ON_A_PAGE - 1].id if len(found) > _ON_A_PAGE else None,
        query={key: value for key, value in query.items() if value},
        years=await store_tables.school_years(house.pool, organization.id),
    )


@get("/{slug:str}/staff/cohorts/new", opt={"policy": "cohort.write"}, include_in_schema=False)
async def new(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[str]:
    """The template, and with its answers in the address the draft that it proposes; nothing is written yet."""
    return await view.new_page(house, organization, viewer, Sheet(dict(request.query_params)))


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}", opt={"policy": "cohort.write"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, done: _Words = ""
) -> Response[str]:
    """A cohort: its dates, state, seats and instructors."""
    return await view.cohort_page(house, organization, viewer, cohort_id, done=done)


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/settings", opt={"policy": "cohort.write"}, include_in_schema=False)
async def read_settings(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """The form of a cohort's settings."""
    head = await store_tables.head(house.pool, organization.id, cohort_id)
    if head is None:
        raise NotFoundError
    opens, closes = (local(one, head.time_zone) for one in (head.registration_opens_at, head.registration_closes_at))
    sheet = Sheet(drafting.values_of_settings(head, opens=opens, closes=closes))
    return await _settings_page(house, organization, viewer, cohort_id, sheet)


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/settings", opt={"policy": "cohort.write"}, include_in_schema=False)
async def write_settings(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Change a cohort's settings; those who have a place see them at once."""
    sheet = await view.sheet_of(request)
    try:
        await changing.change(house, viewer, cohort_id, lambda before: drafting.settings(sheet, before))
    except InvalidInputError as error:
        sheet.errors |= {field.rpartition(".")[2]: sentence for field, sentence in error.errors}
        return await _settings_page(house, organization, viewer, cohort_id, sheet, status=422)
    except PolicyFixedError:
        sheet.wrong("min_sessions", _FIXED)
        return await _settings_page(house, organization, viewer, cohort_id, sheet, status=409)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}?done=settings", status_code=303)


async def _settings_page(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, sheet: Sheet, *, status: int = 200
) -> Response[str]:
    head = await store_tables.head(house.pool, organization.id, cohort_id)
    if head is None:
        raise NotFoundError
    blank = drafting.values_of_settings(head, opens="", closes="") | {"wants_modules": ""}
    return page(
        house,
        "cohorts_settings.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=head,
        values={**blank, **sheet.values},
        errors=sheet.errors,
    )


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/instructors", opt={"policy": "cohort.write"}, include_in_schema=False)
async def add_instructor(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Let somebody teach the cohort, by name and address; they sign in with that address."""
    sheet = await view.sheet_of(request)
    try:
        await changing.add_instructor(
            house, viewer, cohort_id, name=sheet.raw("instructor_name"), email=sheet.raw("instructor_email")
        )
    except InvalidInputError as error:
        sheet.errors |= {f"instructor_{field}": sentence for field, sentence in error.errors}
        return await view.cohort_page(house, organization, viewer, cohort_id, sheet=sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}?done=instructor", status_code=303)


@post(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/instructors/{person_id:uuid}/removal",
    opt={"policy": "cohort.write"},
    include_in_schema=False,
)
async def remove_instructor(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, person_id: UUID
) -> Redirect:
    """Let somebody no longer teach the cohort."""
    await changing.remove_instructor(house, viewer, cohort_id, person_id)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}?done=instructor", status_code=303)


@get("/{slug:str}/staff/profiles/{instructor_id:uuid}", opt={"policy": "profile.write"}, include_in_schema=False)
async def read_profile(
    house: House, organization: Organization, viewer: Viewer, instructor_id: UUID, done: _Words = ""
) -> Response[str]:
    """What public pages say of somebody who teaches: for themselves and staff."""
    found = await _profile(house, organization, viewer, instructor_id)
    headline, biography = found or ("", "")
    values = {"headline": headline, "biography": biography}
    return _profile_page(house, organization, viewer, instructor_id, Sheet(values), done=done)


@post("/{slug:str}/staff/profiles/{instructor_id:uuid}", opt={"policy": "profile.write"}, include_in_schema=False)
async def write_profile(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, instructor_id: UUID
) -> Response[Any]:
    """Write it; without a headline they are named on no public page."""
    await _profile(house, organization, viewer, instructor_id)
    sheet = await view.sheet_of(request)
    headline, biography = (
        sheet.line("headline", missing=None, most=120),
        sheet.text("biography", missing=None, most=600),
    )
    if sheet.errors:
        return _profile_page(house, organization, viewer, instructor_id, sheet, status=422)
    async with transaction(house.pool) as connection:
        await store_tables.write_profile(
            connection, organization.id, instructor_id, headline=headline, biography=biography, now=house.clock()
        )
        by = None if viewer.person_id == instructor_id else viewer.person_id
        await journal.note_change(connection, organization.id, by, "profile.write", "person", instructor_id)
    return Redirect(f"/{organization.slug}/staff/profiles/{instructor_id}?done=saved", status_code=303)


async def _profile(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> tuple[str, str] | None:
    """The profile of somebody who teaches, if the viewer may write it. NotFoundError."""
    if not await store_tables.teaches_any(house.pool, organization.id, person_id):
        raise NotFoundError
    require(viewer, "profile.write", owns=viewer.person_id == person_id)
    return await store_tables.profile(house.pool, organization.id, person_id)


def _profile_page(
    house: House, organization: Organization, viewer: Viewer, person_id: UUID, sheet: Sheet, *,
    status: int = 200, done: str = "",
) -> Response[str]:  # fmt: skip
    return page(
        house, "cohorts_profile.html", status=status, organization=organization, viewer=viewer,
        person_id=person_id, values={"headline": "", "biography": "", **sheet.values}, errors=sheet.errors, done=done,
    )  # fmt: skip


ROUTES = [
    table,
    new,
    read,
    read_settings,
    write_settings,
    add_instructor,
    remove_instructor,
    read_profile,
    write_profile,
]
