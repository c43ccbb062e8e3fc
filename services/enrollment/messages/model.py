"""What is written to everybody in a cohort. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.enrollment.cohorts.model import Session
from services.enrollment.notices.model import Addressee
from shared.words import said

Audience = Literal["seated", "in line", "everybody"]
Place = Literal["seated", "offered", "in line"]

#: Whose place makes them part of an audience. Who holds an offer has a seat, and still has to say so.
PLACES: dict[Audience, tuple[Place, ...]] = {
    "seated": ("seated",),
    "in line": ("in line", "offered"),
    "everybody": ("seated", "offered", "in line"),
}
MOST_SUBJECT_LETTERS, MOST_BODY_LETTERS = 150, 5_000


class MessageExistsError(Exception):
    """The id belongs to another message, which was sent."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A message as somebody writes it."""

    id: UUID
    audience: Audience
    subject: str
    body: str


class SentMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was sent, by whom, and to how many."""

    id: UUID
    audience: Audience
    subject: str
    body: str
    sender_name: str
    sent_at: datetime
    recipients: int

    def says(self, message: Message) -> bool:
        """Whether it is this message."""
        return (self.id, self.audience, self.subject, self.body) == (
            message.id,
            message.audience,
            message.subject,
            message.body,
        )


def problems_of(message: Message) -> list[tuple[str, str]]:
    """What keeps a message from being sent, as (field, sentence) pairs."""
    found: list[tuple[str, str]] = []
    for field, text, most, empty in (
        ("subject", message.subject, MOST_SUBJECT_LETTERS, "Say in a few words what it is about."),
        ("body", message.body, MOST_BODY_LETTERS, "Write the message."),
    ):
        if not text.strip():
            found.append((field, empty))
        elif len(text) > most:
            found.append((field, said("Write at most %(most)s letters.", most=most)))
    return found


class Reminded(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a reminder goes to, and of which session."""

    organization_id: UUID
    organization_slug: str
    organization_name: str
    cohort_id: UUID
    cohort_name: str
    #: An IANA time zone.
    time_zone: str
    session: Session
    addressee: Addressee
