"""What was paid to each person in a year, as CSV; the ledger is a table of the overview."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import Parameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import headers_of_download
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import store
from services.enrollment.stipends.frames import dollars, year_now
from shared.postgres import Pool
from shared.tables import Row, as_csv

_AT_ONCE = 1_000
_HEAD = ("person", "year", "payments", "paid (USD)", "person id")


@get("/{slug:str}/staff/stipends/payments.csv", opt={"policy": "stipend.read"}, include_in_schema=False)
async def payments(
    house: House, organization: Organization, viewer: Viewer,
    year: Annotated[int | None, Parameter(ge=2000, le=2200)] = None,
) -> Stream:  # fmt: skip
    """What was paid to each person in a year."""
    wanted = year or year_now(organization, house.clock())
    await journal.note(
        house.pool,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="export.make",
        object_kind="stipend payments",
        note={"format": "csv", "year": wanted},
    )
    return Stream(
        as_csv(_batches(house.pool, viewer.organization_id, wanted)),
        media_type="text/csv; charset=utf-8",
        headers=headers_of_download(f"stipends-paid-{wanted}.csv"),
    )


async def _batches(pool: Pool, organization_id: UUID, year: int) -> AsyncIterator[Sequence[Row]]:
    yield [_HEAD]
    after: UUID | None = None
    while found := await store.totals(pool, organization_id, year=year, after=after, most=_AT_ONCE):
        yield [(one.person_name, one.year, one.payments, dollars(one.paid_cents), str(one.person_id)) for one in found]
        if len(found) < _AT_ONCE:
            return
        after = found[-1].person_id


ROUTES: list[ControllerRouterHandler] = [payments]
