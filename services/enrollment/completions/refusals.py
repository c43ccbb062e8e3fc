"""Badges that the issuer's rules refuse: why, in words that staff can act on, and asking again when it is mended."""

from datetime import datetime
from uuid import UUID

from services.enrollment.completions import store, store_refusals
from services.enrollment.completions.actions import AWARD
from services.enrollment.completions.model import NotRefusedError, award_request
from services.enrollment.journal import actions as journal
from services.enrollment.people.model import Viewer
from shared import outbox
from shared.contracts import RuleFinding
from shared.postgres import Pool, transaction
from shared.problems import NotFoundError
from shared.words import N_

#: What staff can mend, by the issuer's rule; of all others the issuer's own sentence is shown.
SENTENCES: dict[str, str] = {
    "recipient-name": N_("The name is a placeholder, such as Test User. Correct the person's name."),
    "private-data": N_("A name or text holds an e-mail address, which the badge would show for good. Take it out."),
    "no-placeholders": N_("A text still holds a placeholder, such as {{name}} or TODO. Put in what it stands for."),
    "characters": N_("A name or text holds a character that cannot be seen or was damaged. Write it anew."),
    "hours": N_(
        "More hours are credited than the achievement has. Correct the attendance, or give the level an achievement "
        "with more hours."
    ),
    "results-described": N_(
        "A result of the rubric is none that the achievement describes. Give the level a new version of it."
    ),
    "in-its-language": N_(
        "The achievement's text is not in the language that it declares. Give the level a new version."
    ),
    "activity-order": N_("The sessions end before they begin. Correct the cohort's dates."),
    "date-zone": N_("A date is none that a program can have had. Correct the cohort's dates."),
    "line-length": N_("A name or title is longer than 300 characters. Shorten it."),
    "list-lengths": N_("There are more than 60 topics or results. A badge holds no more."),
    "openable-addresses": N_("An address of the achievement or the organization does not open. Correct it."),
    "key-valid": N_("The organization's signing key must not sign any more. Ask whoever runs Laurel for a new one."),
}


def sentence(finding: RuleFinding) -> str:
    """What a refusal says to staff."""
    return SENTENCES.get(finding.rule, finding.advice)


async def note(
    pool: Pool, organization_id: UUID, award_id: UUID, asked: bytes, findings: tuple[RuleFinding, ...], *, now: datetime
) -> None:
    """Keep for staff why the issuer refuses what was asked; it is asked again all the same."""
    await store_refusals.note(pool, organization_id, award_id, asked, findings, at=now)


async def ask_again(pool: Pool, viewer: Viewer, enrollment_id: UUID) -> UUID:
    """Ask for a refused badge with what is known now, under its id; the cohort. NotFoundError, NotRefusedError."""
    organization_id = viewer.organization_id
    async with transaction(pool) as connection:
        held = await store.hold(connection, organization_id, enrollment_id)
        cohort = None if held is None else await store.frame(connection, organization_id, held.cohort_id)
        if held is None or cohort is None:
            raise NotFoundError
        award_id = await store_refusals.lock_refused(connection, organization_id, enrollment_id)
        standings = await store.standings(connection, cohort, only=[enrollment_id])
        if award_id is None or not standings or standings[0].decided_at is None:
            raise NotRefusedError
        request = award_request(standings[0], cohort, decided_at=standings[0].decided_at)
        payload = await store_refusals.ask_anew(connection, award_id, request)
        # What waits would be refused again, or come to be after what it was mended to.
        await outbox.withdraw(connection, AWARD, award_id)
        await outbox.put(connection, organization_id=organization_id, topic=AWARD, key=award_id, payload=payload)
        await journal.note(
            connection,
            organization_id=organization_id,
            person_id=viewer.person_id,
            action="award.ask-again",
            object_kind="enrollment",
            object_id=enrollment_id,
        )
        return held.cohort_id
