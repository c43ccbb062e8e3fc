"""`./run bench staff-pages`: how long staff's pages take with 10,000 enrollments, and how many statements each asks.

The service runs in this process with a PostgreSQL of its own, and is asked by one client after another over HTTP: what
is measured is the time from the question to the last byte, on an otherwise idle machine.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from deploy.local.postgres import Cluster
from services.enrollment import app
from shared.migrate import migrate
from tests.builders import Built, build
from tests.conftest import MIGRATIONS
from tests.enrollment.conftest import settings_for
from tests.enrollment.queries import counting_queries, heard
from tests.servers import free_port, running

_COHORTS, _PEOPLE, _CROWD = 248, 40, 80
_ROUNDS = 40
#: What a page may take in milliseconds: half of the times, and nineteen of twenty.
MOST_P50, MOST_P95 = 150.0, 400.0


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One page: its times in milliseconds, its statements with few rows and with many, and its bytes."""

    name: str
    p50: float
    p95: float
    statements: int
    statements_before: int
    size: int
    #: A file is as long as its table is: it is measured, and held to no time.
    is_file: bool

    @property
    def is_good(self) -> bool:
        """Whether it is as quick as it must be, and asks as few however many rows there are."""
        is_quick = self.is_file or (self.p50 <= MOST_P50 and self.p95 <= MOST_P95)
        return is_quick and (self.is_file or self.statements <= self.statements_before)


def main(argv: list[str]) -> int:
    """Print what was measured; 1 where a page is slower than it may be, or its statements grow with the rows."""
    figures = asyncio.run(measured())
    sys.stdout.write(f"{'':34} {'p50':>8} {'p95':>8} {'statements':>11} {'few rows':>9} {'KB':>7}\n")
    for one in figures:
        mark = "" if one.is_good else "  TOO MUCH"
        sys.stdout.write(
            f"{one.name:34} {one.p50:5.0f} ms {one.p95:5.0f} ms {one.statements:11} {one.statements_before:9}"
            f" {one.size / 1000:7.0f}{mark}\n"
        )
    return 0 if all(one.is_good for one in figures) else 1


async def measured() -> list[Figure]:
    """Every page with few rows and then with 10,000 enrollments."""
    with Cluster.temporary() as cluster, tempfile.TemporaryDirectory() as folder, heard():
        owner = cluster.dsn("enrollment", "enrollment_owner")
        await migrate(owner, MIGRATIONS["enrollment"])
        settings = settings_for(Path(folder), cluster.dsn("enrollment", "enrollment"), free_port())
        connection = await asyncpg.connect(cluster.dsn("enrollment", "enrollment"))
        small = await build(connection, people=3, ask_issuer=False)
        large = await build(connection, people=_CROWD, ask_issuer=False)
        for one, cohorts in ((small, 2), (large, _COHORTS)):
            await load(connection, one, cohorts=cohorts)
        number = await connection.fetchval(
            "SELECT count(*) FROM enrollment WHERE organization_id = $1", large.organization_id
        )
        assert number == 10_000, number
        admin = await asyncpg.connect(owner)
        # As autovacuum would have done a minute later.
        await admin.execute("ANALYZE")
        async with running(app.make(settings), settings.port) as url:
            before = {
                name: await _statements(url, small, path) for name, path in (await _pages(connection, small)).items()
            }
            return [
                await _figure(url, large, name, path, before[name])
                for name, path in (await _pages(connection, large)).items()
            ]


