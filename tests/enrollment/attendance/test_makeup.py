"""Work that makes up for a session: approved by another, at most what is missing, counted with what was attended."""

from typing import Any

import pytest

from services.enrollment.attendance import store
from shared.postgres import Pool, transaction
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.outsiders import everything
from tests.enrollment.visitors import Served, slug_of

_RECORDERS = """
SELECT recorded_by FROM attendance WHERE organization_id = $1
UNION SELECT approved_by FROM makeup WHERE organization_id = $1
UNION SELECT changed_by FROM attendance_change WHERE organization_id = $1
"""


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """A cohort that takes 60 minutes and one session; its session is over."""
    return await cast(enrollment_pool)


async def path_of(pool: Pool, scene: Cast) -> str:
    slug = await slug_of(pool, scene.organization_id)
    return f"/{slug}/teach/cohorts/{scene.cohort_id}/sessions/{scene.session_id}/makeup/{scene.enrollment_id}"


async def send(session: Any, path: str, **form: str) -> tuple[int, str]:
    async with session.post(path, data=form) as answer:
        return answer.status, await answer.text()


async def standing(session: Any, scene: Cast) -> tuple[int, int]:
    """Sessions and minutes that the policy finds for the participant."""
    status, found = await asked(session, "GET", f"/api/cohorts/{scene.cohort_id}/completions")
    assert status == 200
    mine = next(one for one in found["standings"] if one["enrollment_id"] == str(scene.enrollment_id))
    numbers = {one["requirement"]: one["found"] for one in mine["findings"]}
    return numbers["sessions"], numbers["credit_minutes"]


async def test_made_up_counts_for_hours_and_when_whole_for_the_session(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        body = {"entries": [{"enrollment_id": str(scene.enrollment_id), "mode": "absent"}]}
        assert (await asked(session, "PUT", scene.sheet, json=body))[0] == 200
        assert await standing(session, scene) == (0, 0)
        status, text = await send(session, path, minutes="90", what="Watched the recording")
        assert (status, "90 minutes made up. Counts 90 of 180 minutes." in text) == (200, True)
        assert await standing(session, scene) == (0, 90)
        await send(session, path, minutes="180", what="Watched the recording, wrote a page")
        assert await standing(session, scene) == (1, 180)
        async with session.get(path) as answer:
            assert "Watched the recording, wrote a page" in await answer.text()
        await send(session, path, remove="yes")
        assert await standing(session, scene) == (0, 0)


async def test_attended_and_made_up_together_are_never_more_than_the_session(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        await send(session, path, minutes="120", what="A page")
        entry = {"enrollment_id": str(scene.enrollment_id), "mode": "in person"}
        _, sheet = await asked(session, "PUT", scene.sheet, json={"entries": [entry]})
        assert (sheet["items"][0]["credit_minutes"], sheet["items"][0]["attended_minutes"]) == (180, 180)
        assert await standing(session, scene) == (1, 180)
        status, text = await send(session, path, minutes="15", what="More")
        assert (status, "counts in full already" in text) == (422, True)


@pytest.mark.parametrize(
    ("minutes", "what", "field"),
    [("20", "A page", "minutes"), ("195", "A page", "minutes"), ("-15", "A page", "minutes"), ("", "A page", "minutes"),
     ("soon", "A page", "minutes"), ("15", "  ", "what")],
)  # fmt: skip
async def test_what_does_not_fit_is_refused_and_kept_in_the_form(
    served: Served, enrollment_pool: Pool, scene: Cast, minutes: str, what: str, field: str
) -> None:
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, text = await send(session, await path_of(enrollment_pool, scene), minutes=minutes, what=what)
    assert (status, f'id="{field}-error"' in text, f'value="{minutes}"' in text) == (422, True, True)
    assert await enrollment_pool.fetchval("SELECT count(*) FROM makeup WHERE cohort_id = $1", scene.cohort_id) == 0


async def test_nobody_approves_their_own(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    own = scene.people["participant"][1]
    await enrollment_pool.execute(
        "INSERT INTO role_grant (organization_id, person_id, role) VALUES ($1, $2, 'coordinator')",
        scene.organization_id, own,
    )  # fmt: skip
    async with playing(served, enrollment_pool, scene, "participant") as session:
        status, _ = await send(session, await path_of(enrollment_pool, scene), minutes="180", what="Mine")
    assert status == 409
    assert await enrollment_pool.fetchval("SELECT count(*) FROM makeup WHERE cohort_id = $1", scene.cohort_id) == 0


async def test_the_rule_of_the_program_decides_whether_they_attended(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    rule = '{"hours": {"step_minutes": 30, "least_minutes": 60}}'
    await enrollment_pool.execute(
        "UPDATE cohort SET policy = policy || $2::text::jsonb WHERE id = $1", scene.cohort_id, rule
    )
    found = []
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        for minutes in (59, 60, 100):
            entry = {"enrollment_id": str(scene.enrollment_id), "mode": "virtual", "minutes_present": minutes}
            assert (await asked(session, "PUT", scene.sheet, json={"entries": [entry]}))[0] == 200
            found.append(await standing(session, scene))
    assert found == [(0, 0), (1, 60), (1, 90)]


async def test_what_is_kept_of_a_person_is_told_handed_over_and_forgotten(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    own, staff = scene.people["participant"][1], scene.people["coordinator"][1]
    async with playing(served, enrollment_pool, scene, "coordinator") as session:
        await send(session, await path_of(enrollment_pool, scene), minutes="90", what="My canary")
        entry = {"enrollment_id": str(scene.enrollment_id), "mode": "absent"}
        await asked(session, "PUT", scene.sheet, json={"entries": [entry]})
    async with transaction(enrollment_pool) as connection:
        (told,) = (await store.data_of(connection, scene.organization_id, own))["attendance"]
        assert (told["mode"], told["makeup_what"]) == ("absent", "My canary")
        heir = scene.people["instructor"][1]
        await store.reassign(connection, scene.organization_id, away=staff, keep=heir)
        recorders = {row[0] for row in await connection.fetch(_RECORDERS, scene.organization_id)}
        assert recorders == {heir}
        assert await store.forget(connection, scene.organization_id, own, keep=frozenset({"attendance"})) == []
        assert await connection.fetchval("SELECT count(*) FROM attendance WHERE cohort_id = $1", scene.cohort_id) == 1
        await store.forget(connection, scene.organization_id, own, keep=frozenset())
        assert (await store.data_of(connection, scene.organization_id, own))["attendance"] == []
    rows = await everything(enrollment_pool, scene.organization_id)
    assert "My canary" not in "".join(rows.values())
