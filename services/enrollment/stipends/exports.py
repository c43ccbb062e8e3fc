"""The tables of stipends as CSV: what was paid to each person in a year, and the ledger."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Annotated, TypeVar
from uuid import UUID

from litestar import get
from litestar.params import Parameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.people.model import Viewer
from services.enrollment.stipends import store
from services.enrollment.stipends.frames import dollars, year_now
from services.enrollment.stipends.model import Entered, Total
from shared.tables import as_csv

T = TypeVar("T", Total, Entered)
_AT_ONCE = 1_000
_Row = Sequence[str | int | None]


@get("/{slug:str}/staff/stipends/payments.csv", opt={"policy": "stipend.read"}, include_in_schema=False)
async def payments(
    house: House, organization: Organization, viewer: Viewer,
    year: Annotated[int | None, Parameter(ge=2000, le=2200)] = None,
) -> Stream:  # fmt: skip
    """What was paid to each person in a year."""
    wanted = year or year_now(organization, house.clock())

    async def read(after: UUID | None) -> list[Total]:
        return await store.totals(house.pool, viewer.organization_id, year=wanted, after=after, most=_AT_ONCE)

    async def rows() -> AsyncIterator[_Row]:
        yield "person", "year", "payments", "paid (USD)", "person id"
        async for one in _all(read, lambda one: one.person_id):
            yield one.person_name, one.year, one.payments, dollars(one.paid_cents), str(one.person_id)

    await _note(house, viewer, "stipend payments", {"year": wanted})
    return _download(rows(), f"stipends-paid-{wanted}.csv")


@get("/{slug:str}/staff/stipends/ledger.csv", opt={"policy": "stipend.read"}, include_in_schema=False)
async def ledger(house: House, organization: Organization, viewer: Viewer) -> Stream:
    """Every line of the ledger in the order written."""

    async def read(after: UUID | None) -> list[Entered]:
        return await store.entered(house.pool, viewer.organization_id, after=after, most=_AT_ONCE)

    async def rows() -> AsyncIterator[_Row]:
        yield "at", "what", "amount (USD)", "person", "program", "funding source", "budget year", "reference", "by"
        async for one in _all(read, lambda one: one.id):
            yield (
                one.at.isoformat(timespec="seconds"), one.kind, dollars(one.cents), one.person_name, one.program_name,
                one.source_name, one.budget_year, one.reference, one.by_name,
            )  # fmt: skip

    await _note(house, viewer, "stipend ledger", {})
    return _download(rows(), "stipends-ledger.csv")


async def _all(read: Callable[[UUID | None], Awaitable[list[T]]], cursor: Callable[[T], UUID]) -> AsyncIterator[T]:
    after: UUID | None = None
    while found := await read(after):
        for one in found:
            yield one
        if len(found) < _AT_ONCE:
            return
        after = cursor(found[-1])


async def _note(house: House, viewer: Viewer, table: str, filters: dict[str, int]) -> None:
    await journal.note(
        house.pool,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action="export.make",
        object_kind=table,
        note={"format": "csv", **filters},
    )


def _download(rows: AsyncIterator[_Row], name: str) -> Stream:
    async def one_by_one() -> AsyncIterator[Sequence[_Row]]:
        async for row in rows:
            yield [row]

    return Stream(
        as_csv(one_by_one()),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


ROUTES: list[ControllerRouterHandler] = [payments, ledger]
