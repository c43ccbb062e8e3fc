"""Pages: what staff do to a whole cohort that gives or takes seats, from its making to its end."""

from typing import Any, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.response import Redirect

from services.enrollment.cohorts import changing, store_tables, view
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Cohort, State, StateError
from services.enrollment.cohorts.planning import drafting
from services.enrollment.enrollments import actions
from services.enrollment.enrollments.model import MOST_SEATS, SeatsHeldError
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import store_rules
from services.enrollment.programs.rules import Defaults
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_, said


@post("/{slug:str}/staff/cohorts/new", opt={"policy": "cohort.write"}, include_in_schema=False)
async def create(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[Any]:
    """Make a draft with its seats; the same form again makes no second one."""
    sheet = await view.sheet_of(request)
    try:
        curriculum = drafting.chosen_id(sheet, "curriculum")
        rules = curriculum and await store_rules.rules_of_curriculum(house.pool, organization.id, curriculum)
        cohort, seats = drafting.draft(
            sheet,
            organization_id=organization.id,
            zone=organization.time_zone,
            defaults=rules.policy if rules else Defaults(),
        )
        await changing.create(house, viewer, cohort)
        await actions.set_seats(house, organization.id, cohort.id, seats)
    except InvalidInputError as error:
        sheet.errors |= {field.rpartition(".")[2]: sentence for field, sentence in error.errors}
        return await view.new_page(house, organization, viewer, sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort.id}?done=created", status_code=303)


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/state", opt={"policy": "cohort.write"}, include_in_schema=False)
async def go(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Open, start, close or cancel a cohort; who has a seat or waits for one hears of the last."""
    sheet = await view.sheet_of(request)
    state = sheet.choice("state", get_args(State))
    before = await cohorts.cohort(house.pool, organization.id, cohort_id)
    if before is None:
        raise NotFoundError
    because = sheet.line("because", missing=None, most=500)
    try:
        if state is None or sheet.errors:
            sheet.check()
            raise NotFoundError
        wanted = _gone(before, state, because)
        await actions.write_cohort(house, wanted, unchanged=before, by=viewer.person_id, noted=f"cohort.{state}")
    except StateError:
        sheet.wrong("state", N_("The cohort cannot go there from where it is. Somebody may have changed it meanwhile."))
        return await view.cohort_page(house, organization, viewer, cohort_id, sheet=sheet, status=409)
    except InvalidInputError as error:
        sheet.errors |= dict(error.errors)
        return await view.cohort_page(house, organization, viewer, cohort_id, sheet=sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}?done={state}", status_code=303)


def _gone(before: Cohort, state: State, because: str) -> Cohort:
    if state == "cancelled":
        return msgspec.structs.replace(before, state=state, cancelled_because=because or None)
    return msgspec.structs.replace(before, state=state)


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/cancel", opt={"policy": "cohort.write"}, include_in_schema=False)
async def ask(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """Ask once whether the whole cohort is to be cancelled."""
    head = await store_tables.head(house.pool, organization.id, cohort_id)
    if head is None:
        raise NotFoundError
    return page(house, "cohorts_cancel.html", organization=organization, viewer=viewer, cohort=head)


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/seats", opt={"policy": "cohort.write"}, include_in_schema=False)
async def set_seats(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Give the cohort a number of seats: new ones go to the line first, only free ones are taken away."""
    sheet = await view.sheet_of(request)
    wanted = sheet.number("seats", least=0, most=MOST_SEATS)
    if not sheet.errors:
        try:
            await actions.set_seats(house, organization.id, cohort_id, wanted, by=viewer.person_id)
        except SeatsHeldError as error:
            sheet.wrong("seats", said("Only free seats can be taken away. Give at least %(least)s.", least=error.least))
    if sheet.errors:
        return await view.cohort_page(house, organization, viewer, cohort_id, sheet=sheet, status=422)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}?done=seats", status_code=303)


ROUTES = [create, go, ask, set_seats]
