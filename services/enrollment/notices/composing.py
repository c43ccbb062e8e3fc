"""A letter as an e-mail message (RFC 5322): text and HTML side by side, and the calendar that travels with it."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import UUID

import msgspec

from services.enrollment.notices.model import Mail, one_line
from services.enrollment.pages import PAGES

_LONGEST_SUBJECT = 200
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """Whose address letters come from, and where answers to them go, if elsewhere."""

    address: str
    reply_to: str | None = None


def html(mail: Mail) -> str:
    """The letter as HTML: one file without pictures or anything else to load."""
    parts = [(type(one).__name__.lower(), one) for one in mail.parts]
    return PAGES.html("letter.html", language=mail.language, mail=mail, parts=parts)


def compose(mail: Mail, *, sender: Sender, identifier: UUID, now: datetime) -> EmailMessage:
    """The message; the same `identifier` makes the same Message-ID. ValueError for a malformed address."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(one_line(mail.sender_name), addr_spec=sender.address)
    message["To"] = Address(addr_spec=mail.recipient)
    if sender.reply_to is not None:
        message["Reply-To"] = Address(one_line(mail.sender_name), addr_spec=sender.reply_to)
    message["Subject"] = one_line(mail.subject)[:_LONGEST_SUBJECT]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{identifier}@{sender.address.rpartition('@')[2]}>"
    # RFC 3834: nobody's out-of-office reply is wanted; Exchange asks for a field of its own.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # Lines of a text may be of any length and in any script; those of a message may not.
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(html(mail), subtype="html", cte="quoted-printable")
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar)
    # Last: fields of the content go down with the text when something is put beside it.
    message["Content-Language"] = mail.language
    return message


def _add_calendar(message: EmailMessage, calendar: str) -> None:
    """What one session's file asks is an alternative that calendars act on by themselves; each is a file too."""
    found = _METHOD.search(calendar)
    method = found[1] if found else "PUBLISH"
    if method != "PUBLISH":
        # The last alternative is the one preferred, and the method has to stand in its type (RFC 6047, section 2.4).
        message.add_alternative(calendar, subtype="calendar", cte="base64", params={"method": method})
    message.add_attachment(
        calendar.encode(),
        maintype="application" if method != "PUBLISH" else "text",
        subtype="ics" if method != "PUBLISH" else "calendar",
        filename="dates.ics",
        params=None if method != "PUBLISH" else {"charset": "utf-8", "method": method},
    )
