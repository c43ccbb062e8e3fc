"""Self check-in: the code that a room shows, and the page that a participant's phone opens from it."""

import base64
import binascii
import io
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
import segno
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from markupsafe import Markup

from services.enrollment.attendance import actions, codes, store
from services.enrollment.attendance.model import CodeOverError, Session
from services.enrollment.attendance.pages.sheet import session_for
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError
from shared.sealing import SealError, seal, unseal

_CHECK_IN = "/{slug:str}/check-in/{session_id:uuid}"


class Pass(msgspec.Struct, frozen=True):
    """What opening the page with a good code gives: time to press the button."""

    until: datetime


class CheckInForm(msgspec.Struct, frozen=True):
    """The page's button, and the pass that the page was given."""

    ticket: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/code",
    opt={"policy": "attendance.write"},
    include_in_schema=False,
)
async def show_code(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID
) -> Response[str]:
    """The code of this half minute, large, for everybody in the room to point a phone at."""
    session, now = await session_for(house, viewer, cohort_id, session_id, action="attendance.write"), house.clock()
    code = codes.code_at(house.sealing_key, session.id, now)
    address = f"{house.settings.enrollment_url}/{organization.slug}/check-in/{session.id}/{code}"
    opens_at, is_open = codes.opens_at(session), codes.is_open(session, now=now)
    lines = await store.sheet(house.pool, cohort_id, session_id)
    answer = page(
        house,
        "attendance_code.html",
        organization=organization,
        viewer=viewer,
        session=session,
        image=_image(address) if is_open else None,
        opens_at=opens_at,
        is_over=session.ends_at <= now,
        seated=len(lines),
        here=sum(one.mode in ("in person", "virtual") for one in lines),
    )
    if is_open:
        answer.headers["Refresh"] = str(codes.REFRESH_SECONDS)
    return answer


@get(f"{_CHECK_IN}/{{check_in_code:str}}", opt={"policy": "attendance.check_in"}, include_in_schema=False)
async def open_check_in(
    house: House, organization: Organization, viewer: Viewer, session_id: UUID, check_in_code: str
) -> Response[str]:
    """The button that says «I am here», for who has a seat and a code that is good. Opening it records nothing."""
    session, now = await _own_session(house, viewer, session_id), house.clock()
    if not codes.is_code(house.sealing_key, session_id, check_in_code, now=now):
        raise CodeOverError
    codes.check_open(session, now=now)
    lines = await store.sheet(house.pool, session.cohort_id, session_id, only=_own(session))
    ticket = seal(
        house.sealing_key,
        msgspec.json.encode(Pass(until=now + codes.PASS_LIFETIME)),
        belongs_to=f"check-in {session_id} {viewer.person_id}",
    )
    return page(
        house,
        "attendance_check_in.html",
        organization=organization,
        viewer=viewer,
        session=session,
        line=lines[0],
        ticket=base64.urlsafe_b64encode(ticket).decode(),
        is_done=False,
    )


@post(_CHECK_IN, opt={"policy": "attendance.check_in"}, include_in_schema=False, status_code=200)
async def check_in(
    house: House, organization: Organization, viewer: Viewer, session_id: UUID,
    data: Annotated[CheckInForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Press the button: the own line, unless somebody has written it already."""
    session = await _own_session(house, viewer, session_id)
    _check_ticket(house, viewer, session_id, data.ticket)
    session, line = await actions.check_in(
        house.pool, viewer, cohort_id=session.cohort_id, session_id=session_id, now=house.clock()
    )
    return page(
        house,
        "attendance_check_in.html",
        organization=organization,
        viewer=viewer,
        session=session,
        line=line,
        ticket=None,
        is_done=True,
    )


async def _own_session(house: House, viewer: Viewer, session_id: UUID) -> Session:
    """The session, where the viewer has a seat in its cohort; NotFoundError."""
    cohort_id = await store.cohort_of_session(house.pool, viewer.organization_id, session_id)
    if cohort_id is None:
        raise NotFoundError
    session = await store.session(house.pool, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id)
    if session is None:
        raise NotFoundError
    require(viewer, "attendance.check_in", owns=session.own_enrollment_id is not None)
    return session


def _own(session: Session) -> list[UUID]:
    return [] if session.own_enrollment_id is None else [session.own_enrollment_id]


def _check_ticket(house: House, viewer: Viewer, session_id: UUID, ticket: str) -> None:
    try:
        sealed = base64.b64decode(ticket, altchars=b"-_", validate=True)
        opened = unseal(house.sealing_key, sealed, belongs_to=f"check-in {session_id} {viewer.person_id}")
    except (binascii.Error, ValueError, SealError):
        raise CodeOverError from None
    if house.clock() > msgspec.json.decode(opened, type=Pass).until:
        raise CodeOverError


def _image(address: str) -> Markup:
    """The address as a QR code: an inline SVG without style."""
    found = io.BytesIO()
    segno.make(address, error="m").save(
        found, kind="svg", border=2, xmldecl=False, svgns=True, svgclass=None, lineclass=None, omitsize=True
    )
    return Markup(found.getvalue().decode())  # noqa: S704  # drawn here, of an address of ours


ROUTES = [show_code, open_check_in, check_in]
