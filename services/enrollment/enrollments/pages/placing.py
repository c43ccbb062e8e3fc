"""The staff's page of places: who has a seat, who is offered one, who waits, who left; and moving people.

Whatever takes a place from somebody is shown first, with their names, and then asked once.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.params import Parameter
from litestar.response import Redirect

from services.enrollment.enrollments import moving, store_lists
from services.enrollment.enrollments.model import (
    AlreadyThereError,
    AttendedError,
    LevelMissingError,
    NoSeatThereError,
    NotPlacedError,
    NoTransferError,
    Place,
)
from services.enrollment.enrollments.store_lists import Head, Row
from services.enrollment.house import House
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError
from shared.words import N_, said

Action = Literal["select", "transfer", "no-show", "withdraw"]

_ON_A_PAGE = 100
_MOST_CHOSEN = 500
_PLACES: dict[str, Place] = {"seated": "seated", "offered": "offered", "line": "in line", "left": "none"}
#: What keeps a change from being made, as sentences; the names of those it is about follow.
_REFUSALS: dict[type[Exception], str] = {
    NotPlacedError: "Nothing was changed, because these people do not have such a place any more:",
    AttendedError: "Nothing was changed, because these people were in a session:",
    NoSeatThereError: "Nobody was moved, because there is no free seat in that cohort for:",
    AlreadyThereError: "Nobody was moved, because these people have a place in that cohort already:",
    LevelMissingError: N_(
        "Nobody was moved, because that cohort needs the badge of %(level)s. Leave these people out, or let them show "
        "a badge from elsewhere under My learning; once it is accepted, move them:"
    ),
    NoTransferError: "Nobody was moved. Choose a cohort of the same program that is open or runs.",
}


class Wish(msgspec.Struct, frozen=True):
    """What staff want to do with whom."""

    action: Action
    chosen: tuple[UUID, ...]
    to: UUID | None
    is_confirmed: bool


@get("/{slug:str}/staff/cohorts/{cohort_id:uuid}/places", opt={"policy": "place.read"}, include_in_schema=False)
async def read(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, place: str = "seated",
    after: Annotated[int, Parameter(ge=0)] = 0, after_id: UUID | None = None, done: str = "",
    number: Annotated[int, Parameter(ge=0, le=_MOST_CHOSEN)] = 0,
) -> Response[str]:  # fmt: skip
    """One list of a cohort's people, a hundred at a time."""
    head = await _head(house, viewer, cohort_id)
    if place not in _PLACES:
        raise NotFoundError
    found = await store_lists.rows(
        house.pool, head, _PLACES[place], after=after, after_id=after_id, most=_ON_A_PAGE + 1
    )
    return _page(
        house,
        organization,
        viewer,
        head,
        place=place,
        rows=found[:_ON_A_PAGE],
        next=_next(place, found),
        is_first=not after and after_id is None,
        done=done,
        number=number,
    )


@post("/{slug:str}/staff/cohorts/{cohort_id:uuid}/places", opt={"policy": "place.change"}, include_in_schema=False)
async def change(
    house: House, request: Request[Any, Any, Any], organization: Organization, viewer: Viewer, cohort_id: UUID,
    place: str = "seated",
) -> Response[Any]:  # fmt: skip
    """Show what would happen to whom; once that is confirmed, do it."""
    head = await _head(house, viewer, cohort_id)
    if place not in _PLACES:
        raise NotFoundError
    wish = _wish(await request.form())
    rows = [] if wish is None else await store_lists.chosen(house.pool, head, wish.chosen)
    if wish is None or not rows or len(rows) != len(wish.chosen):
        return _page(
            house,
            organization,
            viewer,
            head,
            status=422,
            place=place,
            rows=await store_lists.rows(house.pool, head, _PLACES[place], after=0, after_id=None, most=_ON_A_PAGE),
            next=None,
            is_first=True,
            refusal="Tick the people first, then choose what to do.",
        )
    if not wish.is_confirmed or (wish.action == "transfer" and wish.to is None):
        return await _confirm(house, organization, viewer, head, place, wish, rows)
    try:
        number = await _do(house, viewer, cohort_id, wish)
    except tuple(_REFUSALS) as error:
        concerned = getattr(error, "enrollment_ids", [])
        return await _confirm(
            house,
            organization,
            viewer,
            head,
            place,
            wish,
            rows,
            status=409,
            refusal=_refusal(error),
            names=[one.name for one in rows if one.id in concerned],
        )
    return Redirect(
        f"/{organization.slug}/staff/cohorts/{cohort_id}/places?place={place}&done={wish.action}&number={number}",
        status_code=303,
    )


