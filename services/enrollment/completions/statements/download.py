"""The statement of completion as a download, for its owner and for staff."""

from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from services.enrollment.completions import store_records
from services.enrollment.completions.model import NotCompletedError
from services.enrollment.completions.statements import drawing as statement
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.people.secrets import actions as secrets
from services.enrollment.programs import store_rules
from shared.problems import NotFoundError


@get(
    "/{slug:str}/enrollments/{enrollment_id:uuid}/statement.pdf",
    opt={"policy": "statement.read"},
    include_in_schema=False,
)
async def read(house: House, organization: Organization, viewer: Viewer, enrollment_id: UUID) -> Response[bytes]:
    """The statement of somebody who completed; what others than its owner read is noted."""
    person_id = await store_records.person_of(house.pool, viewer.organization_id, enrollment_id)
    if person_id is None:
        raise NotFoundError
    require(viewer, "statement.read", owns=person_id == viewer.person_id)
    found = await store_records.statement(house.pool, viewer.organization_id, enrollment_id)
    if found is None or found.outcome != "completed":
        raise NotCompletedError
    provider = await store_rules.provider(house.pool, organization.id, found.cohort_id)
    found = msgspec.structs.replace(found, license_number=await _license_number(house, viewer, person_id))
    document = await statement.render(house.documents, organization, [found], provider=provider)
    if person_id != viewer.person_id:
        await journal.note(
            house.pool,
            organization_id=organization.id,
            person_id=viewer.person_id,
            action="statement.read",
            object_kind="enrollment",
            object_id=enrollment_id,
        )
    return Response(
        document,
        media_type="application/pdf",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'attachment; filename="statement-of-completion.pdf"',
        },
    )


async def _license_number(house: House, viewer: Viewer, person_id: UUID) -> str | None:
    """For the owner, and for whoever may read it; for others the line stays empty."""
    try:
        return await secrets.open_secret(house, viewer, person_id, secrets.LICENSE_NUMBER)
    except NotFoundError:
        return None


ROUTES: list[ControllerRouterHandler] = [read]
