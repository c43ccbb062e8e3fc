"""Whatever staff decide about people stands in the journal with who did it."""

from uuid import UUID, uuid4

from shared.postgres import Pool
from tests.builders import build
from tests.enrollment.cast import asked
from tests.enrollment.staff import plan, signed_in
from tests.enrollment.visitors import Served, add_person, browser, fresh_email


async def noted(pool: Pool, *objects: UUID) -> list[tuple[str, UUID]]:
    """The actions on these objects with who did them, in order."""
    rows = await pool.fetch(
        "SELECT action, person_id FROM journal_entry WHERE object_id = ANY ($1) ORDER BY at, action", list(objects)
    )
    return [(row["action"], row["person_id"]) for row in rows]


async def test_deciding_reversing_revoking_and_roles_are_noted_once(served: Served, enrollment_pool: Pool) -> None:
    async with enrollment_pool.acquire() as connection:
        built = await build(connection, people=3, ask_issuer=False)  # type: ignore[arg-type]  # the pool's proxy is one
    first, second, _ = built.enrollment_ids
    async with browser(served) as staff:
        staff.cookie_jar.update_cookies({"laurel_session": built.session})
        decisions = f"/api/cohorts/{built.cohort_id}/completions"
        reversal = f"/api/enrollments/{first}/completion/reversal"
        for _ in range(2):
            body = {"completed": [str(first), str(second)]}
            assert (await asked(staff, "PUT", decisions, json=body))[0] == 200
        for _ in range(2):
            assert (await asked(staff, "PUT", reversal, json={"reason": "A mistake"}))[0] == 200
        award_id = await enrollment_pool.fetchval("SELECT id FROM award WHERE enrollment_id = $1", second)
        for _ in range(2):
            path = f"/api/awards/{award_id}/revocation"
            assert (await asked(staff, "PUT", path, json={"reason": "Another mistake"}))[0] == 200
        roles = f"/api/people/{built.person_ids[2]}/roles"
        assert (await asked(staff, "PUT", roles, json={"roles": ["coordinator"]}))[0] == 200
    found = await noted(enrollment_pool, built.cohort_id, first, award_id, built.person_ids[2])
    by = built.staff_id
    assert found == [
        ("completion.decide", by), ("completion.reverse", by), ("award.revoke", by), ("role.write", by),
    ]  # fmt: skip


async def test_moving_people_is_noted_of_each(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    coordinator = await add_person(enrollment_pool, organization, fresh_email(), "coordinator")
    async with signed_in(served, enrollment_pool, organization, person_id=coordinator) as staff:
        planned = await plan(staff, seats=0)
        slug = await enrollment_pool.fetchval("SELECT slug FROM organization WHERE id = $1", organization)
        enrollment_id = uuid4()
        path = f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{enrollment_id}"
        person = {"name": "Ana Lim", "email": fresh_email(), "shows_name": True}
        assert (await asked(staff, "PUT", path, json=person))[0] in (200, 201)
        for _ in range(2):
            assert (await asked(staff, "PUT", f"/api/enrollments/{enrollment_id}/selection"))[0] == 200
        places = f"/{slug}/staff/cohorts/{planned.cohort_id}/places"
        form = {"action": "withdraw", "chosen": str(enrollment_id), "confirmed": "yes"}
        async with staff.post(places, data=form, headers={"Accept": "text/html"}) as answer:
            assert answer.status == 200
    found = await noted(enrollment_pool, enrollment_id)
    assert set(found) == {("place.select", coordinator), ("place.withdraw", coordinator)}
