"""Routes of e-mail."""

from uuid import UUID, uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, STAFF_AT_HOME, Line
from tests.enrollment.lines.world import World

OBJECTS: dict[str, Line] = {
    "POST /{slug:str}/staff/letters/seen": Line(
        # nobody's object is in the path: at home another's administrator chooses none of their own
        (303, *AWAY[1:]),
        form=lambda world: {"chosen": str(world.more["refusal_id"])},
        home=STAFF_AT_HOME,
    ),
    # The development mailbox is open; in production there is none.
    "GET /mailbox/{letter_id:uuid}": Line((200, 200, 200, 200, 200)),
    "GET /mailbox/{letter_id:uuid}/dates.ics": Line((200, 200, 200, 200, 200)),
}
LISTS: set[str] = {"GET /{slug:str}/staff/letters"}
DOORS: set[str] = {
    "GET /api/mailbox",
    "GET /mailbox",
}


async def add(pool: Pool, world: World) -> dict[str, UUID]:
    """A letter that was refused, and a reminder that was sent."""
    refusal_id = uuid4()
    await pool.execute(
        "INSERT INTO mail_refusal (id, organization_id, person_id, kind, code, refused_at)"
        " VALUES ($1, $2, $3, 'reminder', '550 5.1.1', now())",
        refusal_id, world.scene.organization_id, world.ids.person_id,
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO reminder (organization_id, cohort_id, cohort_session_id, enrollment_id, days, starts_at, sent_at)"
        " SELECT organization_id, cohort_id, id, $2, 7, starts_at, now() FROM cohort_session WHERE id = $1",
        world.ids.session_id, world.ids.enrollment_id,
    )  # fmt: skip
    letter_id = uuid4()
    await pool.execute(
        "INSERT INTO mailbox_message (id, organization_id, recipient, subject, body, html, calendar)"
        " VALUES ($1, $2, 'p@example.org', 'S', 'B', '<p>B</p>', 'BEGIN:VCALENDAR')",
        letter_id, world.scene.organization_id,
    )  # fmt: skip
    return {"refusal_id": refusal_id, "letter_id": letter_id}
