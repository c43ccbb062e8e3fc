"""Routes of one's own learning, the directory and erasure."""

from typing import Any
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.lines.line import AWAY, CONCERNED_AT_HOME, STAFF_AT_HOME, Line
from tests.enrollment.lines.world import World

OBJECTS: dict[str, Line] = {
    "POST /{slug:str}/learning/{enrollment_id:uuid}/name": Line(
        AWAY, form=lambda world: {"shows_name": "yes"}, home=CONCERNED_AT_HOME
    ),
    "GET /{slug:str}/learning/{enrollment_id:uuid}/leave": Line(AWAY, home=CONCERNED_AT_HOME, administrator=404),
    "POST /{slug:str}/learning/{enrollment_id:uuid}/leave": Line(AWAY, home=CONCERNED_AT_HOME),
    "POST /{slug:str}/learning/awards/{award_id:uuid}/visibility": Line(
        AWAY, form=lambda world: {"visibility": "published"}, home=CONCERNED_AT_HOME
    ),
    "GET /{slug:str}/learning/records/{record_id:uuid}/withdraw": Line(AWAY, home=CONCERNED_AT_HOME, administrator=404),
    "POST /{slug:str}/learning/records/{record_id:uuid}/withdraw": Line(AWAY, home=CONCERNED_AT_HOME),
    "GET /{slug:str}/staff/people/{person_id:uuid}/erase": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/people/{person_id:uuid}/erase": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/staff/holds/{hold_id:uuid}/lift": Line(AWAY, home=STAFF_AT_HOME),
    "POST /{slug:str}/resources/{resource_id:uuid}/removal": Line(AWAY, home=STAFF_AT_HOME),
}
LISTS: set[str] = {
    "GET /{slug:str}/learning",
    "GET /{slug:str}/learning/records",
    "GET /{slug:str}/directory",
    "GET /{slug:str}/directory/entry",
    "GET /{slug:str}/resources",
    "GET /{slug:str}/staff/holds",
}
DOORS: set[str] = {
    "GET /{slug:str}/learning/records/new",
    "GET /{slug:str}/learning/records/transcript.pdf",
    "POST /{slug:str}/learning/records/preview",
    "POST /{slug:str}/learning/records",
    "GET /{slug:str}/learning/data",
    "GET /{slug:str}/learning/data/download",
    "GET /{slug:str}/learning/erase",
    "POST /{slug:str}/learning/erase",
    "POST /{slug:str}/directory/entry",
    "POST /{slug:str}/resources",
    "POST /{slug:str}/staff/holds",
}


async def add(pool: Pool, world: World) -> dict[str, Any]:
    """A legal hold on the cohort, something to read, and a record that the participant sent."""
    organization_id, hold_id, resource_id, record_id = world.scene.organization_id, uuid4(), uuid4(), uuid4()
    await pool.execute(
        "INSERT INTO sent_record (id, organization_id, person_id, recipient_name, recipient_email, consent, sent_at,"
        " expires_at, state) VALUES ($1, $2, $3, 'District', 'd@example.org', 'Agreed', now(), now(), 'sent')",
        record_id, organization_id, world.scene.people["participant"][1],
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO legal_hold (id, organization_id, cohort_id, reason, placed_by, placed_at)"
        " VALUES ($1, $2, $3, 'Private', $4, now())",
        hold_id, organization_id, world.ids.cohort_id, world.scene.people["administrator"][1],
    )  # fmt: skip
    await pool.execute(
        "INSERT INTO resource (id, organization_id, program_id, title, link, added_at)"
        " VALUES ($1, $2, $3, 'Reader', 'https://reader.example', now())",
        resource_id, organization_id, world.ids.program_id,
    )  # fmt: skip
    return {"hold_id": hold_id, "resource_id": resource_id, "record_id": record_id}
