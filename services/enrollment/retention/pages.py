"""My data: what is kept and why, its download, and being forgotten; and the holds that administrators place."""

from typing import Annotated, Any
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect, Stream
from litestar.types import ControllerRouterHandler
from msgspec import Meta

from services.enrollment.evidence import store_personal as evidence
from services.enrollment.house import House
from services.enrollment.learning import actions as learning
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.model import ANONYMOUS, Viewer, normalized_email
from services.enrollment.people.secrets import actions as secrets
from services.enrollment.people.sign_in import cookies
from services.enrollment.retention import actions, store
from services.enrollment.retention.schedule import SCHEDULE
from shared.problems import InvalidInputError, NotFoundError
from shared.words import said

_Short = Annotated[str, Meta(max_length=300)]
_UrlEncoded = Body(media_type=RequestEncodingType.URL_ENCODED)
_LONGEST_REASON = 500


class HoldForm(msgspec.Struct, frozen=True):
    """A legal hold as it is filled in: on a person by e-mail address, or on a cohort."""

    id: _Short = ""
    email: _Short = ""
    #: The other form of the page was sent, with the address of whom to erase.
    finds: _Short = ""
    erase: _Short = ""
    cohort_id: _Short = ""
    reason: Annotated[str, Meta(max_length=2_000)] = ""


def _own(viewer: Viewer) -> UUID:
    if viewer.person_id is None:
        raise NotFoundError
    return viewer.person_id


