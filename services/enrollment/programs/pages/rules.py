"""Staff's page of a program's rules."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import rules, store, store_rules
from shared.pages.sheets import Sheet
from shared.postgres import transaction
from shared.problems import InvalidInputError, NotFoundError

_Done = Annotated[str, Parameter(max_length=20)]
_RULES = "/{slug:str}/staff/programs/{program_id:uuid}/rules"


@get(_RULES, opt={"policy": "program.write"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, done: _Done = ""
) -> Response[str]:
    """The form of a program's rules."""
    found = await store_rules.rules(house.pool, organization.id, program_id)
    if found is None:
        raise NotFoundError
    return await _page(house, organization, viewer, program_id, Sheet(rules.values_of(found)), done=done)


@post(_RULES, opt={"policy": "program.write"}, include_in_schema=False)
async def write(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, program_id: UUID
) -> Response[Any]:
    """Write a program's rules; cohorts that there are keep theirs."""
    sheet = Sheet(dict(await request.form()))
    try:
        wanted = rules.rules(sheet)
    except InvalidInputError:
        return await _page(house, organization, viewer, program_id, sheet, status=422)
    async with transaction(house.pool) as connection:
        if not await store_rules.put_rules(connection, organization.id, program_id, wanted):
            raise NotFoundError
        await journal.note(
            connection,
            organization_id=organization.id,
            person_id=viewer.person_id,
            action="program.rules",
            object_kind="program",
            object_id=program_id,
        )
    return Redirect(f"/{organization.slug}/staff/programs/{program_id}/rules?done=saved", status_code=303)


async def _page(
    house: House, organization: Organization, viewer: Viewer, program_id: UUID, sheet: Sheet, *, status: int = 200,
    done: str = "",
) -> Response[str]:  # fmt: skip
    program = await store.program(house.pool, organization.id, program_id)
    if program is None:
        raise NotFoundError
    return page(
        house, "programs_rules.html", status=status, organization=organization, viewer=viewer, program=program,
        values=sheet.values, errors=sheet.errors, done=done,
    )  # fmt: skip


ROUTES = [read, write]
