"""A badge after it was issued: staff see a correction before they ask for it; its holder is told, also of its end."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import msgspec
import pytest

from services.enrollment.completions.badges import changing, ending
from services.enrollment.completions.badges.changing import CorrectionMessage, RenewalMessage
from services.enrollment.completions.badges.model import Wish
from services.enrollment.completions.model import months_after
from services.enrollment.people.model import Viewer
from shared.clock import system_clock
from shared.contracts import AwardRequest, CredentialReason
from shared.postgres import Pool
from shared.problems import NotFoundError
from tests.builders import Built
from tests.enrollment.cast import asked
from tests.enrollment.completions import test_letters_and_progress as letters
from tests.enrollment.completions.test_completion_page import sent, shown
from tests.enrollment.completions.test_letters_and_progress import answer, award, take
from tests.enrollment.houses import house_at
from tests.enrollment.staff import mails
from tests.enrollment.visitors import add_person, fresh_email

built, email, staff = letters.built, letters.email, letters.staff
RECORDS = """
SELECT a.payload, a.says, d.credit_minutes FROM award a JOIN completion d USING (enrollment_id) WHERE a.id = $1
"""
END = datetime(2033, 6, 1, 12, tzinfo=UTC)


class Issued(msgspec.Struct, frozen=True):
    """Somebody's badge, and the page of it."""

    id: UUID
    path: str
    built: Built
    pool: Pool

    async def waiting(self, topic: str) -> list[bytes]:
        """What waits to be asked of the issuer."""
        rows = await self.pool.fetch("SELECT payload FROM outbox WHERE topic = $1 AND key = $2", topic, self.id)
        return [row["payload"] for row in rows]

    async def take(self, *, revision: int, change_id: UUID, reason: CredentialReason, **more: Any) -> None:
        """The issuer has made a change."""
        told = msgspec.structs.replace(
            answer(self.id, "issued", revision=revision), change_id=change_id, reason=reason, **more
        )
        await take(self.pool, self.built, told)

    async def journal(self) -> list[str]:
        """What was noted about it."""
        rows = await self.pool.fetch("SELECT action FROM journal_entry WHERE object_id = $1 ORDER BY at", self.id)
        return [row["action"] for row in rows]


@pytest.fixture
async def badge(enrollment_pool: Pool, built: Built, email: str, staff: aiohttp.ClientSession) -> Issued:
    """A badge that was issued."""
    award_id = await award(staff, built)
    await take(enrollment_pool, built, answer(award_id, "issued", revision=1))
    path = f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion/{built.enrollment_ids[0]}/badge"
    return Issued(award_id, path, built, enrollment_pool)


async def asked_once(staff: aiohttp.ClientSession, badge: Issued, **fields: str) -> tuple[str, list[tuple[str, str]]]:
    """The page that shows what would change, and what its button sends."""
    values = {"holder_name": "Person 0", "hours": "3", **fields}
    status, html = await sent(staff, f"{badge.path}/correction", list(values.items()))
    assert status == 200
    return html, re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html)


async def test_a_correction_is_shown_before_it_is_asked_for_in_one_call(
    enrollment_pool: Pool, badge: Issued, email: str, staff: aiohttp.ClientSession
) -> None:
    assert 'value="Person 0"' in await shown(staff, badge.path)
    html, hidden = await asked_once(staff, badge, holder_name="Pérsön Zero", hours="2,5")
    assert "Pérsön Zero" in html
    assert re.search(r"<td[^>]*>3</td>\s*<td[^>]*>2.5</td>", html)
    assert await badge.waiting("correction") == []
    for _ in range(2):
        status, html = await sent(staff, f"{badge.path}/correction", hidden)
        assert (status, "A change is being signed" in html) == (303, True)
    [payload] = await badge.waiting("correction")
    message = msgspec.json.decode(payload, type=CorrectionMessage)
    assert (message.content.holder_name, message.content.credit_minutes) == ("Pérsön Zero", 150)
    assert message.content.evidence is msgspec.UNSET
    assert str(message.change_id) == dict(hidden)["change_id"]
    assert await badge.journal() == ["badge.correct"]
    row = await enrollment_pool.fetchrow(RECORDS, badge.id)
    assert row is not None
    assert row["credit_minutes"] == 180, "until it is signed, the record goes with the badge that there is"
    says = msgspec.json.decode(row["says"], type=AwardRequest)
    assert says.holder_name == "Pérsön Zero"
    assert says.awarded_at == msgspec.json.decode(row["payload"], type=AwardRequest).awarded_at

    for revision in (2, 2, 3):
        await badge.take(revision=revision, change_id=message.change_id, reason="correction")
    row = await enrollment_pool.fetchrow(RECORDS, badge.id)
    assert row is not None
    assert row["credit_minutes"] == 150
    [letter] = await mails(staff, email, "Your badge for Cohort was corrected")
    assert "your name, the hours" in letter["body"]
    assert "Pérsön Zero" in (page := await shown(staff, badge.path))
    assert "A change is being signed" not in page
    kinds = await enrollment_pool.fetch(
        "SELECT type FROM event WHERE organization_id = $1 AND type LIKE 'badge.%'", badge.built.organization_id
    )
    assert sorted(row["type"] for row in kinds) == ["badge.corrected", "badge.issued"]