async def _pages(connection: "asyncpg.Connection[asyncpg.Record]", one: Built) -> Mapping[str, str]:
    staff, teach = f"/{one.slug}/staff", f"/{one.slug}/teach/cohorts/{one.cohort_id}"
    cohort = f"{staff}/cohorts/{one.cohort_id}"
    session_id = await connection.fetchval("SELECT id FROM cohort_session WHERE cohort_id = $1 LIMIT 1", one.cohort_id)
    return {
        "overview": staff,
        "overview, one region": f"{staff}?region=Region+3",
        "cohorts": f"{staff}/cohorts",
        "cohorts, by words": f"{staff}/cohorts?words=cohort+7",
        "a cohort": cohort,
        "places": f"{cohort}/places",
        "completion": f"{cohort}/completion",
        "evaluations": f"{cohort}/evaluations",
        "messages": f"{teach}/messages",
        "attendance grid": f"{teach}/grid",
        "attendance of a session": f"{teach}/sessions/{session_id}/attendance",
        "evidence to review": f"{teach}/review",
        "people": f"{staff}/people",
        "people, by words": f"{staff}/people?words=person+99",
        "a person": f"{staff}/people/{one.person_ids[0]}",
        "stipends": f"{staff}/stipends",
        "exports": f"{staff}/exports",
        "log": f"{staff}/journal",
        "enrollments.csv": f"{staff}/exports/enrollments.csv",
        "enrollments.xlsx": f"{staff}/exports/enrollments.xlsx",
        "attendance.csv": f"{staff}/exports/attendance.csv",
    }


def _browser(url: str, one: Built) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(url, cookies={"laurel_session": one.session}, headers={"Accept": "text/html"})


async def _read(session: aiohttp.ClientSession, path: str) -> int:
    async with session.get(path, allow_redirects=False) as answer:
        size = len(await answer.read())
        assert answer.status == 200, (path, answer.status)
        return size


async def _statements(url: str, one: Built, path: str) -> int:
    async with _browser(url, one) as session:
        await _read(session, path)
        with counting_queries() as asked:
            await _read(session, path)
        return asked()


