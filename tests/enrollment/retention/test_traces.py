"""Where something of whoever is erased stands beside their own rows: in files about many, in lists of strangers."""

import io
import zipfile
from uuid import uuid4

from shared.postgres import Pool
from tests.enrollment.cast import playing
from tests.enrollment.learning.test_pages import sent
from tests.enrollment.retention.traces import Marked, files_called, page_of, traces
from tests.enrollment.visitors import Served


async def test_audit_files_that_name_somebody_go_with_them(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    """What a ZIP holds is packed, so that no search for words in files finds it."""
    scene = marked.scene
    here = f"/{marked.slug}/staff/cohorts/{scene.cohort_id}/audits"
    async with playing(served, enrollment_pool, scene, "administrator") as administrator:
        for is_named in (True, False):
            assert (await sent(administrator, here, jurisdiction="illinois"))[0] == 200
            files = await enrollment_pool.fetch(
                "SELECT id, file_id FROM audit_file WHERE cohort_id = $1 AND NOT is_removed", scene.cohort_id
            )
            assert len(files) == 1
            path = f"{here}/{files[0]['id']}/audit.zip"
            async with (
                administrator.get(path) as answer,
                playing(served, enrollment_pool, scene, "participant") as participant,
            ):
                with zipfile.ZipFile(io.BytesIO(await answer.read())) as packed:
                    assert (marked.word in packed.read("roster.csv").decode()) is is_named
                if is_named:
                    assert (await sent(participant, marked.erase))[0] == 200
                    assert files_called(served, files[0]["file_id"]) == []
                    async with administrator.get(path) as gone:
                        assert gone.status == 404
                    assert "Removed when somebody in it was erased" in await page_of(administrator, here)


async def test_a_line_of_a_meeting_that_was_matched_with_nobody_goes_by_its_address(
    served: Served, enrollment_pool: Pool, marked: Marked
) -> None:
    scene, report_id = marked.scene, uuid4()
    await enrollment_pool.execute(
        "INSERT INTO meeting_report (id, organization_id, cohort_id, cohort_session_id, file_name, file_sha256,"
        " uploaded_by, uploaded_at) VALUES ($1, $2, $3, $4, 'report.csv', '', $5, now())",
        report_id, scene.organization_id, scene.cohort_id, scene.session_id, scene.people["administrator"][1],
    )  # fmt: skip
    await enrollment_pool.execute(
        "INSERT INTO meeting_line (organization_id, cohort_id, report_id, number, name, email, minutes)"
        " VALUES ($1, $2, $3, 1, $4, $4 || '@example.org', 60), ($1, $2, $3, 2, 'Another', 'x@example.org', 60)",
        scene.organization_id, scene.cohort_id, report_id, marked.word,
    )  # fmt: skip
    async with playing(served, enrollment_pool, scene, "participant") as participant:
        assert (await sent(participant, marked.erase))[0] == 200
    assert await traces(enrollment_pool, marked.word) == set()
    names = await enrollment_pool.fetch("SELECT name FROM meeting_line WHERE report_id = $1 ORDER BY number", report_id)
    assert [row["name"] for row in names] == ["", "Another"]