async def test_what_cannot_be_corrected_is_said(badge: Issued, staff: aiohttp.ClientSession) -> None:
    status, html = await sent(staff, f"{badge.path}/correction", [("holder_name", "Person 0"), ("hours", "3")])
    assert (status, "says all of it already" in html) == (409, True)
    for hours in ("many", "-1", "1e9", "", "99999999"):
        status, html = await sent(staff, f"{badge.path}/correction", [("holder_name", "P"), ("hours", hours)])
        assert (status, "Give the hours as a number" in html) == (422, True)
    _, hidden = await asked_once(staff, badge, hours="2")
    assert (await sent(staff, f"{badge.path}/correction", hidden))[0] == 303
    status, html = await sent(staff, f"{badge.path}/correction", [("holder_name", "Q"), ("hours", "1")])
    assert (status, "Another change" in html) == (409, True)
    path = f"/api/awards/{badge.id}/corrections/{uuid4()}"
    assert (await asked(staff, "PUT", path, json={"credit_minutes": 1}))[0] == 409
    again = f"/api/awards/{badge.id}/corrections/{dict(hidden)['change_id']}"
    assert (await asked(staff, "PUT", again, json={"credit_minutes": 120}))[0] == 200
    assert (await asked(staff, "PUT", again.replace("corrections", "renewals"), json={"valid_until": None}))[0] == 409
    assert len(await badge.waiting("correction")) == 1


