"""The pages of rosters: bring a file, look at what it would do, take it, and see whom it left out and why."""

from collections.abc import Sequence
from typing import Annotated, Any, get_args
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import Parameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from services.enrollment.enrollments import store_lists
from services.enrollment.enrollments.store_lists import Head
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import headers_of_download, page
from services.enrollment.people.model import Viewer
from services.enrollment.programs import store as programs
from services.enrollment.rosters import actions, store
from services.enrollment.rosters.model import (
    MOST_BYTES,
    Choices,
    Columns,
    NotTakingPeopleError,
    Part,
    Planned,
    Roster,
    counts,
)
from services.enrollment.rosters.words import PARTS, heading, why_not
from shared.limited import LimitExceededError
from shared.pages.rendering import LANGUAGE, LANGUAGES, translations
from shared.problems import InvalidInputError, NotFoundError
from shared.tables import csv_file
from shared.uploads import shown_name
from shared.words import N_, in_words_of

_ROSTERS = "/{slug:str}/staff/cohorts/{cohort_id:uuid}/rosters"
_ROSTER = f"{_ROSTERS}/{{roster_id:uuid}}"
_ON_A_PAGE = 100
_NOT_READABLE = N_("This file cannot be read. Save it again as CSV, and choose that file.")
_NOT_OPEN = N_("Nobody was enrolled: people can be put into a cohort that is open or runs. Open it first.")
_Short = Annotated[str, Parameter(max_length=20)]


@get(_ROSTERS, opt={"policy": "roster.import"}, include_in_schema=False)
async def read_all(house: House, organization: Organization, viewer: Viewer, cohort_id: UUID) -> Response[str]:
    """The form that takes a file, and the rosters brought before."""
    return await _list(house, organization, viewer, await _head(house, viewer, cohort_id))


@post(
    _ROSTERS,
    opt={"policy": "roster.import", "body": ["multipart/form-data"]},
    include_in_schema=False,
    request_max_body_size=MOST_BYTES + 64 * 1024,
    status_code=200,
)
async def upload(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID
) -> Response[Any]:
    """Read a file. Nobody is enrolled before somebody has looked at it."""
    head = await _head(house, viewer, cohort_id)
    file = (await request.form()).get("file")
    try:
        if not isinstance(file, UploadFile):
            raise InvalidInputError(("file", "Choose the file with the people."))
        content = await file.read(MOST_BYTES + 1)
        roster_id = await actions.upload(
            house, viewer, cohort_id, name=shown_name(file.filename, otherwise="roster"), content=content
        )
    except InvalidInputError as error:
        return await _list(house, organization, viewer, head, errors=dict(error.errors))
    except LimitExceededError:
        return await _list(house, organization, viewer, head, errors={"file": _NOT_READABLE})
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}/rosters/{roster_id}", status_code=303)


@get(_ROSTER, opt={"policy": "roster.import"}, include_in_schema=False)
async def read(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    roster_id: UUID, after: Annotated[int, Parameter(ge=0)] = 0, show: _Short = "", typos: _Short = "",
    select: _Short = "", done: _Short = "",
) -> Response[str]:  # fmt: skip
    """What would become of each row, or what became of it."""
    head = await _head(house, viewer, cohort_id)
    roster = await _roster(house, viewer, cohort_id, roster_id)
    choices = Choices(takes_typos=typos == "yes", selects=select == "yes")
    return await _page(
        house,
        organization,
        viewer,
        head,
        roster,
        choices,
        show=show,
        after=after,
        done=done,
        query=dict(request.query_params),
    )


