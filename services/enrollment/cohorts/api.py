"""Cohorts as JSON: whoever is concerned reads them, anybody reads the catalog.

The route that writes one is with the enrollments: a cohort that opens or runs again seats its line at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.params import Parameter
from msgspec import Meta

from services.enrollment.cohorts import changing, store
from services.enrollment.cohorts.model import (
    Cohort,
    CompletionPolicy,
    Counts,
    Delivery,
    Listing,
    Mode,
    Session,
    State,
    without_links,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.people.policy import allows
from shared.contracts import Address, Line, Minutes
from shared.problems import NotFoundError

_Moment = Annotated[datetime, Meta(tz=True)]
_Limit = Annotated[int, Parameter(ge=1, le=100)]


class SessionBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A session as staff write it."""

    id: UUID
    title: Line
    starts_at: _Moment
    ends_at: _Moment
    credit_minutes: Minutes
    mode: Mode
    place: Line | None = None
    link: Address | None = None


class HoursBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hours are counted: in whole steps of a part attended, and nothing below the least presence."""

    step_minutes: Annotated[int, Meta(ge=1, le=60)] = 15
    least_minutes: Annotated[int, Meta(ge=0, le=1440)] = 0


class PolicyBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What completing the cohort takes."""

    min_sessions: Annotated[int, Meta(ge=0, le=200)] = 0
    min_credit_minutes: Minutes = 0
    min_in_person: Annotated[int, Meta(ge=0, le=200)] = 0
    min_virtual: Annotated[int, Meta(ge=0, le=200)] = 0
    wants_evaluation: bool = False
    modules: Literal["all"] | Annotated[tuple[UUID, ...], Meta(max_length=60)] = "all"
    hours: HoursBody = HoursBody()


class CohortBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cohort as staff write it, with all its sessions in order and all its instructors."""

    curriculum_id: UUID
    name: Line
    region: Line
    school_year: Annotated[str, Meta(min_length=1, max_length=40)]
    delivery: Delivery
    time_zone: Annotated[str, Meta(min_length=1, max_length=60)]
    state: State = "draft"
    registration_opens_at: _Moment | None = None
    registration_closes_at: _Moment | None = None
    policy: PolicyBody
    sessions: Annotated[list[SessionBody], Meta(max_length=200)] = []
    instructors: Annotated[frozenset[UUID], Meta(max_length=50)] = frozenset()
    #: What those who have a place are told; once said it stays.
    cancelled_because: Line | None = None


class SwitchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a session is to be held, with the place or the address of the video call if it has none yet."""

    mode: Mode
    place: Line | None = None
    link: Address | None = None


class CohortAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A cohort as those see it whom it concerns."""

    id: UUID
    curriculum_id: UUID
    name: str
    region: str
    school_year: str
    delivery: Delivery
    time_zone: str
    state: State
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    policy: CompletionPolicy
    sessions: Sequence[Session]
    instructors: Sequence[UUID]
    cancelled_because: str | None
    seats: int
    seats_left: int
    in_line: int


class CohortsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Cohorts by id; `next` is the cursor of the next page, None on the last."""

    items: list[CohortAnswer]
    next: UUID | None


class CatalogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Cohorts that people can enroll in, by id; `next` is the cursor of the next page, None on the last."""

    items: list[Listing]
    next: UUID | None


@get("/api/cohorts", opt={"policy": "cohort.read"}, summary="List cohorts")
async def read_all(house: House, viewer: Viewer, after: UUID | None = None, limit: _Limit = 50) -> CohortsPage:
    """Staff see all of the organization's cohorts, others those they teach or take part in; by id."""
    of = None if allows("cohort.write", roles=viewer.roles, is_signed_in=True) else viewer.person_id
    found = await store.cohorts(house.pool, viewer.organization_id, of=of, after=after, most=limit + 1)
    counts = await store.counts(house.pool, [one.id for one in found[:limit]])
    shown = found[:limit] if of is None else [without_links(one) for one in found[:limit]]
    items = [_answer(one, counts[one.id]) for one in shown]
    return CohortsPage(items=items, next=items[-1].id if len(found) > limit else None)


@get("/api/cohorts/{cohort_id:uuid}", opt={"policy": "cohort.read"}, summary="See a cohort")
async def read(house: House, viewer: Viewer, cohort_id: UUID) -> CohortAnswer:
    """One cohort, for staff, its instructors and its participants."""
    standing = await store.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, "cohort.read", teaches=standing.teaches, owns=standing.takes_part)
    joins = allows("cohort.write", roles=viewer.roles, is_signed_in=True) or standing.teaches or standing.is_seated
    return await answer_of(house, viewer, cohort_id, joins=joins)


@put(
    "/api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/mode",
    opt={"policy": "session.switch"},
    summary="Hold a session in person or online",
)
async def switch(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID, data: SwitchBody) -> Session:
    """Switch how a session is held; everybody seated gets an e-mail."""
    standing = await store.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, "session.switch", teaches=standing.teaches)
    wanted = changing.Switch(mode=data.mode, place=data.place, link=data.link)
    return await changing.switch(house, viewer, cohort_id, session_id, wanted)


@get("/api/{slug:str}/cohorts", opt={"policy": "catalog.read"}, summary="List the cohorts open for sign-up")
async def read_catalog(
    house: House, organization: Organization, after: UUID | None = None, limit: _Limit = 50
) -> CatalogPage:
    """The organization's cohorts whose registration is open or will be, for anybody."""
    found = await store.catalog(house.pool, organization.id, now=house.clock(), after=after, most=limit + 1)
    items = found[:limit]
    return CatalogPage(items=items, next=items[-1].id if len(found) > limit else None)


def cohort_of(data: CohortBody, *, cohort_id: UUID, organization_id: UUID) -> Cohort:
    """The cohort that a body asks for."""
    fields = msgspec.structs.asdict(data) | {
        "policy": msgspec.convert(msgspec.to_builtins(data.policy), CompletionPolicy),
        "sessions": tuple(Session(**msgspec.structs.asdict(one)) for one in data.sessions),
        "instructors": tuple(sorted(data.instructors)),
    }
    return Cohort(id=cohort_id, organization_id=organization_id, **fields)


async def answer_of(house: House, viewer: Viewer, cohort_id: UUID, *, joins: bool = True) -> CohortAnswer:
    """A cohort as JSON, with the addresses of its video calls for who `joins`; NotFoundError."""
    found = await store.cohort(house.pool, viewer.organization_id, cohort_id)
    if found is None:
        raise NotFoundError
    shown = found if joins else without_links(found)
    return _answer(shown, (await store.counts(house.pool, [cohort_id]))[cohort_id])


def _answer(cohort: Cohort, counts: Counts) -> CohortAnswer:
    fields = msgspec.structs.asdict(cohort)
    del fields["organization_id"]
    return CohortAnswer(**fields, **msgspec.structs.asdict(counts))


ROUTES = [read_all, read, switch, read_catalog]
