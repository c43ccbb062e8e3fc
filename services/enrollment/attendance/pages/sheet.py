"""Attendance for a phone in a room: a session's sheet, everybody's sessions at a glance, and work that makes up.

Every button is a form of its own, so the pages work without script; `attendance.js` sends the same forms by itself and
asks for JSON instead of the page.
"""

from datetime import datetime
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.attendance import actions, store
from services.enrollment.attendance.model import AttendanceMode, Entry, Line, Makeup, Session, moment_of
from services.enrollment.cohorts import store as cohorts
from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError

_Short = Annotated[str, Meta(max_length=500)]
_MODES: tuple[AttendanceMode, ...] = get_args(AttendanceMode)
_SHEET = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance"
_MAKEUP = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/makeup/{enrollment_id:uuid}"
_NO_TIME = "Enter a time of day, such as 9:40."


class TapForm(msgspec.Struct, frozen=True):
    """One person's line; the button pressed is `mode`, and `clear` takes away what is recorded."""

    enrollment_id: UUID
    mode: _Short = ""
    arrived: _Short = ""
    departed: _Short = ""


class AllForm(msgspec.Struct, frozen=True):
    """Everybody who is not recorded yet."""

    mode: _Short = ""


class UndoForm(msgspec.Struct, frozen=True):
    """The change to undo."""

    change_id: UUID


class MakeupForm(msgspec.Struct, frozen=True):
    """Work that makes up for a session; `remove` takes it away."""

    minutes: _Short = ""
    what: Annotated[str, Meta(max_length=2_000)] = ""
    remove: _Short = ""


class SavedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Whose line it is, the button that is pressed now, and the sentence below the name."""

    enrollment_id: UUID
    mode: AttendanceMode | None
    note: str


class SavedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a tap did, for the page's script: the lines as they are now, and the change to undo."""

    lines: list[SavedLine]
    change_id: UUID | None


@get(
    "/{slug:str}/teach/cohorts/{cohort_id:uuid}/grid",
    opt={"policy": "attendance.write"},
    include_in_schema=False,
)
async def grid(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """Everybody with a seat and every session, and what each counts for."""
    cohort = await cohorts.cohort(house.pool, viewer.organization_id, cohort_id)
    if cohort is None:
        raise NotFoundError
    standing = await cohorts.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, "attendance.write", teaches=standing.teaches)
    cells: dict[UUID, dict[UUID, Any]] = {}
    for one in await store.credits(house.pool, [cohort_id]):
        cells.setdefault(one.enrollment_id, {})[one.session_id] = one
    return page(
        house,
        "attendance_grid.html",
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        people=await store.seated(house.pool, cohort_id),
        cells=cells,
        now=house.clock(),
    )


@get(_SHEET, opt={"policy": "attendance.write"}, include_in_schema=False)
async def sheet(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID,
    change: UUID | None = None,
) -> Response[str]:  # fmt: skip
    """A session's sheet: a row with four buttons for everybody who has a seat."""
    session = await session_for(house, viewer, cohort_id, session_id, action="attendance.write")
    return await _sheet(house, organization, viewer, session, change=change)


