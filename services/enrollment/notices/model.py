"""What is written to a person: a list of paragraphs, from which the text and the HTML of a letter are made."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from shared.pages.rendering import LANGUAGES
from shared.words import N_

#: Whatever could end a header field or change how it is shown.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")

Kind = Literal[
    "sign-in",
    "role",
    "place",
    "offer",
    "dates",
    "reminder",
    "evidence",
    "badge",
    "stipend",
    "message",
    "data",
    "record",
]
#: What each kind of letter is called where staff read that one was refused.
KINDS: dict[Kind, str] = {
    "sign-in": N_("Sign-in link"),
    "role": N_("Given or taken role"),
    "place": N_("Seat or waiting list"),
    "offer": N_("Offer of a seat"),
    "dates": N_("Changed dates"),
    "reminder": N_("Reminder of a session"),
    "evidence": N_("Evidence that was reviewed"),
    "badge": N_("Badge or completion"),
    "stipend": N_("Stipend"),
    "message": N_("Message to a cohort"),
    "data": N_("What became of their data"),
    "record": N_("Record that somebody sent"),
}


#: The end of the address that is left of who was erased or merged (RFC 2606); nobody can give one that ends so.
NOBODYS = ".invalid"


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a letter goes to: a normalized address, the language they read, and who they are, where that is known."""

    email: str
    language: str
    person_id: UUID | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True, tag="link"):
    """An address to follow, under the words that say what for."""

    words: str
    url: str


class Listing(msgspec.Struct, frozen=True, kw_only=True, tag="listing"):
    """A list under its heading."""

    words: str
    items: tuple[str, ...]


class Quote(msgspec.Struct, frozen=True, kw_only=True, tag="quote"):
    """What somebody else wrote, set off from what we write."""

    text: str


class Code(msgspec.Struct, frozen=True, kw_only=True, tag="code"):
    """Something to type elsewhere, under the words that say where."""

    words: str
    code: str


#: A text is a paragraph; its line breaks stay.
Part = str | Link | Listing | Quote | Code


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to one person; `recipient` is a normalized address, `language` one of ours."""

    recipient: str
    person_id: UUID | None = None
    language: str
    kind: Kind
    #: The organization it is from, shown as the sender's name.
    sender_name: str
    subject: str
    parts: tuple[str | Link | Listing | Quote | Code, ...]
    #: An iCalendar object that travels with it (RFC 5546).
    calendar: str | None = None
    #: After this it helps nobody and is dropped, such as a link that has expired.
    useful_until: datetime | None = None

    @property
    def text(self) -> str:
        """The letter without HTML."""
        return "\n\n".join(_text(one) for one in self.parts) + "\n"


class MailboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the development mailbox, where there is no mail server."""

    id: UUID
    recipient: str
    subject: str
    body: str
    html: str | None = None
    calendar: str | None = None
    sent_at: datetime


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A letter that a mail server refused for good; `code` is its answer's number, such as `550 5.1.1`."""

    id: UUID
    person_id: UUID | None
    person_name: str | None
    person_email: str | None
    kind: Kind
    code: str
    refused_at: datetime
    seen_by_name: str | None
    seen_at: datetime | None

    @property
    def meaning(self) -> str:
        """What the code says, and what to do."""
        enhanced = self.code.partition(" ")[2]
        return next((told for begins, told in _MEANINGS if enhanced.startswith(begins)), _meaning_of(self.code))


_NO_SUCH = N_("The mailbox does not exist. Check the address with the person.")
_POLICY = N_("The mail server refuses our e-mail. Ask whoever runs this service to look at the mail settings.")
#: By RFC 3463: the subject of the code, and what it means to whoever wrote.
_MEANINGS: tuple[tuple[str, str], ...] = (
    ("5.2.2", N_("The mailbox is full. Tell the person another way.")),
    ("5.2", N_("The mailbox takes no messages now. Tell the person another way.")),
    ("5.1", _NO_SUCH),
    ("5.3.4", N_("The message is too large for the mailbox. Tell the person another way.")),
    ("5.7", _POLICY),
)


def _meaning_of(code: str) -> str:
    if code == "malformed":
        return N_("The address cannot be written to. Correct it.")
    return _NO_SUCH if code.startswith(("550", "551", "553")) else _POLICY


def letter(
    to: Addressee,
    *,
    kind: Kind,
    sender_name: str,
    subject: str,
    parts: Sequence[Part],
    calendar: str | None = None,
    useful_until: datetime | None = None,
) -> Mail:
    """A letter to somebody."""
    return Mail(
        recipient=to.email,
        person_id=to.person_id,
        language=read_by(to.language),
        kind=kind,
        sender_name=sender_name,
        subject=subject,
        parts=tuple(one for one in parts if one),
        calendar=calendar,
        useful_until=useful_until,
    )


def read_by(language: str) -> str:
    """The language in which we write to somebody who reads this one."""
    return language if language in LANGUAGES else LANGUAGES[0]


def one_line(text: str) -> str:
    """A text for a header field: without line breaks, controls and changes of direction."""
    return _CONTROL.sub(" ", text).strip()


def _text(part: Part) -> str:
    match part:
        case str():
            return part
        case Link():
            return f"{part.words}\n{part.url}"
        case Listing():
            return "\n".join([part.words, *(f"- {one}" for one in part.items)])
        case Quote():
            return part.text.strip()
        case Code():
            return f"{part.words}\n{part.code}"
