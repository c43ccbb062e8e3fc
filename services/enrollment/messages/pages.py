"""The page from which staff and instructors write to a cohort."""

from typing import Annotated, Any, get_args
from uuid import UUID, uuid4

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta

from services.enrollment.cohorts import store as cohorts
from services.enrollment.cohorts.model import Cohort
from services.enrollment.house import House
from services.enrollment.messages import actions, store
from services.enrollment.messages.api import MOST_SHOWN
from services.enrollment.messages.model import MOST_BODY_LETTERS, MOST_SUBJECT_LETTERS, PLACES, Audience, Message
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import page
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import InvalidInputError, NotFoundError

_MESSAGES = "/{slug:str}/teach/cohorts/{cohort_id:uuid}/messages"
_AUDIENCES: tuple[Audience, ...] = get_args(Audience)


class MessageForm(msgspec.Struct, frozen=True):
    """The message; its id was made with the form, so that sending it twice sends one."""

    id: UUID
    audience: Annotated[str, Meta(max_length=40)] = "seated"
    subject: Annotated[str, Meta(max_length=4 * MOST_SUBJECT_LETTERS)] = ""
    body: Annotated[str, Meta(max_length=4 * MOST_BODY_LETTERS)] = ""


@get(_MESSAGES, opt={"policy": "message.send"}, include_in_schema=False)
async def show(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID, sent: UUID | None = None
) -> Response[str]:
    """The form, and what was sent before."""
    cohort = await _cohort(house, viewer, cohort_id)
    return await _page(house, organization, viewer, cohort, MessageForm(uuid4()), sent=sent)


@post(_MESSAGES, opt={"policy": "message.send"}, include_in_schema=False, status_code=200)
async def send(
    house: House, organization: Organization, viewer: Viewer, cohort_id: UUID,
    data: Annotated[MessageForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:  # fmt: skip
    """Send the message."""
    cohort = await _cohort(house, viewer, cohort_id)
    try:
        # Browsers send line ends as the network does.
        body = data.body.replace("\r\n", "\n")
        message = Message(id=data.id, audience=_audience(data.audience), subject=data.subject.strip(), body=body)
        found = await actions.send(house, viewer, organization, cohort_id, message)
    except InvalidInputError as error:
        return await _page(house, organization, viewer, cohort, data, errors=dict(error.errors))
    return Redirect(f"/{organization.slug}/teach/cohorts/{cohort_id}/messages?sent={found.id}", status_code=303)


def _audience(text: str) -> Audience:
    for one in _AUDIENCES:
        if one == text:
            return one
    raise InvalidInputError(("audience", "Choose who gets it."))


async def _cohort(house: House, viewer: Viewer, cohort_id: UUID) -> Cohort:
    standing = await cohorts.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, "message.send", teaches=standing.teaches)
    cohort = await cohorts.cohort(house.pool, viewer.organization_id, cohort_id)
    if cohort is None:
        raise NotFoundError
    return cohort


async def _page(
    house: House,
    organization: Organization,
    viewer: Viewer,
    cohort: Cohort,
    values: MessageForm,
    *,
    errors: dict[str, str] | None = None,
    sent: UUID | None = None,
) -> Response[str]:
    places = await store.counts(house.pool, cohort.id)
    messages = await store.messages(house.pool, viewer.organization_id, cohort.id, most=MOST_SHOWN)
    return page(
        house,
        "messages.html",
        status=422 if errors else 200,
        organization=organization,
        viewer=viewer,
        cohort=cohort,
        messages=messages,
        sent=next((one for one in messages if one.id == sent), None),
        numbers={audience: sum(places.get(one, 0) for one in PLACES[audience]) for audience in _AUDIENCES},
        most_subject=MOST_SUBJECT_LETTERS,
        most_body=MOST_BODY_LETTERS,
        values=values,
        errors=errors or {},
    )


ROUTES = [show, send]
