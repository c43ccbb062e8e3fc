"""The SQL of a cohort's rules of admission, its invitations, and a program's members."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.admission.model import Invitation, InvitationExistsError, Rules
from shared.postgres import Connection, Pool

Reader = Connection | Pool

RULES = "SELECT admission, vacancy, offer_hours FROM cohort WHERE organization_id = $1 AND id = $2"
# A cohort under new rules is looked at again, whoever wrote them.
SET_RULES = "UPDATE cohort SET admission = $2, vacancy = $3, offer_hours = $4 WHERE id = $1"
_INVITATION = "SELECT id, cohort_id, code, uses, most_uses, expires_at FROM invitation"
INVITATIONS = f"{_INVITATION} WHERE organization_id = $1 AND cohort_id = $2 ORDER BY created_at, id"
INVITATION_BY_CODE = f"{_INVITATION} WHERE cohort_id = $1 AND code = $2"
INVITATION = f"{_INVITATION} WHERE cohort_id = $1 AND id = $2"
PUT_INVITATION = """
INSERT INTO invitation (id, organization_id, cohort_id, code, most_uses, expires_at, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET most_uses = excluded.most_uses, expires_at = excluded.expires_at
WHERE invitation.cohort_id = excluded.cohort_id AND invitation.code = excluded.code
"""
USE_INVITATION = "UPDATE invitation SET uses = uses + 1 WHERE id = $1"
RELEASE_INVITATION = "UPDATE invitation SET uses = uses - 1 WHERE id = $1"
HAS_PROGRAM = "SELECT EXISTS (SELECT FROM program WHERE organization_id = $1 AND id = $2)"
MEMBER_COUNT = "SELECT count(*) FROM program_member WHERE program_id = $1"
IS_MEMBER = "SELECT EXISTS (SELECT FROM program_member WHERE program_id = $1 AND email = $2)"
DELETE_MEMBERS = "DELETE FROM program_member WHERE program_id = $1 AND email <> ALL ($2)"
ADD_MEMBERS = """
INSERT INTO program_member (organization_id, program_id, email) SELECT $1, $2, unnest($3::text[])
ON CONFLICT DO NOTHING
"""
# Who became a member may be admitted at once: the clock looks at every cohort where members come first.
WAKE_MEMBERS_FIRST = """
WITH waking AS (
    SELECT c.id FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
    WHERE l.program_id = $1 AND c.admission ->> 'members_until' IS NOT NULL AND c.state IN ('open', 'running')
    ORDER BY c.id FOR UPDATE OF c
)
UPDATE cohort SET next_clock_at = $2 FROM waking WHERE cohort.id = waking.id
"""
DELETE_MEMBER = """
DELETE FROM program_member WHERE organization_id = $1 AND email IN (
    SELECT email FROM person WHERE organization_id = $1 AND id = $2
    UNION SELECT email FROM person_address WHERE organization_id = $1 AND person_id = $2
)
"""


async def rules(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Rules | None:
    """By which rules a cohort gives its seats; None where the organization has no such cohort."""
    row = await connection.fetchrow(RULES, organization_id, cohort_id)
    return None if row is None else msgspec.convert(dict(row), Rules)


async def set_rules(connection: Connection, cohort_id: UUID, rules: Rules) -> None:
    """Write the rules of a cohort that is held."""
    await connection.execute(SET_RULES, cohort_id, rules.admission, rules.vacancy, rules.offer_hours)


async def invitations(connection: Reader, organization_id: UUID, cohort_id: UUID) -> list[Invitation]:
    """A cohort's invitations, the oldest first."""
    rows = await connection.fetch(INVITATIONS, organization_id, cohort_id)
    return [msgspec.convert(dict(row), Invitation) for row in rows]


async def invitation_by_code(connection: Reader, cohort_id: UUID, code: str) -> Invitation | None:
    """The cohort's invitation with this code."""
    return _invitation(await connection.fetchrow(INVITATION_BY_CODE, cohort_id, code))


async def invitation(connection: Reader, cohort_id: UUID, invitation_id: UUID) -> Invitation | None:
    """One invitation of the cohort."""
    return _invitation(await connection.fetchrow(INVITATION, cohort_id, invitation_id))


def _invitation(row: asyncpg.Record | None) -> Invitation | None:
    return None if row is None else msgspec.convert(dict(row), Invitation)


async def put_invitation(connection: Connection, organization_id: UUID, wanted: Invitation, *, now: datetime) -> None:
    """Add an invitation, or write how often and how long it may be used. InvitationExistsError."""
    try:
        status = await connection.execute(
            PUT_INVITATION,
            wanted.id,
            organization_id,
            wanted.cohort_id,
            wanted.code,
            wanted.most_uses,
            wanted.expires_at,
            now,
        )
    except asyncpg.UniqueViolationError:
        raise InvitationExistsError from None
    if status != "INSERT 0 1":
        raise InvitationExistsError


async def use_invitation(connection: Connection, invitation_id: UUID) -> None:
    """Count one more who enrolled by an invitation; the cohort is held, so nobody else counts meanwhile."""
    await connection.execute(USE_INVITATION, invitation_id)


async def release_invitation(connection: Connection, invitation_id: UUID) -> None:
    """Count one less: who had come by it came again by another."""
    await connection.execute(RELEASE_INVITATION, invitation_id)


async def has_program(connection: Reader, organization_id: UUID, program_id: UUID) -> bool:
    """Whether the organization has this program."""
    return await connection.fetchval(HAS_PROGRAM, organization_id, program_id) is True


async def member_count(connection: Reader, program_id: UUID) -> int:
    """How many members a program has."""
    count: int = await connection.fetchval(MEMBER_COUNT, program_id)
    return count


async def is_member(connection: Reader, program_id: UUID, email: str) -> bool:
    """Whether a normalized address is a member's."""
    return await connection.fetchval(IS_MEMBER, program_id, email) is True


async def set_members(
    connection: Connection, organization_id: UUID, program_id: UUID, emails: Collection[str], *, now: datetime
) -> None:
    """Make exactly these addresses the program's members; cohorts where members come first are looked at again."""
    wanted = sorted(emails)
    await connection.execute(DELETE_MEMBERS, program_id, wanted)
    await connection.execute(ADD_MEMBERS, organization_id, program_id, wanted)
    await connection.execute(WAKE_MEMBERS_FIRST, program_id, now)


async def forget_member(connection: Connection, organization_id: UUID, person_id: UUID) -> None:
    """Take the addresses of somebody out of every list of members."""
    await connection.execute(DELETE_MEMBER, organization_id, person_id)
