"""Messages to a cohort as JSON."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, put
from msgspec import Meta

from services.enrollment.cohorts import store as cohorts
from services.enrollment.house import House
from services.enrollment.messages import actions, store
from services.enrollment.messages.model import (
    MOST_BODY_LETTERS,
    MOST_SUBJECT_LETTERS,
    Audience,
    Message,
    SentMessage,
)
from services.enrollment.organizations import store as organizations
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.problems import NotFoundError

#: The newest; older ones are in the export.
MOST_SHOWN = 100


class MessageBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A message, and who gets it."""

    audience: Audience = "seated"
    subject: Annotated[str, Meta(min_length=1, max_length=MOST_SUBJECT_LETTERS)]
    body: Annotated[str, Meta(min_length=1, max_length=MOST_BODY_LETTERS)]


class MessageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was sent."""

    id: UUID
    audience: Audience
    subject: str
    body: str
    sender_name: str
    sent_at: datetime
    recipients: int


class MessageList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest messages to a cohort, at most 100."""

    items: list[MessageAnswer]


@put(
    "/api/cohorts/{cohort_id:uuid}/messages/{message_id:uuid}",
    opt={"policy": "message.send"},
    summary="Write to everybody in a cohort",
)
async def send(house: House, viewer: Viewer, cohort_id: UUID, message_id: UUID, data: MessageBody) -> MessageAnswer:
    """Send a message under an id that the client makes; the same again sends nothing."""
    organization = await organizations.by_id(house.pool, viewer.organization_id)
    if organization is None:
        raise NotFoundError
    message = Message(id=message_id, audience=data.audience, subject=data.subject, body=data.body)
    return _answer(await actions.send(house, viewer, organization, cohort_id, message))


@get("/api/cohorts/{cohort_id:uuid}/messages", opt={"policy": "message.send"}, summary="See what was written")
async def read_all(house: House, viewer: Viewer, cohort_id: UUID) -> MessageList:
    """What was sent to the cohort, the newest first, for staff and the cohort's instructors."""
    standing = await cohorts.reading(house.pool, cohort_id, viewer.person_id)
    require(viewer, "message.send", teaches=standing.teaches)
    if await cohorts.cohort(house.pool, viewer.organization_id, cohort_id) is None:
        raise NotFoundError
    found = await store.messages(house.pool, viewer.organization_id, cohort_id, most=MOST_SHOWN)
    return MessageList(items=[_answer(one) for one in found])


def _answer(sent: SentMessage) -> MessageAnswer:
    return MessageAnswer(**msgspec.structs.asdict(sent))


ROUTES = [send, read_all]
