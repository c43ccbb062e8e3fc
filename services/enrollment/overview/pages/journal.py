"""The log for administrators: who did and saw what, the newest first."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response, get

from services.enrollment.house import House
from services.enrollment.journal import store as journal
from services.enrollment.journal.model import Asked, Entry, cursor, place
from services.enrollment.organizations.model import Organization
from services.enrollment.overview import store_people
from services.enrollment.overview.model import id_of
from services.enrollment.overview.words import ACTIONS
from services.enrollment.pages import page
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError

_ON_A_PAGE = 50
_LONGEST = 320
_FIELDS = ("who", "person", "object", "action", "since", "until")
#: An id that no row has: of an address that nobody has there are no entries.
_NOBODY = UUID(int=0)


@get("/{slug:str}/staff/journal", opt={"policy": "journal.read"}, include_in_schema=False)
async def read(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer
) -> Response[str]:
    """The entries that the address asks for, fifty at a time."""
    query = {key: request.query_params.get(key, "")[:_LONGEST] for key in (*_FIELDS, "after")}
    errors: dict[str, str] = {}
    found: list[Entry] = []
    try:
        asked = await asked_of(house, organization, query)
        found = await journal.page(
            house.pool, organization.id, asked=asked, after=place(query["after"] or None), most=_ON_A_PAGE + 1
        )
    except InvalidInputError as error:
        errors = dict(error.errors)
    shown = found[:_ON_A_PAGE]
    ids = {one for entry in shown for one in (entry.person_id, entry.object_id) if one is not None}
    ids |= {one for one in (_id(query["person"]), _id(query["object"])) if one is not None}
    return page(
        house,
        "overview_journal.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        entries=shown,
        names=await store_people.names(house.pool, organization.id, sorted(ids)),
        narrowed={key: _id(query[key]) for key in ("person", "object")},
        actions=ACTIONS,
        next=cursor(shown[-1]) if len(found) > _ON_A_PAGE else None,
        query={key: value for key, value in query.items() if value},
        errors=errors,
    )


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def asked_of(house: House, organization: Organization, query: Mapping[str, str]) -> Asked:
    """Which entries an address asks for; InvalidInputError for what is no id or day. Days are the organization's."""
    person_id = id_of("person", query.get("person", ""))
    if who := query.get("who", "").strip().lower():
        found = await people.person_by_email(house.pool, organization.id, who)
        person_id = found.id if found is not None and person_id in (None, found.id) else _NOBODY
    zone = ZoneInfo(organization.time_zone)
    return Asked(
        person_id=person_id,
        object_id=id_of("object", query.get("object", "")),
        action=query.get("action", "")[:100] or None,
        since=_moment("since", query.get("since", ""), zone),
        until=_moment("until", query.get("until", ""), zone, days=1),
    )


def _moment(field: str, text: str, zone: ZoneInfo, *, days: int = 0) -> datetime | None:
    """The beginning of a day, or of the one that many days later."""
    if not text.strip():
        return None
    try:
        return datetime.combine(date.fromisoformat(text.strip()) + timedelta(days=days), time(), zone)
    except (ValueError, OverflowError):
        raise InvalidInputError((field, "Enter a day as year, month and day, such as 2026-09-19.")) from None


ROUTES = [read]
