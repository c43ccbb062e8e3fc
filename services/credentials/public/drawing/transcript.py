"""The transcript: what a person learned, cohort by cohort, with the signed record attached to its pages as a file."""

from collections.abc import Callable
from datetime import date, datetime

import msgspec
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from msgspec import UnsetType

from services.credentials.public.drawing import artwork
from services.credentials.public.drawing.certificate import (
    CREDENTIAL,
    MEDIA_TYPE,
    PAPERS,
    Translate,
    environment_of,
    readable,
    span,
)
from services.credentials.public.drawing.lettering import plain
from services.credentials.public.drawing.papers import Paper
from shared.documents import Attachment, DocumentPool, Picture
from shared.records import RecordEntry, RecordRequest

#: Of one transcript: thirty cohorts of a hundred sessions take less.
_MOST_PAGES = 200


class TranscriptContent(msgspec.Struct, frozen=True, kw_only=True):
    """All that a transcript shows."""

    record: RecordRequest
    issuer_name: str
    is_demonstration: bool
    #: Where anybody verifies the file.
    verify_url: str
    #: When the record was signed: the date of the file, so that equal content gives equal bytes.
    issued_at: datetime
    language: str = "en"
    paper: Paper = "letter"


async def render(
    pool: DocumentPool, content: TranscriptContent, credential: str, *, translate: Translate = str
) -> bytes:
    """The transcript as PDF/A-3a with `credential`, the signed JSON, attached; equal arguments give equal bytes.

    The errors are those of the pool.
    """
    attachment = Attachment(
        name=CREDENTIAL,
        media_type=MEDIA_TYPE,
        content=credential.encode(),
        description=translate("The signed Open Badges credential that this transcript shows"),
        relationship="Data",
    )
    mark = Picture(name="mark", media_type="image/svg+xml", content=artwork.mark(content.record.accent))
    return await pool.render(
        html(content, translate=translate),
        created=content.issued_at,
        attachments=[attachment],
        pictures=[mark],
        max_pages=_MOST_PAGES,
    )


def html(content: TranscriptContent, *, translate: Translate = str) -> str:
    """The pages."""
    record, locale = content.record, Locale.parse(content.language, sep="-")
    # Portrait, as a letter is.
    high, wide = PAPERS[content.paper]
    email = record.contact.email
    return (
        environment_of(translate)
        .get_template("transcript.html")
        .render(
            lang=content.language,
            dir=locale.text_direction,
            accent=readable(record.accent),
            wide=wide,
            high=high,
            is_demonstration=content.is_demonstration,
            issuer=plain(content.issuer_name),
            holder=plain(record.holder_name),
            recipient=plain(record.recipient_name),
            made_on=_long(record.made_at.date(), locale),
            hours=_hours(record.credit_minutes, locale),
            dates=span(record.activity_start, record.activity_end, locale),
            entries=[_entry(one, locale, translate) for one in record.entries],
            contact_name=plain(record.contact.name),
            contact_url=record.contact.url,
            contact_email="" if isinstance(email, UnsetType) else email,
            verify_url=content.verify_url,
        )
    )


def _entry(entry: RecordEntry, locale: Locale, translate: Callable[[str], str]) -> dict[str, object]:
    modes = {"in person": translate("In person"), "virtual": translate("Online"), None: translate("Made up for")}
    return {
        "program": plain(entry.program_name),
        "level": plain(entry.level_name),
        "cohort": plain(entry.cohort_name),
        "region": plain(entry.region),
        "dates": span(entry.activity_start, entry.activity_end, locale),
        "completed_on": _long(entry.completed_on, locale),
        "hours": _hours(entry.credit_minutes, locale),
        "provider": plain(entry.provider.name),
        "provider_number": plain(entry.provider.number or ""),
        "sessions": [
            (
                format_date(one.held_on, "medium", locale=locale),
                plain(one.title),
                modes[one.mode],
                _hours(one.credit_minutes, locale),
            )
            for one in entry.sessions
        ],
        "topics": [plain(one) for one in entry.topics],
        "results": [(plain(one.name), plain(one.found)) for one in entry.results],
    }


def _hours(minutes: int, locale: Locale) -> str:
    return str(format_decimal(minutes / 60, locale=locale))


def _long(day: date, locale: Locale) -> str:
    return str(format_date(day, "long", locale=locale))
