"""The log's page: for administrators, by person, object, action and date, a page at a time."""

import re
from uuid import UUID, uuid4

from services.enrollment.journal import actions
from shared.postgres import Pool
from tests.enrollment.overview.test_overview import built, complete, shown
from tests.enrollment.queries import counting_queries
from tests.enrollment.staff import signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


def said(text: str) -> list[str]:
    """What the entries say was done, the newest first."""
    return re.findall(r"<td[^>]*>([^<]*)</td>\s*<td[^>]*>(?:<a|<span)", text)


async def test_opening_a_persons_page_is_noted_and_found_from_there(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    slug = await slug_of(enrollment_pool, organization)
    ana = await add_person(enrollment_pool, organization, fresh_email(), name="Ana Öz")
    async with signed_in(served, enrollment_pool, organization, "administrator") as staff:
        people = await shown(staff, f"/{slug}/staff/people?words=ana+%C3%B6z")
        assert f"/{slug}/staff/people/{ana}" in people
        assert "journal" in await shown(staff, f"/{slug}/staff/people/{ana}")
        text = await shown(staff, f"/{slug}/staff/journal?object={ana}")
        assert said(text) == ["Opened a person&#39;s page"]
        assert text.count("Ana Öz") == 2
        assert said(await shown(staff, f"/{slug}/staff/journal?person={ana}")) == []
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        await shown(staff, f"/{slug}/staff/journal", status=403)
        assert "journal" not in await shown(staff, f"/{slug}/staff/people/{ana}")


async def test_it_is_narrowed_by_who_what_and_when(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    slug, email = await slug_of(enrollment_pool, organization), fresh_email()
    ana = await add_person(enrollment_pool, organization, email)
    for number in range(120):
        await actions.note(
            enrollment_pool, organization_id=organization, person_id=ana if number % 2 else None,
            action="export.make" if number % 3 else "message.send", object_kind="people", note={"rows": number},
        )  # fmt: skip
    await enrollment_pool.execute(
        "UPDATE organization SET time_zone = 'Pacific/Kiritimati' WHERE id = $1", organization
    )
    async with signed_in(served, enrollment_pool, organization, "administrator") as staff:
        base = f"/{slug}/staff/journal"
        seen: list[str] = []
        text = await shown(staff, base)
        with counting_queries() as asked:
            await shown(staff, base)
        assert asked() <= 6
        while True:
            seen += re.findall(r"rows=(\d+)", text)
            onward = re.search(r'rel="next" href="([^"]+)"', text)
            if onward is None:
                break
            text = await shown(staff, base + onward[1].replace("&amp;", "&"))
        assert [int(one) for one in seen] == list(reversed(range(120)))
        assert len(said(await shown(staff, f"{base}?who={email.upper()}&action=message.send"))) == 20
        assert said(await shown(staff, f"{base}?who=nobody@example.org")) == []
        today = await enrollment_pool.fetchval("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date")
        assert len(said(await shown(staff, f"{base}?since={today}&until={today}"))) == 50
        assert said(await shown(staff, f"{base}?until=2020-01-01")) == []
        for query, field in (
            ("since=soon", "since"),
            ("person=x", "person"),
            ("after=x", "after"),
            ("until=9999-12-31", "until"),
        ):
            assert f"#{field}" in await shown(staff, f"{base}?{query}", status=422)


async def test_who_opens_what_is_about_somebody_is_noted(served: Served, enrollment_pool: Pool) -> None:
    one = await built(enrollment_pool, people=2)
    await complete(enrollment_pool, one, number=1, days=1)
    stipend_id, [enrollment_id, _] = uuid4(), one.enrollment_ids
    await enrollment_pool.execute(
        "INSERT INTO stipend (id, organization_id, enrollment_id, state, plan, asked_cents, applied_at)"
        " VALUES ($1, $2, $3, 'applied', 'Private', 100, now())",
        stipend_id, one.organization_id, enrollment_id,
    )  # fmt: skip
    opened = (
        f"/{one.slug}/staff/cohorts/{one.cohort_id}/completion/{enrollment_id}",
        f"/{one.slug}/staff/stipends/{stipend_id}",
        f"/api/people/{one.person_ids[0]}",
        f"/{one.slug}/staff/people/{one.person_ids[0]}",
    )
    missing = (
        f"/{one.slug}/staff/cohorts/{one.cohort_id}/completion/{uuid4()}",
        f"/{one.slug}/staff/stipends/{uuid4()}",
        f"/api/people/{uuid4()}",
        f"/{one.slug}/staff/people/{uuid4()}",
    )
    async with signed_in(served, enrollment_pool, one.organization_id, "administrator") as staff:
        for path in missing:
            await shown(staff, path, status=404)
        for path in opened:
            await shown(staff, path)
        text = await shown(staff, f"/{one.slug}/staff/journal")
    assert said(text) == [
        "Opened a person&#39;s page",
        "Opened a person&#39;s page",
        "Opened an application for a stipend",
        "Opened how somebody stands in a cohort",
    ]
    assert "Private" not in text
