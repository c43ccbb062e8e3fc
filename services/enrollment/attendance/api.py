"""Attendance as JSON: staff and instructors write a session's sheet, a participant reads the own line."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from msgspec import Meta

from services.enrollment.attendance import actions, store
from services.enrollment.attendance.model import AttendanceMode, Entry, Line
from services.enrollment.house import House
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from services.enrollment.people.policy import allows
from shared.problems import NotFoundError

_MOST_ENTRIES = 1_000
_Moment = Annotated[datetime, Meta(tz=True)]


class EntryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one person attended; without times they were there from the session's start to its end."""

    enrollment_id: UUID
    mode: AttendanceMode
    arrived_at: _Moment | None = None
    departed_at: _Moment | None = None
    #: In place of times, as a meeting counts them.
    minutes_present: Annotated[int, Meta(ge=0, le=1440)] | None = None


class SheetBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose attendance to record; who is not named stays as recorded."""

    entries: Annotated[list[EntryBody], Meta(max_length=_MOST_ENTRIES)]


class SheetAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a session's sheet that the viewer may see, or that were written; `mode` is null if unrecorded."""

    cohort_id: UUID
    session_id: UUID
    items: list[Line]


@put(
    "/api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance",
    opt={"policy": "attendance.write"},
    summary="Record who attended a session",
)
async def record(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID, data: SheetBody) -> SheetAnswer:
    """Record attendance, all entries or none; the same changes nothing. Credit counts in quarter hours attended."""
    entries = [Entry(**msgspec.structs.asdict(one)) for one in data.entries]
    written = await actions.record(
        house.pool, viewer, cohort_id=cohort_id, session_id=session_id, entries=entries, now=house.clock()
    )
    return SheetAnswer(cohort_id=cohort_id, session_id=session_id, items=written.lines)


@get(
    "/api/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/attendance",
    opt={"policy": "attendance.read"},
    summary="See who attended a session",
)
async def read(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID) -> SheetAnswer:
    """Everybody with a seat, for staff and the cohort's instructors; a participant's own line."""
    session = await store.session(house.pool, viewer.organization_id, cohort_id, session_id, viewer_id=viewer.person_id)
    if session is None:
        raise NotFoundError
    own = session.own_enrollment_id
    require(viewer, "attendance.read", teaches=session.teaches, owns=own is not None)
    reads_all = allows("attendance.write", roles=viewer.roles, is_signed_in=True, teaches=session.teaches)
    only = None if reads_all or own is None else [own]
    return SheetAnswer(
        cohort_id=cohort_id,
        session_id=session_id,
        items=await store.sheet(house.pool, cohort_id, session_id, only=only),
    )


ROUTES = [record, read]
