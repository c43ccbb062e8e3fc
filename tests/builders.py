"""Builds whole cohorts straight in the database, where a test is about what comes after them."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import msgspec

from services.enrollment.programs.model import AchievementMessage
from shared.contracts import AchievementVersion, IssuerProfile, canonical

NOW = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)
ACHIEVEMENT = AchievementVersion(
    name="Level One: Self Exposure",
    description="Took part in a Level One cohort.",
    criteria="Attend the session.",
    achievement_type="MicroCredential",
    program_name="Leaders for Just Schools",
    level_name="Level One",
)


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """An organization with one cohort whose seated people all meet the policy."""

    organization_id: UUID
    slug: str
    staff_id: UUID
    #: value of the staff person's session cookie
    session: str
    cohort_id: UUID
    achievement_id: UUID
    person_ids: list[UUID]
    enrollment_ids: list[UUID]


async def build(connection: "asyncpg.Connection[asyncpg.Record]", *, people: int, ask_issuer: bool = True) -> Built:
    """An organization, a program, and a cohort of `people` seated persons, each present in its one session."""
    organization_id, slug = uuid4(), f"o-{secrets.token_hex(8)}"
    staff_id, level_id, curriculum_id, cohort_id, session_id, achievement_id = (uuid4() for _ in range(6))
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO organization (id, slug, name, url, time_zone) VALUES ($1, $2, $3, $4, $5)",
            organization_id, slug, "Example Association", "https://association.example", "America/Chicago",
        )  # fmt: skip
        token = await _staff(connection, organization_id, staff_id)
        program_id = uuid4()
        await connection.execute(
            "INSERT INTO program (id, organization_id, slug, name, description) VALUES ($1, $2, 'p', 'Program', 'A')",
            program_id, organization_id,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO level (id, organization_id, program_id, number, name, description, achievement_id,"
            " achievement_version) VALUES ($1, $2, $3, 1, 'Level One', 'First', $4, 1)",
            level_id, organization_id, program_id, achievement_id,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO curriculum (id, organization_id, level_id, name) VALUES ($1, $2, $3, 'Curriculum')",
            curriculum_id, organization_id, level_id,
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone,"
            " state, policy) VALUES ($1, $2, $3, 'Cohort', 'Region', '2025-26', 'in person', 'America/Chicago',"
            " 'running', $4::text::jsonb)",
            cohort_id, organization_id, curriculum_id,
            '{"min_sessions": 1, "min_credit_minutes": 60, "modules": "all"}',
        )  # fmt: skip
        await connection.execute(
            "INSERT INTO cohort_session (id, organization_id, cohort_id, position, title, starts_at, ends_at,"
            " credit_minutes, mode) VALUES ($1, $2, $3, 1, 'Session', $4, $5, 180, 'in person')",
            session_id, organization_id, cohort_id, NOW, NOW + timedelta(hours=3),
        )  # fmt: skip
        people_ids, enrollment_ids = await _people(connection, organization_id, cohort_id, people)
        await connection.copy_records_to_table(
            "attendance",
            columns=["organization_id", "cohort_id", "cohort_session_id", "enrollment_id", "mode", "recorded_by",
                     "recorded_at"],
            records=[(organization_id, cohort_id, session_id, one, "in person", staff_id, NOW)
                     for one in enrollment_ids],
        )  # fmt: skip
        if ask_issuer:
            await _ask_issuer(connection, organization_id, achievement_id)
    return Built(
        organization_id=organization_id,
        slug=slug,
        staff_id=staff_id,
        session=token,
        cohort_id=cohort_id,
        achievement_id=achievement_id,
        person_ids=people_ids,
        enrollment_ids=enrollment_ids,
    )


async def _staff(connection: "asyncpg.Connection[asyncpg.Record]", organization_id: UUID, staff_id: UUID) -> str:
    await connection.execute(
        "INSERT INTO person (id, organization_id, name, email) VALUES ($1, $2, 'Staff', 'staff@example.org')",
        staff_id, organization_id,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO role_grant (organization_id, person_id, role) VALUES ($1, $2, 'administrator')",
        organization_id, staff_id,
    )  # fmt: skip
    token = secrets.token_urlsafe(32)
    await connection.execute(
        "INSERT INTO sign_in_session (token_sha256, organization_id, person_id, created_at, expires_at)"
        " VALUES ($1, $2, $3, now(), now() + interval '1 day')",
        hashlib.sha256(token.encode()).digest(), organization_id, staff_id,
    )  # fmt: skip
    return token


async def _people(
    connection: "asyncpg.Connection[asyncpg.Record]", organization_id: UUID, cohort_id: UUID, people: int
) -> tuple[list[UUID], list[UUID]]:
    persons, seats, enrollments = ([uuid4() for _ in range(people)] for _ in range(3))
    await connection.copy_records_to_table(
        "person",
        columns=["id", "organization_id", "name", "email"],
        records=[(one, organization_id, f"Person {n}", f"p{n}@example.org") for n, one in enumerate(persons)],
    )
    await connection.copy_records_to_table(
        "seat",
        columns=["id", "organization_id", "cohort_id", "number"],
        records=[(one, organization_id, cohort_id, n + 1) for n, one in enumerate(seats)],
    )
    await connection.copy_records_to_table(
        "enrollment",
        columns=["id", "organization_id", "cohort_id", "person_id", "place", "seat_id", "shows_name", "enrolled_at"],
        records=[
            (enrollment, organization_id, cohort_id, person, "seated", seat, True, NOW)
            for enrollment, person, seat in zip(enrollments, persons, seats, strict=True)
        ],
    )
    return persons, enrollments


async def _ask_issuer(
    connection: "asyncpg.Connection[asyncpg.Record]", organization_id: UUID, achievement_id: UUID
) -> None:
    profile = IssuerProfile(name="Example Association", url="https://association.example", is_demonstration=True)
    message = AchievementMessage(achievement_id=achievement_id, version=1, content=ACHIEVEMENT)
    for topic, key, payload in (
        ("issuer", organization_id, canonical(profile)),
        ("achievement", achievement_id, msgspec.json.encode(message)),
    ):
        await connection.execute(
            "INSERT INTO outbox (id, organization_id, topic, key, payload) VALUES ($1, $2, $3, $4, $5)",
            uuid4(), organization_id, topic, key, payload,
        )  # fmt: skip
