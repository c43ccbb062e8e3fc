"""Tables as files, each noted in the journal before the first byte goes out; and the page that lists them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.response import Stream

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.overview import exports, store, store_exports
from services.enrollment.overview.exports import EXPORTS, Export
from services.enrollment.overview.model import Filters, filters_of
from services.enrollment.overview.pages.journal import asked_of
from services.enrollment.pages import headers_of_download, page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError
from shared.tables import as_csv, as_xlsx

_FORMATS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@get("/{slug:str}/staff/exports", opt={"policy": "overview.read"}, include_in_schema=False)
async def read(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[str]:
    """Every table that the viewer may take out, narrowed as the address says."""
    filters = filters_of(request.query_params)
    return page(
        house,
        "overview_exports.html",
        organization=organization,
        viewer=viewer,
        query=filters.query,
        options=await store.options(house.pool, organization.id),
        exports={
            name: one
            for name, one in EXPORTS.items()
            if one.audience != "administrators" or "administrator" in viewer.roles
        },
    )


@get("/{slug:str}/staff/exports/{file:str}", opt={"policy": "export.make"}, include_in_schema=False)
async def download(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, file: str
) -> Stream:
    """One table as a file, such as `people.csv`."""
    name, _, form = file.rpartition(".")
    export = EXPORTS.get(name)
    if export is None or form not in _FORMATS:
        raise NotFoundError
    if export.is_of_cohorts:
        filters = filters_of(request.query_params)
        await _require(house, viewer, export, filters)
        query, values = filters.query, msgspec.structs.astuple(filters)
    else:
        if "administrator" not in viewer.roles:
            raise NotFoundError
        asked = await asked_of(house, organization, request.query_params)
        values = msgspec.structs.astuple(asked)
        query = {
            key: one.isoformat() if isinstance(one, datetime) else str(one)
            for key, one in msgspec.structs.asdict(asked).items()
            if one is not None
        }
    columns = export.seen(by_staff=bool(viewer.roles))
    await journal.note(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="export.make",
        object_kind=name,
        object_id=UUID(query["cohort"]) if "cohort" in query else None,
        fields=columns,
        note={"format": form, **query},
    )
    write, media_type = _FORMATS[form]
    rows = exports.batches(house.pool, export, organization.id, values, columns=columns, zone=organization.time_zone)
    chunks = write(rows)
    # Read before the answer begins, so that what cannot be read is a problem and not a broken download.
    first = await anext(chunks)

    async def whole() -> Any:
        yield first
        async for chunk in chunks:
            yield chunk

    return Stream(
        whole(),
        media_type=media_type,
        headers=headers_of_download(f"{name}-{house.clock():%Y-%m-%d}.{form}"),
    )


async def _require(house: House, viewer: Viewer, export: Export, filters: Filters) -> None:
    """NotFoundError unless the viewer may have the table: staff any, an instructor some of a cohort that they teach."""
    teaches: bool | None = False
    if filters.cohort is not None:
        teaches = await store_exports.teaches(house.pool, viewer.organization_id, filters.cohort, viewer.person_id)
        if teaches is None:
            raise NotFoundError
    require(viewer, "export.make", teaches=teaches is True and export.audience == "instructors")


ROUTES = [read, download]
