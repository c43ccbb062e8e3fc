"""Enrollments and seats as JSON; and the writing of a cohort, which may give free seats to its line."""

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, put
from litestar.params import Parameter
from msgspec import Meta

from services.enrollment.admission.model import LONGEST_REGION
from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.api import CohortAnswer, CohortBody, answer_of, cohort_of
from services.enrollment.cohorts.model import Counts
from services.enrollment.enrollments import actions, store
from services.enrollment.enrollments.model import MOST_SEATS, Application, Enrollment, Told
from services.enrollment.forms.model import (
    LONGEST_ANSWER,
    LONGEST_KEY,
    MOST_CONSENTS,
    MOST_FIELDS,
    TICKED,
    Filled,
)
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.people.access import require
from services.enrollment.people.actions import trimmed_name
from services.enrollment.people.limits import AddressLimit, address_of
from services.enrollment.people.model import Viewer, normalized_email
from shared.pages.rendering import LANGUAGES
from shared.problems import NotFoundError

_Key = Annotated[str, Meta(max_length=LONGEST_KEY)]
_Answer = Annotated[str, Meta(max_length=LONGEST_ANSWER)]
_Limit = Annotated[int, Parameter(ge=1, le=100)]


class EnrollBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who wants to take part, and whether the badge is to show the name."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    email: Annotated[str, Meta(min_length=1, max_length=254)]
    shows_name: bool = False
    #: Where the cohort has quotas: one of their regions, or `another`.
    region: Annotated[str, Meta(max_length=LONGEST_REGION)] | None = None
    #: Where the cohort is by invitation.
    code: Annotated[str, Meta(max_length=60)] | None = None
    #: Where the program asks something: the version of its form, the answers and the given consents by their keys.
    form_version: int | None = None
    answers: Annotated[dict[_Key, _Answer], Meta(max_length=MOST_FIELDS)] = {}
    consents: Annotated[list[_Key], Meta(max_length=MOST_CONSENTS)] = []
    #: In which the consents were read.
    language: Annotated[str, Meta(max_length=20)] = LANGUAGES[0]

    @property
    def filled(self) -> Filled:
        """The form as it was sent."""
        values = {f"answer-{key}": answer for key, answer in self.answers.items()}
        values |= {f"consent-{key}": TICKED for key in self.consents}
        return Filled(version=self.form_version, values=values, language=self.language)


class SeatsBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many seats the cohort is to have."""

    seats: Annotated[int, Meta(ge=0, le=MOST_SEATS)]


class NameDisplayBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the badge is to show the name."""

    shows_name: bool


class EnrollmentsPage(msgspec.Struct, frozen=True, kw_only=True):
    """Enrollments by id; `next` is the cursor of the next page, None on the last."""

    items: list[Enrollment]
    next: UUID | None


@put(
    "/api/{slug:str}/cohorts/{cohort_id:uuid}/enrollments/{enrollment_id:uuid}",
    opt={"policy": "enrollment.create"},
    summary="Enroll in a cohort",
)
async def enroll(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer,
    enroll_limit: AddressLimit, cohort_id: UUID, enrollment_id: UUID, data: EnrollBody,
) -> Told:  # fmt: skip
    """Take a seat or a place in line: 200, the same again too. Who is enrolled already is told by e-mail only.

    Where the cohort needs a level's badge, only the person, signed in, and staff are told more than that it came in.
    """
    listing = await cohorts.listing(house.pool, organization.id, cohort_id)
    if listing is None:
        raise NotFoundError
    enroll_limit.take(address_of(request), now=house.clock(), about=listing.id)
    wish = Application(
        id=enrollment_id,
        name=trimmed_name(data.name),
        email=normalized_email(data.email),
        shows_name=data.shows_name,
        region=data.region,
        code=data.code,
        filled=data.filled,
    )
    return await actions.enroll(house, organization, listing, wish, asker=viewer)


@put("/api/cohorts/{cohort_id:uuid}", opt={"policy": "cohort.write"}, summary="Write a cohort")
async def write_cohort(house: House, viewer: Viewer, cohort_id: UUID, data: CohortBody) -> CohortAnswer:
    """Add a cohort or change it with all its sessions and instructors; its seats are written apart."""
    cohort = cohort_of(data, cohort_id=cohort_id, organization_id=viewer.organization_id)
    await actions.write_cohort(house, cohort, by=viewer.person_id)
    return await answer_of(house, viewer, cohort_id)