def _refusal(error: Exception) -> str:
    words = _REFUSALS[type(error)]
    return said(words, level=error.level_name) if isinstance(error, LevelMissingError) else words


async def _do(house: House, viewer: Viewer, cohort_id: UUID, wish: Wish) -> int:
    organization_id = viewer.organization_id
    if wish.action == "transfer":
        if wish.to is None:
            raise NoTransferError
        try:
            return await moving.transfer(
                house, organization_id, cohort_id, wish.chosen, to=wish.to, by=viewer.person_id
            )
        except NotFoundError:
            raise NoTransferError from None
    verbs: dict[str, Callable[..., Awaitable[int]]] = {
        "select": moving.select,
        "no-show": moving.release_no_shows,
        "withdraw": moving.remove,
    }
    return await verbs[wish.action](house, organization_id, cohort_id, wish.chosen, by=viewer.person_id)


async def _confirm(
    house: House, organization: Organization, viewer: Viewer, head: Head, place: str, wish: Wish, rows: list[Row],
    *, status: int = 200, **more: Any,
) -> Response[str]:  # fmt: skip
    targets = await store_lists.targets(house.pool, viewer.organization_id, head) if wish.action == "transfer" else []
    return page(
        house,
        "enrollments_confirm.html",
        status=status,
        organization=organization,
        viewer=viewer,
        head=head,
        place=place,
        wish=wish,
        rows=rows,
        targets=targets,
        **{"refusal": "", "names": [], **more},
    )


def _page(
    house: House, organization: Organization, viewer: Viewer, head: Head, *, status: int = 200, **more: Any
) -> Response[str]:
    is_staff = not viewer.roles.isdisjoint({"administrator", "coordinator"})
    return page(
        house,
        "enrollments_places.html",
        status=status,
        organization=organization,
        viewer=viewer,
        head=head,
        cohort=head,
        is_staff=is_staff,
        **{"refusal": "", "done": "", "number": 0, **more},
    )


async def _head(house: House, viewer: Viewer, cohort_id: UUID) -> Head:
    found = await store_lists.head(house.pool, viewer.organization_id, cohort_id, viewer.person_id)
    if found is None:
        raise NotFoundError
    require(viewer, "place.read", teaches=found.teaches)
    return found


def _next(place: str, found: list[Row]) -> str | None:
    """The query of the next page; None on the last."""
    if len(found) <= _ON_A_PAGE:
        return None
    last = found[_ON_A_PAGE - 1]
    if place == "left":
        return f"place=left&after_id={last.id}"
    return f"place={place}&after={last.line_rank if place == 'line' else last.seat_number}"


def _wish(form: FormMultiDict) -> Wish | None:
    """What the form asks for; None where nobody is ticked, or it could not have been sent by the page."""
    try:
        chosen = tuple(dict.fromkeys(UUID(str(one)) for one in form.getall("chosen", [])))
        to = UUID(str(form["to"])) if form.get("to") else None
    except ValueError:
        return None
    action: Action | None = next((one for one in get_args(Action) if one == form.get("action")), None)
    if action is None or not 0 < len(chosen) <= _MOST_CHOSEN:
        return None
    return Wish(action=action, chosen=chosen, to=to, is_confirmed=form.get("confirmed") == "yes")


ROUTES = [read, change]
