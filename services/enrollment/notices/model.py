"""What is written to a person, and its form as an e-mail message."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import msgspec

#: Whatever could end a header field or change how it is shown.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LONGEST_SUBJECT = 200


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A message to one person; `recipient` is a normalized address."""

    recipient: str
    subject: str
    text: str
    #: The organization it is from, shown as the sender's name.
    sender_name: str
    html: str | None = None
    #: An iCalendar object that travels with it (RFC 5546).
    calendar: str | None = None
    #: After this it helps nobody and is dropped, such as a link that has expired.
    useful_until: datetime | None = None


class MailboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the development mailbox, where there is no mail server."""

    id: UUID
    recipient: str
    subject: str
    body: str
    sent_at: datetime


def one_line(text: str) -> str:
    """A text for a header field: without line breaks, controls and changes of direction."""
    return _CONTROL.sub(" ", text).strip()


def compose(mail: Mail, *, sender: str, identifier: UUID, now: datetime) -> EmailMessage:
    """The message by RFC 5322; the same `identifier` makes the same Message-ID. ValueError for a malformed address."""
    domain = sender.rpartition("@")[2]
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(mail.sender_name), addr_spec=sender)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = one_line(mail.subject)[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{identifier}@{domain}>"
    # RFC 3834: nobody's out-of-office reply is wanted.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
    return message