@put("/api/cohorts/{cohort_id:uuid}/seats", opt={"policy": "cohort.write"}, summary="Set the number of seats")
async def set_seats(house: House, viewer: Viewer, cohort_id: UUID, data: SeatsBody) -> Counts:
    """Give a cohort this many seats: new ones go to the line at once, only free ones can be taken away."""
    return await actions.set_seats(house, viewer.organization_id, cohort_id, data.seats, by=viewer.person_id)


@get("/api/cohorts/{cohort_id:uuid}/enrollments", opt={"policy": "enrollment.list"}, summary="List who is in a cohort")
async def read_all(
    house: House, viewer: Viewer, cohort_id: UUID, after: UUID | None = None, limit: _Limit = 50
) -> EnrollmentsPage:
    """Everybody who enrolled in a cohort, for staff and its instructors; by id."""
    require(viewer, "enrollment.list", teaches=await store.teaches(house.pool, cohort_id, viewer.person_id))
    if not await store.has_cohort(house.pool, viewer.organization_id, cohort_id):
        raise NotFoundError
    found = await store.enrollments_of_cohort(
        house.pool, viewer.organization_id, cohort_id, after=after, most=limit + 1
    )
    return _page(found, limit)


@get("/api/enrollments", opt={"policy": "enrollment.read"}, summary="List one's own enrollments")
async def read_own(house: House, viewer: Viewer, after: UUID | None = None, limit: _Limit = 50) -> EnrollmentsPage:
    """The enrollments of the person who is signed in, by id."""
    if viewer.person_id is None:
        raise NotFoundError
    found = await store.enrollments_of_person(
        house.pool, viewer.organization_id, viewer.person_id, after=after, most=limit + 1
    )
    return _page(found, limit)


@get("/api/enrollments/{enrollment_id:uuid}", opt={"policy": "enrollment.read"}, summary="See an enrollment")
async def read(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    """One enrollment, for staff, the cohort's instructors and the participant."""
    found = await _found(house, viewer, enrollment_id)
    teaches = await store.teaches(house.pool, found.cohort_id, viewer.person_id)
    require(viewer, "enrollment.read", teaches=teaches, owns=found.person_id == viewer.person_id)
    return found


@put(
    "/api/enrollments/{enrollment_id:uuid}/withdrawal", opt={"policy": "enrollment.withdraw"}, summary="Give up a place"
)
async def withdraw(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    """Withdraw, for staff and the participant; the seat goes to the head of the line. Again: nothing changes."""
    found = await _found(house, viewer, enrollment_id)
    require(viewer, "enrollment.withdraw", owns=found.person_id == viewer.person_id)
    by = None if found.person_id == viewer.person_id else viewer.person_id
    return await actions.withdraw(house, viewer.organization_id, enrollment_id, by=by)


@put(
    "/api/enrollments/{enrollment_id:uuid}/name-display",
    opt={"policy": "enrollment.show_name"},
    summary="Choose whether the badge shows one's name",
)
async def set_name_display(house: House, viewer: Viewer, enrollment_id: UUID, data: NameDisplayBody) -> Enrollment:
    """The participant's own choice, nobody else's; it stands once completion was decided."""
    found = await _found(house, viewer, enrollment_id)
    require(viewer, "enrollment.show_name", owns=found.person_id == viewer.person_id)
    return await actions.set_name_display(house.pool, viewer.organization_id, enrollment_id, shows_name=data.shows_name)


async def _found(house: House, viewer: Viewer, enrollment_id: UUID) -> Enrollment:
    found = await store.enrollment(house.pool, viewer.organization_id, enrollment_id)
    if found is None:
        raise NotFoundError
    return found


def _page(found: list[Enrollment], limit: int) -> EnrollmentsPage:
    items = found[:limit]
    return EnrollmentsPage(items=items, next=items[-1].id if len(found) > limit else None)


ROUTES = [enroll, write_cohort, set_seats, read_all, read_own, read, withdraw, set_name_display]