# Whoever saves is answered from the row that was held: a room of phones asks often.
@post(_SHEET, opt={"policy": "attendance.write"}, include_in_schema=False, status_code=200)
async def tap(
    house: House, request: Request[Any, Any, Any], viewer: Viewer, slug: str, cohort_id: UUID, session_id: UUID,
    data: Annotated[TapForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Record one person's attendance, or clear it."""
    try:
        written = await actions.record(
            house.pool,
            viewer,
            cohort_id=cohort_id,
            session_id=session_id,
            entries=lambda session: [_entry(data, session)],
            now=house.clock(),
        )
    except InvalidInputError as error:
        if _wants_json(request):
            raise
        session = await session_for(house, viewer, cohort_id, session_id, action="attendance.write")
        errors = {f"{name.rpartition('.')[2]}-{data.enrollment_id}": sentence for name, sentence in error.errors}
        organization = await organizations.by_slug(house.pool, slug)
        if organization is None:
            raise NotFoundError from None
        return await _sheet(house, organization, viewer, session, errors=errors, typed=data)
    return _saved(house, request, slug, written, at=f"#line-{data.enrollment_id}")


@post(f"{_SHEET}/all", opt={"policy": "attendance.write"}, include_in_schema=False, status_code=200)
async def mark_all(
    house: House, request: Request[Any, Any, Any], viewer: Viewer, slug: str, cohort_id: UUID, session_id: UUID,
    data: Annotated[AllForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Record the same of everybody who is not recorded yet."""
    written = await actions.mark_all(
        house.pool, viewer, cohort_id=cohort_id, session_id=session_id, mode=_mode(data.mode), now=house.clock()
    )
    return _saved(house, request, slug, written)


@post(f"{_SHEET}/undo", opt={"policy": "attendance.write"}, include_in_schema=False, status_code=200)
async def undo(
    house: House, request: Request[Any, Any, Any], viewer: Viewer, slug: str, cohort_id: UUID, session_id: UUID,
    data: Annotated[UndoForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Undo a change, unless somebody changed the same lines again since."""
    written = await actions.undo(
        house.pool,
        viewer,
        cohort_id=cohort_id,
        session_id=session_id,
        change_id=data.change_id,
        now=house.clock(),
    )
    if _wants_json(request):
        return _answer(house, written)
    return Redirect(sheet_path(slug, written.session), status_code=303)


@get(_MAKEUP, opt={"policy": "makeup.approve"}, include_in_schema=False)
async def makeup(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID, enrollment_id: UUID
) -> Response[str]:
    """What somebody misses of a session, and the work that makes up for it."""
    session = await session_for(house, viewer, cohort_id, session_id, action="makeup.approve")
    return await _makeup(house, organization, viewer, session, enrollment_id)


@post(_MAKEUP, opt={"policy": "makeup.approve"}, include_in_schema=False, status_code=200)
async def approve_makeup(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID, enrollment_id: UUID,
    data: Annotated[MakeupForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Approve work that makes up for a session, or take the approval back."""
    session = await session_for(house, viewer, cohort_id, session_id, action="makeup.approve")
    if viewer.person_id is None:
        raise NotFoundError
    if data.remove:
        await actions.remove_makeup(
            house.pool, viewer, cohort_id=cohort_id, session_id=session_id, enrollment_id=enrollment_id
        )
        return Redirect(f"{sheet_path(organization.slug, session)}#line-{enrollment_id}", status_code=303)
    made_up = Makeup(
        enrollment_id=enrollment_id,
        credit_minutes=int(data.minutes) if data.minutes.isascii() and data.minutes.isdigit() else 0,
        what=data.what.strip(),
        approved_by=viewer.person_id,
        approved_at=house.clock(),
    )
    try:
        await actions.approve_makeup(house.pool, viewer, cohort_id=cohort_id, session_id=session_id, made_up=made_up)
    except InvalidInputError as error:
        errors = dict(error.errors)
        return await _makeup(house, organization, viewer, session, enrollment_id, errors=errors, typed=data)
    return Redirect(f"{sheet_path(organization.slug, session)}#line-{enrollment_id}", status_code=303)


async def session_for(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID, *, action: str) -> Session:
    """The session, where the viewer may do `action` in it; NotFoundError."""
    session = await store.session(house.pool, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id)
    if session is None:
        raise NotFoundError
    require(viewer, action, teaches=session.teaches)
    return session


def sheet_path(slug: str, session: Session) -> str:
    """The address of a session's sheet."""
    return f"/{slug}/teach/cohorts/{session.cohort_id}/sessions/{session.id}/attendance"


def _mode(text: str) -> AttendanceMode:
    for one in _MODES:
        if one == text:
            return one
    raise InvalidInputError(("mode", "Choose one of the buttons."))


def _entry(data: TapForm, session: Session) -> Entry:
    if data.mode == "clear":
        return Entry(enrollment_id=data.enrollment_id, mode=None)
    times: dict[str, datetime | None] = {}
    errors: list[tuple[str, str]] = []
    for name, text in (("arrived_at", data.arrived), ("departed_at", data.departed)):
        try:
            times[name] = moment_of(text, session)
        except ValueError:
            errors.append((name, _NO_TIME))
    if errors:
        raise InvalidInputError(*errors)
    return Entry(
        enrollment_id=data.enrollment_id,
        mode=_mode(data.mode),
        arrived_at=times["arrived_at"],
        departed_at=times["departed_at"],
    )


def _wants_json(request: Request[Any, Any, Any]) -> bool:
    return "application/json" in request.headers.get("accept", "")


def _answer(house: House, written: actions.Written) -> Response[Any]:
    lines = [
        SavedLine(enrollment_id=one.enrollment_id, mode=one.mode, note=_note(house, written.session, one))
        for one in written.lines
    ]
    return Response(SavedAnswer(lines=lines, change_id=written.change_id))


def _note(house: House, session: Session, line: Line) -> str:
    return page(house, "attendance_note.html", session=session, line=line).content.strip()


def _saved(
    house: House, request: Request[Any, Any, Any], slug: str, written: actions.Written, *, at: str = ""
) -> Response[Any]:
    if _wants_json(request):
        return _answer(house, written)
    change = f"?change={written.change_id}" if written.change_id is not None else ""
    return Redirect(f"{sheet_path(slug, written.session)}{change}{at}", status_code=303)


async def _sheet(
    house: House,
    organization: Organization,
    viewer: Viewer,
    session: Session,
    *,
    change: UUID | None = None,
    errors: dict[str, str] | None = None,
    typed: TapForm | None = None,
) -> Response[str]:
    changes = [] if change is None else await store.change(house.pool, session.id, change)
    return page(
        house,
        "attendance_sheet.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        session=session,
        lines=await store.sheet(house.pool, session.cohort_id, session.id),
        modes=_MODES,
        change=change if changes and all(one.is_last for one in changes) else None,
        changed=len(changes),
        is_over=session.ends_at <= house.clock(),
        errors=errors or {},
        typed=typed,
    )


async def _makeup(
    house: House,
    organization: Organization,
    viewer: Viewer,
    session: Session,
    enrollment_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    typed: MakeupForm | None = None,
) -> Response[str]:
    lines = await store.sheet(house.pool, session.cohort_id, session.id, only=[enrollment_id])
    if not lines:
        raise NotFoundError
    known = await store.makeup(house.pool, session.id, enrollment_id)
    if typed is None:
        left = session.credit_minutes - lines[0].attended_minutes
        typed = MakeupForm(str(known.credit_minutes if known else left), known.what if known else "")
    return page(
        house,
        "attendance_makeup.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        session=session,
        line=lines[0],
        known=known,
        values=typed,
        errors=errors or {},
    )


ROUTES = [grid, sheet, tap, mark_all, undo, makeup, approve_makeup]
