"""The letter that brings a record to its recipient."""

from services.enrollment.notices.model import Addressee, Link, Mail, letter
from services.enrollment.records.model import HeldRecord
from shared.pages.rendering import translations
from shared.records import RecordRequest


def record(held: HeldRecord, says: RecordRequest, *, email: str, link: str, sender_name: str) -> Mail:
    """The letter with the link; it is worth nothing once the link has expired."""
    _ = translations(says.language).gettext
    names = {"name": says.holder_name, "recipient": says.recipient_name, "organization": sender_name}
    return letter(
        Addressee(email=email, language=says.language),
        kind="record",
        sender_name=sender_name,
        subject=_("%(name)s sends you a record of professional learning") % names,
        parts=[
            _("%(name)s asked us to send %(recipient)s their record of professional learning with %(organization)s.")
            % names,
            Link(words=_("Open the record here. The link is meant for %(recipient)s alone:") % names, url=link),
            _("It shows the hours, dates, sessions and results, and whom to ask about them.")
            + " "
            + _("You can download it, and verify that it is genuine and unchanged."),
            _("The link works until %(moment)s.") % {"moment": held.expires_at.strftime("%Y-%m-%d %H:%M UTC")}
            + " "
            + _("%(name)s sees that the record was opened, and may withdraw it before.") % names,
        ],
        useful_until=held.expires_at,
    )
