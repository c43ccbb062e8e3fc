"""Statements of completion as a PDF: provider of record, hours, dates, topics, license number or room for it."""

from collections.abc import Sequence

from services.enrollment.completions.model import Statement
from services.enrollment.organizations.model import Organization
from services.enrollment.pages import PAGES
from shared.contracts import Provider
from shared.documents import DocumentPool
from shared.pages.rendering import LANGUAGES


async def render(
    pool: DocumentPool,
    organization: Organization,
    statements: Sequence[Statement],
    *,
    provider: Provider | None = None,
    wording: str | None = None,
    language: str | None = None,
) -> bytes:
    """A PDF with a page for each statement, at least one; the errors are those of the pool.

    Without a `provider` the organization is the provider of record; `wording` is what a jurisdiction wants said. Equal
    arguments give equal bytes.
    """
    return await pool.render(
        html(organization, statements, provider=provider, wording=wording, language=language),
        created=max(one.decided_at for one in statements),
        # Each may run over onto a second page, where a cohort has many sessions.
        max_pages=3 * len(statements),
    )


def html(
    organization: Organization,
    statements: Sequence[Statement],
    *,
    provider: Provider | None = None,
    wording: str | None = None,
    language: str | None = None,
) -> str:
    """The document; in the person's language, where it is of one person and no other is asked for."""
    wished = language or statements[0].person_language
    return PAGES.html(
        "statement.html",
        language=wished if wished in LANGUAGES else LANGUAGES[0],
        organization=organization,
        provider=provider or Provider(name=organization.name),
        statements=statements,
        wording=wording,
    )
