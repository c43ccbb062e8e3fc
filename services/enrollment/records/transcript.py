"""One's own transcript as a PDF: the pathway in a table, then each cohort with its sessions, topics and results."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from services.enrollment.organizations.model import Organization
from services.enrollment.pages import PAGES
from services.enrollment.records.model import Achieved
from shared.documents import DocumentPool

_MOST_PAGES = 100


async def render(
    pool: DocumentPool, organization: Organization, person_name: str, everything: Sequence[Achieved], *, language: str
) -> bytes:
    """The PDF of at least one cohort; the errors are those of the pool. Equal arguments give equal bytes."""
    entries = [one.entry for one in everything]
    html = PAGES.html(
        "records_transcript.html",
        language=language,
        organization=organization,
        person_name=person_name,
        entries=entries,
        minutes=sum(one.credit_minutes for one in entries),
    )
    made = datetime.combine(max(one.completed_on for one in entries), time(), tzinfo=UTC)
    return await pool.render(html, created=made, max_pages=_MOST_PAGES)
