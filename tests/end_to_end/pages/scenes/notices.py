"""Pages of e-mail."""

from uuid import uuid4

from tests.end_to_end.pages.scenes.scene import ARABIC, Open, Scenes, open_as
from tests.enrollment.visitors import add_person, fresh_email

#: What the rows of the page say, each with another explanation.
REFUSED = (("reminder", "550 5.1.1"), ("offer", "552 5.2.2"), ("sign-in", "554 5.7.1"), ("dates", "malformed"))

PAGES: dict[str, Open] = {
    "mailbox": lambda page, scenes: page.goto(f"{scenes.enrollment_url}/mailbox"),
    "refusals": lambda page, scenes: open_as(page, scenes, scenes.coordinator_id, "/staff/letters?all=yes"),
    "refusals-none": lambda page, scenes: open_as(
        page, scenes, scenes.coordinator_id, f"/staff/letters?person_id={uuid4()}"
    ),
}


async def add(scenes: Scenes) -> dict[str, object]:
    """Letters that were refused, one of them seen, and one to somebody who is gone."""
    person_id = await add_person(scenes.pool, scenes.organization_id, fresh_email(), name=f"Layla {ARABIC}")
    for number, (kind, code) in enumerate(REFUSED):
        await scenes.pool.execute(
            "INSERT INTO mail_refusal (id, organization_id, person_id, kind, code, refused_at, seen_by, seen_at)"
            " VALUES ($1, $2, $3, $4, $5, now(), $6::uuid, CASE WHEN $6::uuid IS NOT NULL THEN now() END)",
            uuid4(), scenes.organization_id, person_id if number else None, kind, code,
            scenes.coordinator_id if number == 1 else None,
        )  # fmt: skip
    return {}