@post(f"{_ROSTER}/columns", opt={"policy": "roster.import"}, include_in_schema=False, status_code=200)
async def change_columns(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    roster_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Read the file again with other columns."""
    head = await _head(house, viewer, cohort_id)
    roster = await _roster(house, viewer, cohort_id, roster_id)
    columns = _columns(await request.form())
    try:
        await actions.read_as(house, viewer, cohort_id, roster_id, columns)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, head, roster, Choices(), errors=dict(error.errors))
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}/rosters/{roster_id}", status_code=303)


@post(_ROSTER, opt={"policy": "roster.import"}, include_in_schema=False, status_code=200)
async def take(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    roster_id: UUID,
) -> Response[Any]:  # fmt: skip
    """Enroll everybody whose row can be taken."""
    head = await _head(house, viewer, cohort_id)
    roster = await _roster(house, viewer, cohort_id, roster_id)
    form = await request.form()
    choices = Choices(
        takes_typos=form.get("typos") == "yes", selects=form.get("select") == "yes", writes=form.get("letters") == "yes"
    )
    try:
        await actions.take(house, organization, viewer, cohort_id, roster_id, choices)
    except NotTakingPeopleError:
        return await _page(
            house, organization, viewer, head, roster, choices, status=409, errors={"letters": _NOT_OPEN}
        )
    return Redirect(f"/{organization.slug}/staff/cohorts/{cohort_id}/rosters/{roster_id}?done=taken", status_code=303)


@get(f"{_ROSTER}/not-taken.csv", opt={"policy": "roster.import"}, include_in_schema=False)
async def download(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, roster_id: UUID, typos: _Short = ""
) -> Response[bytes]:
    """Whom the roster leaves out and why, for a spreadsheet."""
    roster = await _roster(house, viewer, cohort_id, roster_id)
    left = [one for one in await actions.look(house, roster, Choices(takes_typos=typos == "yes")) if one.reason]
    await journal.note(
        house.pool,
        organization_id=organization.id,
        person_id=viewer.person_id,
        action="export.make",
        object_kind="roster_import",
        object_id=roster.id,
        fields=("name", "email"),
        note={"format": "csv", "rows": len(left)},
    )
    return Response(
        _csv(left, await _required(house, cohort_id, left)),
        media_type="text/csv; charset=utf-8",
        headers=headers_of_download("not-taken.csv"),
    )


def _csv(left: Sequence[Planned], level: str | None) -> bytes:
    catalog = translations(LANGUAGE.get() or LANGUAGES[0])
    head = [catalog.gettext(one) for one in (N_("Row"), N_("Name"), N_("E-mail address"), N_("Not taken"))]
    rows = [(one.row.number, one.row.name, one.row.email, in_words_of(catalog, why_not(one, level))) for one in left]
    return csv_file([head, *rows])


def _columns(form: Any) -> Columns:
    parts: tuple[Part, ...] = get_args(Part)
    chosen = {part: str(form.get(part, "")) for part in parts}
    return {part: int(text) for part, text in chosen.items() if text.isascii() and text.isdigit() and len(text) < 4}


async def _head(house: House, viewer: Viewer, cohort_id: UUID) -> Head:
    found = await store_lists.head(house.pool, viewer.organization_id, cohort_id, viewer.person_id)
    if found is None:
        raise NotFoundError
    return found


async def _roster(house: House, viewer: Viewer, cohort_id: UUID, roster_id: UUID) -> Roster:
    found = await store.roster(house.pool, viewer.organization_id, cohort_id, roster_id)
    if found is None:
        raise NotFoundError
    return found


async def _required(house: House, cohort_id: UUID, plans: Sequence[Planned]) -> str | None:
    """The level whose badge keeps rows from being taken; None where none does."""
    if all(one.reason != "badge missing" for one in plans):
        return None
    found = await programs.required_level(house.pool, cohort_id)
    return None if found is None else found.name


async def _list(
    house: House, organization: Organization, viewer: Viewer, head: Head, *, errors: dict[str, str] | None = None
) -> Response[str]:
    return page(
        house,
        "rosters.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        cohort=head,
        rosters=await store.rosters(house.pool, viewer.organization_id, head.id),
        errors=errors or {},
    )


async def _page(
    house: House, organization: Organization, viewer: Viewer, head: Head, roster: Roster, choices: Choices, *,
    show: str = "", after: int = 0, done: str = "", status: int = 0, errors: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> Response[str]:  # fmt: skip
    plans = await actions.look(house, roster, choices)
    shown = [one for one in plans if show in ("", one.outcome, "known" if one.is_known else "new")]
    if show in ("new", "known"):
        shown = [one for one in shown if one.reason is None]
    rest = [one for one in shown if one.row.number > after]
    return page(
        house,
        "rosters_roster.html",
        status=status or (422 if errors else 200),
        organization=organization,
        viewer=viewer,
        cohort=head,
        roster=roster,
        choices=choices,
        numbers=counts(plans),
        typos=sum(one.row.flaw == "likely typo" for one in plans),
        show=show,
        rows=rest[:_ON_A_PAGE],
        next=rest[_ON_A_PAGE - 1].row.number if len(rest) > _ON_A_PAGE else None,
        columns=[(place, heading(roster.headings, place)) for place in range(len(roster.headings))],
        parts=PARTS,
        why_not=why_not,
        required=await _required(house, head.id, plans),
        done=done,
        errors=errors or {},
        query=query or {},
    )


ROUTES: list[ControllerRouterHandler] = [read_all, upload, read, change_columns, take, download]
