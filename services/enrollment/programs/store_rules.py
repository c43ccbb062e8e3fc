"""The SQL of programs' rules."""

from uuid import UUID

import asyncpg
import msgspec

from services.enrollment.programs.rules import Defaults, Rules
from shared.contracts import Provider
from shared.postgres import Connection, Pool

Reader = Connection | Pool

RULES = """
SELECT coalesce(policy, '{}') AS policy, provider, retention_years, badge_months
FROM program WHERE organization_id = $1 AND id = $2
"""
RULES_OF_CURRICULUM = """
SELECT coalesce(p.policy, '{}') AS policy, p.provider, p.retention_years, p.badge_months
FROM curriculum k JOIN level l ON l.id = k.level_id JOIN program p ON p.id = l.program_id
WHERE k.organization_id = $1 AND k.id = $2
"""
PROVIDER = """
SELECT p.provider
FROM cohort c JOIN curriculum k ON k.id = c.curriculum_id JOIN level l ON l.id = k.level_id
JOIN program p ON p.id = l.program_id
WHERE c.organization_id = $1 AND c.id = $2
"""
PUT_RULES = """
UPDATE program SET policy = $3, provider = $4, retention_years = $5, badge_months = $6
WHERE organization_id = $1 AND id = $2
"""


async def rules(connection: Reader, organization_id: UUID, program_id: UUID) -> Rules | None:
    """The rules of a program; None where there is no such program."""
    return _rules(await connection.fetchrow(RULES, organization_id, program_id))


async def rules_of_curriculum(connection: Reader, organization_id: UUID, curriculum_id: UUID) -> Rules | None:
    """The rules of the program that a curriculum is of."""
    return _rules(await connection.fetchrow(RULES_OF_CURRICULUM, organization_id, curriculum_id))


def _rules(row: asyncpg.Record | None) -> Rules | None:
    return None if row is None else msgspec.convert(dict(row), Rules)


async def provider(connection: Reader, organization_id: UUID, cohort_id: UUID) -> Provider | None:
    """Who answers for a cohort's hours; None where that is the organization."""
    return msgspec.convert(await connection.fetchval(PROVIDER, organization_id, cohort_id), Provider | None)


async def put_rules(connection: Connection, organization_id: UUID, program_id: UUID, rules: Rules) -> bool:
    """Write the rules of a program; False where there is no such program."""
    policy = None if rules.policy == Defaults() else rules.policy
    status = await connection.execute(
        PUT_RULES, organization_id, program_id, policy, rules.provider, rules.retention_years, rules.badge_months
    )
    return status == "UPDATE 1"
