"""The pages of one session: move it, hold it in another way, cancel it, or add one; each says who will hear of it."""

from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.response import Redirect

from services.enrollment.cohorts import changing, store, store_sessions, store_tables, view
from services.enrollment.cohorts.model import Head, Session, SessionHeldError
from services.enrollment.cohorts.planning import drafting
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.people.policy import allows
from shared.pages.sheets import Sheet
from shared.problems import InvalidInputError, NotFoundError
from shared.words import N_

_HELD = N_("Attendance was recorded in this session, so it stays.")


@get("/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/new", opt={"policy": "session.move"}, include_in_schema=False)
async def new(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """The form of another session, like the last one."""
    head, sessions = await _found(house, organization, viewer, cohort_id, "session.move")
    values = drafting.values_of_session(sessions[-1], head.time_zone) if sessions else _BLANK
    return _page(house, organization, viewer, head, None, uuid4(), Sheet({**values, "title": "", "day": ""}))


@get(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}",
    opt={"policy": "session.move"},
    include_in_schema=False,
)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID
) -> Response[str]:
    """The form of a session as it is."""
    head, sessions = await _found(house, organization, viewer, cohort_id, "session.move")
    session = _one(sessions, session_id)
    if session is None:
        raise NotFoundError
    sheet = Sheet(drafting.values_of_session(session, head.time_zone))
    return _page(house, organization, viewer, head, session, session_id, sheet)


@post(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}",
    opt={"policy": "session.move"},
    include_in_schema=False,
)
async def write(
    house: House,
    request: Request[Any, Any, Any],
    organization: Organization,
    viewer: Viewer,
    cohort_id: UUID,
    session_id: UUID,
) -> Response[Any]:
    """Write a session, or add it under the id that its form came with; everybody seated hears what changed."""
    head, sessions = await _found(house, organization, viewer, cohort_id, "session.move")
    sheet = await view.sheet_of(request)
    try:
        wanted = drafting.session(sheet, session_id, head.time_zone)
        await changing.put_session(house, viewer, cohort_id, wanted)
    except InvalidInputError as error:
        sheet.errors |= dict(error.errors)
        session = _one(sessions, session_id)
        return _page(house, organization, viewer, head, session, session_id, sheet, status=422)
    return Redirect(_back(organization, viewer, cohort_id, "dates"), status_code=303)


@get(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/cancel",
    opt={"policy": "session.cancel"},
    include_in_schema=False,
)
async def ask(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID
) -> Response[str]:
    """Ask once whether the session is to be cancelled."""
    head, sessions = await _found(house, organization, viewer, cohort_id, "session.cancel")
    return _ask_page(house, organization, viewer, head, _one(sessions, session_id))


@post(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/cancel",
    opt={"policy": "session.cancel"},
    include_in_schema=False,
)
async def cancel(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID
) -> Response[Any]:
    """Cancel the session; everybody seated hears of it. Again changes nothing."""
    head, sessions = await _found(house, organization, viewer, cohort_id, "session.cancel")
    try:
        await changing.cancel_session(house, viewer, cohort_id, session_id)
    except SessionHeldError:
        return _ask_page(house, organization, viewer, head, _one(sessions, session_id), status=409, error=_HELD)
    return Redirect(_back(organization, viewer, cohort_id, "cancelled"), status_code=303)


_BLANK = {
    "starts": "09:00", "ends": "12:00", "credit_minutes": "180", "mode": "in person", "place": "", "link": "",
}  # fmt: skip


async def _found(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, action: str
) -> tuple[Head, tuple[Session, ...]]:
    """A cohort that the viewer may do `action` to, with its sessions. NotFoundError."""
    head = await store_tables.head(house.pool, organization.id, cohort_id)
    if head is None:
        raise NotFoundError
    standing = await store.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, action, teaches=standing.teaches)
    return head, (await store_sessions.sessions(house.pool, [cohort_id])).get(cohort_id, ())


def _one(sessions: tuple[Session, ...], session_id: UUID) -> Session | None:
    return next((one for one in sessions if one.id == session_id), None)


def _back(organization: Organization, viewer: Viewer, cohort_id: UUID, done: str) -> str:
    side = "staff" if allows("cohort.write", roles=viewer.roles, is_signed_in=True) else "teach"
    return f"/{organization.slug}/{side}/cohorts/{cohort_id}?done={done}"


def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    head: Head,
    session: Session | None,
    session_id: UUID,
    sheet: Sheet,
    *,
    status: int = 200,
) -> Response[str]:
    return page(
        house,
        "cohorts_session.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=head,
        session=session,
        session_id=session_id,
        back=_back(organization, viewer, head.id, "").partition("?")[0],
        values=sheet.values,
        errors=sheet.errors,
    )


def _ask_page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    head: Head,
    session: Session | None,
    *,
    status: int = 200,
    error: str = "",
) -> Response[str]:
    if session is None:
        raise NotFoundError
    return page(
        house,
        "cohorts_cancel_session.html",
        status=status,
        organization=organization,
        viewer=viewer,
        cohort=head,
        session=session,
        back=_back(organization, viewer, head.id, "").partition("?")[0],
        errors={"session": error} if error else {},
    )


ROUTES = [new, read, write, ask, cancel]