@get("/{slug:str}/learning/data", opt={"policy": "data.download"}, include_in_schema=False)
async def read(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """What is kept of people, how long and why; the way to a copy of one's own, and to being forgotten."""
    asked = await store.erasure(house.pool, organization.id, _own(viewer))
    return page(house, "my_data.html", organization=organization, viewer=viewer, schedule=SCHEDULE, asked=asked)


@get("/{slug:str}/learning/data/download", opt={"policy": "data.download"}, include_in_schema=False)
async def download(house: House, viewer: Viewer, organization: Organization) -> Stream:
    """All that is kept of oneself as a ZIP: the data as JSON, and the files."""
    person_id = _own(viewer)
    data = await actions.data_of(house.pool, organization.id, person_id)
    # Opened by the key of the service, which rooms do not hold.
    data["private"] = await secrets.own_secrets(house.pool, organization.id, person_id, sealing_key=house.sealing_key)
    files = await evidence.files_of(house.pool, organization.id, person_id)
    await learning.note_download(house, viewer)
    return Stream(
        learning.archive(house, data, files),
        media_type="application/zip",
        headers={"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="my-data.zip"'},
    )


@get("/{slug:str}/learning/erase", opt={"policy": "erasure.ask"}, include_in_schema=False)
async def ask(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """What will be removed and what is kept, before the button that does it."""
    plan = await actions.plan_of(house.pool, organization, _own(viewer), now=house.clock())
    return page(house, "erase.html", organization=organization, viewer=viewer, plan=plan)


@post("/{slug:str}/learning/erase", opt={"policy": "erasure.ask"}, include_in_schema=False, status_code=200)
async def erase(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """Forget the person who is signed in."""
    plan = await actions.erase(house, organization, _own(viewer), by=_own(viewer))
    answer = page(
        house,
        "erased.html",
        organization=organization,
        viewer=viewer if plan.is_held else ANONYMOUS,
        plan=plan,
    )
    if not plan.is_held:
        answer.cookies.append(cookies.no_session(house))
    return answer


@get("/{slug:str}/staff/people/{person_id:uuid}/erase", opt={"policy": "erasure.do"}, include_in_schema=False)
async def ask_for(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> Response[str]:
    """The same for somebody who asked the organization in another way."""
    return await _for_somebody(house, organization, viewer, person_id)


@post("/{slug:str}/staff/people/{person_id:uuid}/erase", opt={"policy": "erasure.do"}, include_in_schema=False)
async def erase_for(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> Response[Any]:
    """Forget somebody who asked for it in another way."""
    await actions.erase(house, organization, person_id, by=_own(viewer))
    return Redirect(f"/{organization.slug}/staff/people/{person_id}/erase", status_code=303)


async def _for_somebody(house: House, organization: Organization, viewer: Viewer, person_id: UUID) -> Response[str]:
    person = await people.person(house.pool, viewer.organization_id, person_id)
    if person is None:
        raise NotFoundError
    return page(
        house,
        "erase_somebody.html",
        organization=organization,
        viewer=viewer,
        person=person,
        plan=await actions.plan_of(house.pool, organization, person_id, now=house.clock()),
        asked=await store.erasure(house.pool, organization.id, person_id),
    )


@get("/{slug:str}/staff/holds", opt={"policy": "hold.write"}, include_in_schema=False)
async def read_holds(house: House, organization: Organization, viewer: Viewer) -> Response[str]:
    """The legal holds, and the forms that place one and find whom to erase."""
    return await _holds(house, organization, viewer, HoldForm(id=str(uuid4())))


@post("/{slug:str}/staff/holds", opt={"policy": "hold.write"}, include_in_schema=False)
async def place_hold(
    house: House, organization: Organization, viewer: Viewer, data: Annotated[HoldForm, _UrlEncoded]
) -> Response[Any]:
    """Place a legal hold; or go to what erasing somebody does, whose address stands in no page's address."""
    if data.finds:
        return await _find(house, organization, viewer, data)
    try:
        hold_id, person_id, cohort_id = await _hold_of(house, viewer, data)
    except InvalidInputError as error:
        return await _holds(house, organization, viewer, data, errors=dict(error.errors))
    await actions.place_hold(
        house, viewer, hold_id, person_id=person_id, cohort_id=cohort_id, reason=data.reason.strip()
    )
    return Redirect(f"/{organization.slug}/staff/holds", status_code=303)


async def _find(house: House, organization: Organization, viewer: Viewer, data: HoldForm) -> Response[Any]:
    errors: list[tuple[str, str]] = []
    found = await _person(house, viewer, data.erase, errors)
    if found is not None:
        return Redirect(f"/{organization.slug}/staff/people/{found}/erase", status_code=303)
    values = HoldForm(id=str(uuid4()), erase=data.erase)
    return await _holds(house, organization, viewer, values, errors={"erase": errors[0][1]})


@post("/{slug:str}/staff/holds/{hold_id:uuid}/lift", opt={"policy": "hold.write"}, include_in_schema=False)
async def lift_hold(house: House, organization: Organization, viewer: Viewer, hold_id: UUID) -> Response[Any]:
    """Lift a legal hold."""
    await actions.lift_hold(house, viewer, hold_id)
    return Redirect(f"/{organization.slug}/staff/holds", status_code=303)


async def _hold_of(house: House, viewer: Viewer, data: HoldForm) -> tuple[UUID, UUID | None, UUID | None]:
    """The id, and the person or cohort; InvalidInputError with every field that is wrong."""
    errors: list[tuple[str, str]] = []
    person_id: UUID | None = None
    cohort_id = _uuid(data.cohort_id)
    if bool(data.email.strip()) == bool(data.cohort_id):
        errors.append(("email", said("Give either a person's e-mail address or a cohort.")))
    elif data.email.strip():
        person_id = await _person(house, viewer, data.email, errors)
    elif cohort_id is None or not await store.has_cohort(house.pool, viewer.organization_id, cohort_id):
        errors.append(("cohort_id", said("Choose one of the cohorts.")))
    if not 0 < len(data.reason.strip()) <= _LONGEST_REASON:
        errors.append(("reason", said("Say why, in at most %(most)s letters.", most=_LONGEST_REASON)))
    if errors:
        raise InvalidInputError(*errors)
    return _uuid(data.id) or uuid4(), person_id, cohort_id


async def _person(house: House, viewer: Viewer, email: str, errors: list[tuple[str, str]]) -> UUID | None:
    try:
        found = await people.person_by_email(house.pool, viewer.organization_id, normalized_email(email))
    except InvalidInputError as error:
        errors.extend(error.errors)
        return None
    if found is None:
        errors.append(("email", said("Nobody here has this address.")))
        return None
    return found.id


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _holds(
    house: House, organization: Organization, viewer: Viewer, values: HoldForm, *, errors: dict[str, str] | None = None
) -> Response[str]:
    return page(
        house,
        "holds.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        values=values,
        errors=errors or {},
        holds=await store.holds(house.pool, viewer.organization_id),
        cohorts=await store.cohorts(house.pool, viewer.organization_id),
    )


ROUTES: list[ControllerRouterHandler] = [
    read,
    download,
    ask,
    erase,
    ask_for,
    erase_for,
    read_holds,
    place_hold,
    lift_hold,
]
