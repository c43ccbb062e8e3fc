"""Pages of audit files: those of a cohort, making one, downloading one."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.response import Redirect, Stream
from litestar.types import ControllerRouterHandler

from services.enrollment.audits import actions, store
from services.enrollment.audits.model import jurisdiction, jurisdictions
from services.enrollment.completions import store as completions
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError

_MOST = 50


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/audits", opt={"policy": "audit.read"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """The audit files of a cohort."""
    cohort = await completions.frame(house.pool, viewer.organization_id, cohort_id)
    if cohort is None:
        raise NotFoundError
    return page(
        house,
        "audits.html",
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        audits=await store.audits(house.pool, viewer.organization_id, cohort_id, most=_MOST),
        jurisdictions=jurisdictions(),
    )


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/audits", opt={"policy": "audit.make"}, include_in_schema=False)
async def make(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Redirect:
    """Make one by a jurisdiction's rules."""
    rules = jurisdiction(str((await request.form()).get("jurisdiction", "")))
    await actions.make(house, organization, viewer, cohort_id, rules)
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}/audits", status_code=303)


@get(
    "/{slug:str}/staff/cohorts/{cohort_id:uuid}/audits/{audit_id:uuid}/audit.zip",
    opt={"policy": "audit.read"},
    include_in_schema=False,
)
async def download(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, audit_id: UUID) -> Stream:
    """The file, after it was noted who reads it."""
    audit = await store.audit(house.pool, viewer.organization_id, cohort_id, audit_id)
    if audit is None:
        raise NotFoundError
    chunks = house.storage.read(audit.file_id)
    # Read before the answer begins, so that a file that cannot be read is a problem and not a broken download.
    first = await anext(chunks, b"")
    await journal.note(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="audit.read",
        object_kind="audit",
        object_id=audit_id,
        fields=("name", "email", "attendance"),
    )

    async def whole() -> Any:
        yield first
        async for chunk in chunks:
            yield chunk

    return Stream(
        whole(),
        media_type="application/zip",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="audit-{audit.jurisdiction}-{audit.made_at:%Y-%m-%d}.zip"',
            "Content-Length": str(audit.file_size),
        },
    )


ROUTES: list[ControllerRouterHandler] = [read, make, download]