async def _figure(url: str, one: Built, name: str, path: str, before: int) -> Figure:
    statements, taken, size = await _statements(url, one, path), [], 0
    is_file = "." in path.rsplit("/", 1)[1]
    async with _browser(url, one) as session:
        for _ in range(_ROUNDS // 8 if is_file else _ROUNDS):
            began = time.perf_counter()
            size = await _read(session, path)
            taken.append((time.perf_counter() - began) * 1000)
    return Figure(
        name=name,
        p50=statistics.median(taken),
        p95=sorted(taken)[int(len(taken) * 0.95) - 1],
        statements=statements,
        statements_before=before,
        size=size,
        is_file=is_file,
    )


async def load(connection: "asyncpg.Connection[asyncpg.Record]", one: Built, *, cohorts: int) -> None:
    """More cohorts of 40 people each beside the one that was built, with all that four sessions bring."""
    for statement in _LOAD:
        arguments = (one.organization_id, cohorts, _PEOPLE, one.cohort_id, one.staff_id)
        needed = 1 + max(number for number in range(5) if f"${number + 1}" in statement)
        await connection.execute(statement, *arguments[:needed])


#: `$1` organization, `$2` cohorts, `$3` people of each, `$4` the cohort that was built, `$5` somebody of staff.
_LOAD = (
    """
    INSERT INTO module (id, organization_id, curriculum_id, position, name, description, evidence_wanted)
    SELECT gen_random_uuid(), $1::uuid, k.id, n, 'Topic ' || n, 'About it', 'A page'
    FROM curriculum k, generate_series(1, 2) n WHERE k.organization_id = $1
    """,
    """
    INSERT INTO cohort (id, organization_id, curriculum_id, name, region, school_year, delivery, time_zone, state,
        policy)
    SELECT gen_random_uuid(), $1::uuid, c.curriculum_id, 'Cohort ' || n, 'Region ' || n % 8, '20' || 20 + n % 5,
        c.delivery, c.time_zone, CASE n % 3 WHEN 0 THEN 'closed' WHEN 1 THEN 'running' ELSE 'open' END, c.policy
    FROM cohort c, generate_series(1, $2::integer) n WHERE c.id = $4::uuid AND $3::integer > 0
    """,
    """
    INSERT INTO cohort_session (id, organization_id, cohort_id, position, title, starts_at, ends_at, credit_minutes,
        mode)
    SELECT gen_random_uuid(), $1::uuid, c.id, n, 'Session ' || n, t, t + interval '3 hours', 180, 'in person'
    FROM cohort c, generate_series(1, 4) n,
        LATERAL (SELECT now() - n * interval '40 days' - ascii(c.name) * interval '1 hour' AS t) moment
    WHERE c.organization_id = $1
        AND NOT EXISTS (SELECT FROM cohort_session s WHERE s.cohort_id = c.id AND s.position = n)
    """,
    """
    WITH wanted AS (
        SELECT c.id AS cohort_id, n, gen_random_uuid() AS person_id, gen_random_uuid() AS seat_id
        FROM cohort c, generate_series(1, $3::integer) n
        WHERE c.organization_id = $1::uuid AND c.id <> $4::uuid AND $2::integer > 0
    ), people AS (
        INSERT INTO person (id, organization_id, name, email)
        SELECT person_id, $1, 'Person ' || left(person_id::text, 6), person_id || '@example.org' FROM wanted
    ), seats AS (
        INSERT INTO seat (id, organization_id, cohort_id, number) SELECT seat_id, $1, cohort_id, n FROM wanted
    )
    INSERT INTO enrollment (id, organization_id, cohort_id, person_id, place, seat_id, shows_name, enrolled_at, outcome)
    SELECT gen_random_uuid(), $1, cohort_id, person_id, 'seated', seat_id, true, now() - n * interval '1 hour',
        CASE WHEN n % 2 = 0 THEN 'completed' ELSE 'none' END
    FROM wanted
    """,
    """
    INSERT INTO attendance (organization_id, cohort_id, cohort_session_id, enrollment_id, mode, recorded_by,
        recorded_at)
    SELECT $1::uuid, e.cohort_id, s.id, e.id, CASE WHEN s.position = 3 THEN 'absent' ELSE 'in person' END, $5::uuid,
        now()
    FROM enrollment e JOIN cohort_session s ON s.cohort_id = e.cohort_id
    WHERE e.organization_id = $1 AND $2::integer > 0 AND $3::integer > 0 AND $4::uuid IS NOT NULL
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO evidence (id, organization_id, enrollment_id, module_id, kind, text, state, submitted_at, reviewed_by,
        reviewed_at)
    SELECT gen_random_uuid(), $1::uuid, e.id, m.id, 'text', repeat('What I learned. ', 40),
        CASE WHEN waits THEN 'submitted' ELSE 'accepted' END, now(), CASE WHEN NOT waits THEN $5::uuid END,
        CASE WHEN NOT waits THEN now() END
    FROM enrollment e JOIN cohort c ON c.id = e.cohort_id JOIN module m ON m.curriculum_id = c.curriculum_id,
        LATERAL (SELECT m.position = 2 AND (e.cohort_id = $4 OR hashtext(e.id::text) % 20 = 0) AS waits) one
    WHERE e.organization_id = $1 AND $2::integer > 0 AND $3::integer > 0 AND $4::uuid IS NOT NULL
    """,
    """
    INSERT INTO completion (enrollment_id, organization_id, outcome, decided_by, decided_at, credit_minutes, findings)
    SELECT id, $1::uuid, 'completed', $5::uuid, now() - interval '10 days', 540, '[]'
    FROM enrollment
    WHERE organization_id = $1 AND outcome = 'completed' AND $2::integer > 0 AND $3::integer > 0
        AND $4::uuid IS NOT NULL
    """,
    """
    INSERT INTO award (id, organization_id, enrollment_id, achievement_id, achievement_version, payload, payload_sha256,
        requested_at, state, credential_id, badge_url, issued_at)
    SELECT gen_random_uuid(), $1::uuid, id, gen_random_uuid(), 1, '{}', 'x', now(), 'issued', gen_random_uuid(),
        'https://badge.example/' || id, now() - interval '9 days'
    FROM enrollment WHERE organization_id = $1 AND outcome = 'completed'
    """,
    """
    INSERT INTO journal_entry (id, organization_id, at, person_id, action, object_kind, object_id)
    SELECT gen_random_uuid(), $1::uuid, now() - row_number() OVER () * interval '1 minute', $5::uuid, 'person.read',
        'person', id
    FROM person WHERE organization_id = $1 AND $2::integer > 0 AND $3::integer > 0 AND $4::uuid IS NOT NULL
    """,
)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