async def test_nobody_changes_their_own_badge(
    enrollment_pool: Pool, badge: Issued, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute(
        "UPDATE enrollment SET person_id = $2 WHERE id = $1", badge.built.enrollment_ids[0], badge.built.staff_id
    )
    assert "Correct what it says" not in await shown(staff, badge.path)
    for what, fields in (
        ("correction", [("holder_name", "X"), ("hours", "1")]),
        ("renewal", [("valid_until", ""), ("change_id", str(uuid4()))]),
        ("revocation", [("reason", "X"), ("category", "other")]),
    ):
        status, html = await sent(staff, f"{badge.path}/{what}", fields)
        assert (status, "nobody changes their own badge" in html) == (409, True), what
    assert await badge.waiting("correction") == await badge.waiting("revocation") == []


async def test_whose_record_was_merged_a_moment_ago_changes_no_badge(enrollment_pool: Pool, badge: Issued) -> None:
    organization_id, staff_id = badge.built.organization_id, badge.built.staff_id
    kept = await add_person(enrollment_pool, organization_id, fresh_email())
    await enrollment_pool.execute("UPDATE person SET merged_into = $2 WHERE id = $1", staff_id, kept)
    gone = Viewer(organization_id=organization_id, person_id=staff_id, roles=frozenset({"administrator"}))
    async with house_at(enrollment_pool, system_clock) as house:
        with pytest.raises(NotFoundError):
            await changing.renew(house, gone, badge.id, uuid4(), valid_until=END)
        with pytest.raises(NotFoundError):
            await changing.correct(house, gone, badge.id, uuid4(), Wish(holder_name="Zoë"))
    assert await badge.journal() == []


async def test_a_badge_is_revoked_with_its_kind_of_reason_and_a_note_that_stays_here(
    enrollment_pool: Pool, badge: Issued, email: str, staff: aiohttp.ClientSession
) -> None:
    fields = [("reason", "Counted twice"), ("note", "Ask Zoë."), ("category", "issued-in-error")]
    assert (await sent(staff, f"{badge.path}/revocation", fields[:2]))[0] == 422
    status, html = await sent(staff, f"{badge.path}/revocation", fields)
    assert (status, "Ask Zoë." in html, "It was issued in error" in html) == (303, True, True)
    [payload] = await badge.waiting("revocation")
    told = msgspec.json.decode(payload)
    assert (told["reason"], told["category"], "note" in told) == ("Counted twice", "issued-in-error", False)
    for _ in range(2):
        [letter] = await mails(staff, email, "Your badge for Cohort was revoked")
        assert "Counted twice" in letter["body"]
        assert "Zoë" not in letter["body"]
        assert (await sent(staff, f"{badge.path}/revocation", fields))[0] == 303
    status, html = await sent(staff, f"{badge.path}/correction", [("holder_name", "Q"), ("hours", "1")])
    assert (status, "not in force" in html) == (409, True)


async def test_whoever_names_somebody_who_chose_not_to_be_is_warned(
    enrollment_pool: Pool, built: Built, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute("UPDATE enrollment SET shows_name = false WHERE id = $1", built.enrollment_ids[0])
    award_id = await award(staff, built)
    await take(enrollment_pool, built, answer(award_id, "issued", revision=1))
    path = f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion/{built.enrollment_ids[0]}/badge"
    badge = Issued(award_id, path, built, enrollment_pool)
    assert "names nobody" in (await asked_once(staff, badge))[0]
    assert "names nobody" not in (await asked_once(staff, badge, holder_name="", hours="2"))[0]


async def test_the_programs_term_is_the_badges_end_and_a_renewal_moves_it(
    enrollment_pool: Pool, built: Built, email: str, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute(
        "UPDATE program SET badge_months = 12 WHERE organization_id = $1", built.organization_id
    )
    award_id = await award(staff, built)
    payload = await enrollment_pool.fetchval("SELECT payload FROM award WHERE id = $1", award_id)
    asked_for = msgspec.json.decode(payload, type=AwardRequest)
    until = months_after(asked_for.awarded_at, 12)
    assert asked_for.valid_until == until
    await take(
        enrollment_pool, built, msgspec.structs.replace(answer(award_id, "issued", revision=1), valid_until=until)
    )
    path = f"/{built.slug}/staff/cohorts/{built.cohort_id}/completion/{built.enrollment_ids[0]}/badge"
    badge = Issued(award_id, path, built, enrollment_pool)
    html = await shown(staff, path)
    [change_id] = re.findall(r'name="change_id" value="([^"]+)"', html)
    [wanted] = re.findall(r'name="valid_until" type="date" value="([^"]+)"', html)
    over = [("valid_until", "2020-01-01"), ("change_id", change_id)]
    assert (await sent(staff, f"{path}/renewal", over))[0] == 422
    for _ in range(2):
        assert (await sent(staff, f"{path}/renewal", [("valid_until", wanted), ("change_id", change_id)]))[0] == 303
    [payload] = await badge.waiting("renewal")
    message = msgspec.json.decode(payload, type=RenewalMessage)
    assert str(message.change_id) == change_id
    assert isinstance(message.content.valid_until, datetime)
    await badge.take(revision=2, change_id=message.change_id, reason="renewal", valid_until=message.content.valid_until)
    [letter] = await mails(staff, email, "Your badge for Cohort was renewed")
    assert "is valid until" in letter["body"]
    assert await badge.journal() == ["badge.renew"]


async def told(pool: Pool, badge: Issued, moment: datetime) -> list[int]:
    """Let the clock be looked at; how many days ahead of its end the holder has been told of it so far."""
    async with house_at(pool, lambda: moment) as house:
        await ending.tell(house)
    rows = await pool.fetch("SELECT days FROM award_reminder WHERE award_id = $1 ORDER BY sent_at", badge.id)
    return [row["days"] for row in rows]


async def test_the_holder_is_told_ninety_thirty_and_seven_days_before_the_end_once_each(
    enrollment_pool: Pool, badge: Issued, email: str, staff: aiohttp.ClientSession
) -> None:
    await enrollment_pool.execute("UPDATE award SET valid_until = $2 WHERE id = $1", badge.id, END)
    for days, expected in ((91, []), (90, [90]), (45, [90]), (30, [90, 30]), (8, [90, 30]), (6, [90, 30, 7])):
        for _ in range(2):
            assert await told(enrollment_pool, badge, END - timedelta(days=days)) == expected
    assert await told(enrollment_pool, badge, END + timedelta(days=1)) == [90, 30, 7]
    letters = await mails(staff, email, "Your badge for Cohort expires in", number=3)
    assert sorted(one["subject"].rpartition(" in ")[2] for one in letters) == ["30 days", "6 days", "90 days"]
    # Another end is told of anew; what was revoked is not told of.
    await enrollment_pool.execute("UPDATE award SET valid_until = $2 WHERE id = $1", badge.id, END + timedelta(days=1))
    await enrollment_pool.execute("UPDATE award SET revocation_reason = 'X' WHERE id = $1", badge.id)
    assert await told(enrollment_pool, badge, END - timedelta(days=5)) == [90, 30, 7]
    await enrollment_pool.execute("UPDATE award SET revocation_reason = NULL WHERE id = $1", badge.id)
    assert await told(enrollment_pool, badge, END - timedelta(days=5)) == [90, 30, 7, 7]


def test_months_end_with_the_shorter_month() -> None:
    assert months_after(datetime(2024, 1, 31, 9, tzinfo=UTC), 1) == datetime(2024, 2, 29, 9, tzinfo=UTC)
    assert months_after(datetime(2023, 12, 31, tzinfo=UTC), 14) == datetime(2025, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2024, 11, 30, tzinfo=UTC), 1) == datetime(2024, 12, 30, tzinfo=UTC)
    assert system_clock() < months_after(system_clock(), 1)
