"""What staff change about programs, cohorts, people and what there is to read is noted, by ids, each time once."""

from typing import Any
from uuid import UUID, uuid4

from shared.postgres import Pool
from tests.enrollment.staff import call, plan, put, signed_in
from tests.enrollment.visitors import Served, add_person, fresh_email, slug_of


async def entries(pool: Pool, person_id: UUID) -> list[tuple[str, str, Any]]:
    """What somebody did, in order, as (action, kind of thing, note)."""
    rows = await pool.fetch(
        "SELECT action, object_kind, note FROM journal_entry WHERE person_id = $1 AND action NOT LIKE '%.read'"
        " ORDER BY at, action, note::text",
        person_id,
    )
    return [(row["action"], row["object_kind"], row["note"]) for row in rows]


async def test_whatever_is_planned_is_noted(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    pool, slug = enrollment_pool, await slug_of(enrollment_pool, organization)
    person = await add_person(pool, organization, fresh_email(), "coordinator")
    async with signed_in(served, pool, organization, person_id=person) as staff:
        planned = await plan(staff, seats=2)
        assert await entries(pool, person) == [
            ("program.write", "program", None),
            ("level.write", "level", None),
            ("curriculum.write", "curriculum", None),
            ("cohort.write", "cohort", None),
            ("cohort.seats", "cohort", {"seats": "2"}),
        ]
        before = len(await entries(pool, person))
        await put(staff, f"/api/cohorts/{planned.cohort_id}/seats", {"seats": 2})
        new_id, invitation_id, email = uuid4(), uuid4(), fresh_email()
        for _ in range(2):
            await put(staff, f"/api/people/{new_id}", {"name": "Eva Ruiz", "email": email})
        await put(staff, f"/api/cohorts/{planned.cohort_id}/admission", {"kind": "open"})
        code = {"code": "SPRING26", "most_uses": 3}
        await put(staff, f"/api/cohorts/{planned.cohort_id}/invitations/{invitation_id}", code)
        await put(staff, f"/api/programs/{planned.program_id}/members", {"emails": [fresh_email(), fresh_email()]})
        async with staff.post(f"/{slug}/staff/curricula/{planned.curriculum_id}/next") as answer:
            assert answer.status == 200
        reading = {"program_id": str(planned.program_id), "title": "A book", "link": "https://books.example/1"}
        async with staff.post(f"/{slug}/resources", data=reading) as answer:
            assert answer.status == 200
        identifier = uuid4()
        form = {"name": "Ana Lim", "email": fresh_email(), "shows_name": True}
        await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{identifier}", form)
        for _ in range(2):
            assert (await call(staff, "PUT", f"/api/enrollments/{identifier}/withdrawal"))[0] == 200
    assert (await entries(pool, person))[before:] == [
        ("person.write", "person", None),
        ("admission.rules", "cohort", None),
        ("admission.code", "cohort", {"invitation_id": str(invitation_id)}),
        ("program.members", "program", {"members": "2"}),
        ("curriculum.next", "curriculum", {"based_on": str(planned.curriculum_id)}),
        ("resource.add", "resource", {"program_id": str(planned.program_id)}),
        ("place.withdraw", "enrollment", None),
    ]


async def test_what_somebody_does_to_their_own_is_not_staffs(
    served: Served, enrollment_pool: Pool, organization: UUID
) -> None:
    """The control: the same route leaves no entry where a participant gives up their own place."""
    email = fresh_email()
    person, identifier = await add_person(enrollment_pool, organization, email), uuid4()
    async with signed_in(served, enrollment_pool, organization, "coordinator") as staff:
        planned, slug = await plan(staff), await slug_of(enrollment_pool, organization)
        form = {"name": "Ana Lim", "email": email, "shows_name": True}
        await put(staff, f"/api/{slug}/cohorts/{planned.cohort_id}/enrollments/{identifier}", form)
    async with signed_in(served, enrollment_pool, organization, person_id=person) as own:
        assert (await call(own, "PUT", f"/api/enrollments/{identifier}/withdrawal"))[0] == 200
    assert await entries(enrollment_pool, person) == []
