"""Attendance from a meeting report: upload it, look at who was found, choose for the rest, and take the minutes."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.response import Redirect

from services.enrollment.attendance import actions, store, store_reports
from services.enrollment.attendance.matching import entries
from services.enrollment.attendance.model import Session
from services.enrollment.attendance.pages.sheet import session_for, sheet_path
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.model import Viewer
from shared.limited import LimitExceededError
from shared.problems import InvalidInputError, NotFoundError
from shared.uploads import shown_name

_REPORTS = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/reports"
_MOST_BYTES = 2 * 1024 * 1024
_CHOICE = "line-"
_NOT_READABLE = "This file cannot be read. Save it again as CSV, and choose that file."


@get(_REPORTS, opt={"policy": "report.take"}, include_in_schema=False)
async def show_reports(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID
) -> Response[str]:
    """The session's reports, and the form to upload one."""
    session = await session_for(house, viewer, cohort_id, session_id, action="report.take")
    return await _reports(house, organization, viewer, session)


@post(
    _REPORTS,
    opt={"policy": "report.take", "body": ["multipart/form-data"]},
    include_in_schema=False,
    request_max_body_size=_MOST_BYTES,
    status_code=200,
)
async def upload(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    session_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Upload a report. Nothing is recorded before somebody has looked at it."""
    session = await session_for(house, viewer, cohort_id, session_id, action="report.take")
    file = (await request.form()).get("file")
    try:
        if not isinstance(file, UploadFile) or not (content := await file.read()):
            raise InvalidInputError(("file", "Choose the report that your meeting service made."))
        report_id = await actions.upload_report(
            house,
            viewer,
            cohort_id=cohort_id,
            session_id=session_id,
            name=shown_name(file.filename, otherwise="report.csv"),
            content=content,
        )
    except InvalidInputError as error:
        return await _reports(house, organization, viewer, session, errors=dict(error.errors))
    except LimitExceededError:
        return await _reports(house, organization, viewer, session, errors={"file": _NOT_READABLE})
    return Redirect(f"{_path(organization, session)}/{report_id}", status_code=303)


@get(f"{_REPORTS}/{{report_id:uuid}}", opt={"policy": "report.take"}, include_in_schema=False)
async def show_report(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, session_id: UUID, report_id: UUID
) -> Response[str]:
    """Who was in the meeting, who of the cohort that is, and a choice for those who were not found."""
    session = await session_for(house, viewer, cohort_id, session_id, action="report.take")
    return await _report(house, organization, viewer, session, report_id)


@post(f"{_REPORTS}/{{report_id:uuid}}", opt={"policy": "report.take"}, include_in_schema=False, status_code=200)
async def take(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    session_id: UUID, report_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Take the minutes of everybody who was found or chosen."""
    session = await session_for(house, viewer, cohort_id, session_id, action="report.take")
    form = await request.form()
    try:
        choices = _choices({name: str(value) for name, value in form.multi_items() if name.startswith(_CHOICE)})
        written = await actions.take_report(
            house, viewer, cohort_id=cohort_id, session_id=session_id, report_id=report_id, choices=choices
        )
    except InvalidInputError as error:
        return await _report(house, organization, viewer, session, report_id, errors=dict(error.errors))
    change = f"?change={written.change_id}" if written.change_id is not None else ""
    return Redirect(f"{sheet_path(organization.slug, session)}{change}", status_code=303)


def _choices(fields: dict[str, str]) -> dict[int, UUID | None]:
    """Who each line is, by its number; None for nobody of the cohort."""
    found: dict[int, UUID | None] = {}
    for name, value in fields.items():
        try:
            found[int(name.removeprefix(_CHOICE))] = UUID(value) if value else None
        except ValueError:
            raise InvalidInputError((name, "Choose one of the names.")) from None
    return found


def _path(organization: Organization, session: Session) -> str:
    return f"/{organization.slug}/teach/cohorts/{session.cohort_id}/sessions/{session.id}/reports"


async def _reports(
    house: House,
    organization: Organization,
    viewer: Viewer,
    session: Session,
    *,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    return page(
        house,
        "attendance_reports.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        session=session,
        reports=await store_reports.reports(house.pool, session),
        errors=errors or {},
    )


async def _report(
    house: House,
    organization: Organization,
    viewer: Viewer,
    session: Session,
    report_id: UUID,
    *,
    errors: dict[str, str] | None = None,
) -> Response[str]:
    report = await store_reports.report(house.pool, session, report_id)
    if report is None:
        raise NotFoundError
    lines = await store_reports.lines(house.pool, report_id)
    sheet = await store.sheet(house.pool, session.cohort_id, session.id)
    _, stay = entries(lines, sheet)
    return page(
        house,
        "attendance_report.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        session=session,
        report=report,
        lines=lines,
        people={one.enrollment_id: one for one in sheet},
        choices=[(one.enrollment_id, one.person_name) for one in sheet],
        stay={one.enrollment_id for one in stay},
        errors=errors or {},
    )


ROUTES = [show_reports, upload, show_report, take]
