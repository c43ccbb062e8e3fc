"""An event as CloudEvents 1.0 says it, and the webhook endpoints that are told. Pure."""

import base64
import binascii
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from shared.problems import InvalidInputError
from shared.webhook_signing import PREFIX as SECRET_PREFIX

EventType = Literal[
    "enrollment.seated",
    "enrollment.in_line",
    "enrollment.withdrawn",
    "enrollment.offered",
    "enrollment.offer_ended",
    "enrollment.transferred",
    "attendance.recorded",
    "evidence.accepted",
    "evidence.returned",
    "completion.completed",
    "completion.not_completed",
    "completion.reversed",
    "badge.issued",
    "badge.corrected",
    "badge.renewed",
    "badge.revoked",
    "person.merged",
    "person.erased",
]

EVENT_TYPES: frozenset[str] = frozenset(get_args(EventType))
#: What stands before it in a CloudEvent.
TYPE_PREFIX = "laurel."

#: Media types of CloudEvents 1.0, JSON format, sections 3 and 4.
EVENT_MEDIA_TYPE = "application/cloudevents+json"
BATCH_MEDIA_TYPE = "application/cloudevents-batch+json"

#: Most webhook endpoints of an organization.
MOST_ENDPOINTS = 20


class UnknownCursorError(Exception):
    """The cursor is none that this feed gave."""


class EndpointExistsError(Exception):
    """The address is that of the organization's endpoint `endpoint_id`, or this id is taken by another endpoint."""

    def __init__(self, endpoint_id: UUID) -> None:
        super().__init__(endpoint_id)
        self.endpoint_id = endpoint_id


class TooManyEndpointsError(Exception):
    """The organization has as many webhook endpoints as it may; `most` is that number."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a person. `position` orders the organization's feed without gap."""

    id: UUID
    organization_id: UUID
    type: str
    person_id: UUID
    data: dict[str, Any]
    occurred_at: datetime
    position: int


class CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """CloudEvents 1.0 in JSON; `sequence` is the extension of that name."""

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: str
    data: dict[str, Any]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where an organization wants its events pushed."""

    id: UUID
    organization_id: UUID
    url: str
    sealed_secret: bytes
    state: Literal["active", "disabled"]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox payload of one event for one endpoint."""

    endpoint_id: UUID
    event_id: UUID


def cloud_event(event: Event, *, source: str) -> CloudEvent:
    """The event as others read it; `source` is the address of the enrollment service."""
    return CloudEvent(
        id=event.id,
        source=f"{source}/organizations/{event.organization_id}",
        type=f"{TYPE_PREFIX}{event.type}",
        subject=str(event.person_id),
        time=event.occurred_at,
        sequence=cursor(event.position),
        data=event.data,
    )


def cursor(position: int) -> str:
    """The cursor behind an event: fixed width, so that cursors also sort as text."""
    return f"{position:015d}"


def position(text: str | None) -> int:
    """The position that a cursor stands for, 0 without one; UnknownCursorError where it is none."""
    if text is None:
        return 0
    if not (1 <= len(text) <= 15 and text.isascii() and text.isdigit()):
        raise UnknownCursorError
    return int(text)


def known_types(asked: list[str]) -> list[str]:
    """The types asked for, without the prefix that events bear outside. InvalidInputError where there is no such."""
    wanted = [one.removeprefix(TYPE_PREFIX) for one in asked]
    if not EVENT_TYPES.issuperset(wanted):
        raise InvalidInputError(("type", f"Name types of events: {', '.join(sorted(EVENT_TYPES))}."))
    return wanted


def check_secret(secret: str) -> None:
    """InvalidInputError unless it can sign: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks 1.0.0)."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise InvalidInputError(("secret", f"Give {SECRET_PREFIX} and 24 to 64 bytes in base64, or no secret."))
