"""A meeting report: read as each service writes it, matched to people, looked at, and taken."""

import re
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from services.enrollment.attendance.matching import Seated, matched
from services.enrollment.attendance.report import Found, reading_of
from shared.postgres import Pool
from tests.enrollment.cast import Cast, asked, cast, playing
from tests.enrollment.visitors import Served, slug_of

ZOOM = """\ufeffTopic,ID,Host name,Duration (minutes),Start time,End time,Participants
Self Exposure,812 3456 7890,Staff,185,03/07/2026 08:58:00 AM,03/07/2026 12:03:00 PM,4

Name (original name),Email,Join time,Leave time,Duration (minutes),Guest
Person 0,P0@Example.org,03/07/2026 08:59:00 AM,03/07/2026 10:30:00 AM,91,No
Person 0,p0@example.org,03/07/2026 10:00:00 AM,03/07/2026 12:00:00 PM,120,No
"iPhone (Person 1)",,03/07/2026 09:00:00 AM,03/07/2026 10:40:00 AM,100,Yes
José's iPad,,03/07/2026 09:30:00 AM,03/07/2026 11:00:00 AM,90,Yes
"""
TEAMS = """1. Summary
Meeting title\tSelf Exposure
Attended participants\t2

2. Participants
Name\tFirst Join\tLast Leave\tIn-Meeting Duration\tEmail\tParticipant ID (UPN)\tRole
Person 0\t3/7/26, 8:59:12 AM\t3/7/26, 12:01:40 PM\t3h 2m 28s\tp0@example.org\tp0@example.org\tPresenter
Ana Lim\t3/7/26, 9:05:00 AM\t3/7/26, 9:50:30 AM\t45m 30s\t\t\tAttendee

3. In-Meeting Activities
Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole
Person 0\t3/7/26, 8:59:12 AM\t3/7/26, 12:01:40 PM\t3h 2m 28s\tp0@example.org\tPresenter
"""
MEET = "First name;Last name;Email;Duration;Time joined\nAna;Lim;;1 hr 2 min;9:00\nمريم;;m@example.org;01:02:59;9:00\n"


_RECORDED = """
SELECT p.name, a.mode, a.minutes_present, a.source FROM attendance a
JOIN enrollment e ON e.id = a.enrollment_id JOIN person p ON p.id = e.person_id
WHERE a.cohort_id = $1 ORDER BY p.name
"""


def people(text: str, encoding: str = "utf-8") -> list[tuple[str, str | None, int]]:
    return [(one.name, one.email, one.minutes) for one in reading_of(text.encode(encoding)).people]


def test_zoom_with_two_devices_at_once_counts_the_time_once() -> None:
    assert people(ZOOM) == [
        ("iPhone (Person 1)", None, 100),
        ("José's iPad", None, 90),
        ("Person 0", "p0@example.org", 181),
    ]


def test_teams_in_utf_16_tells_the_same_people_twice_and_is_read_once() -> None:
    assert people(TEAMS, "utf-16") == [("Ana Lim", None, 45), ("Person 0", "p0@example.org", 182)]


def test_meet_with_semicolons_and_names_of_any_script() -> None:
    assert people(MEET) == [("Ana Lim", None, 62), ("مريم", "m@example.org", 62)]
    assert people("Name,Minutes\nJosé,45\n", "cp1252") == [("José", None, 45)]


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"\x89PNG\x00\x00", "not text"),
        (b"", "no table"),
        (b"Hello, world\nhow are you\n", "no table"),
        (b"Name,Duration\n", "nobody"),
        (b"Name,Duration\nAna,for a while\n,45\n", "nobody"),
    ],
)
def test_what_is_no_report(payload: bytes, problem: str) -> None:
    assert reading_of(payload).problem == problem


def test_numbers_without_end_do_no_harm() -> None:
    nines = "9" * 400
    (found,) = reading_of(f"Name,Duration\nAna,{nines}\n".encode()).people
    assert found.minutes == 1_440


def seated(*names: str) -> list[Seated]:
    return [Seated(enrollment_id=uuid4(), name=one, email=f"{n}@example.org") for n, one in enumerate(names)]


def test_the_address_comes_before_the_name_and_a_name_of_two_is_nobodys() -> None:
    here = seated("Ana Lim", "Ben Oz", "BEN  oz", "Cyd")
    found = [
        Found(name="Ben Oz", email="0@Example.org", minutes=1),
        Found(name="ben oz", email=None, minutes=1),
        Found(name="phone (CYD)", email="private@example.org", minutes=1),
        Found(name="Di", email=None, minutes=1),
    ]
    assert [(one.enrollment_id, one.matched_by) for one in matched(found, here)] == [
        (here[0].enrollment_id, "address"),
        (None, None),
        (here[3].enrollment_id, "name"),
        (None, None),
    ]


@pytest.fixture
async def scene(enrollment_pool: Pool) -> Cast:
    """Person 0, Person 1 and Person 2, with addresses p0@example.org and so on; a session of three hours."""
    return await cast(enrollment_pool)


async def path_of(pool: Pool, scene: Cast) -> str:
    slug = await slug_of(pool, scene.organization_id)
    return f"/{slug}/teach/cohorts/{scene.cohort_id}/sessions/{scene.session_id}/reports"


async def upload(
    session: aiohttp.ClientSession, path: str, content: bytes, name: str = "a.csv"
) -> tuple[int, str, str]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="text/csv")
    async with session.post(path, data=form) as answer:
        return answer.status, answer.url.path, await answer.text()


async def recorded(pool: Pool, scene: Cast) -> list[tuple[Any, ...]]:
    rows = await pool.fetch(_RECORDED, scene.cohort_id)
    return [tuple(row) for row in rows]


async def test_a_report_is_read_looked_at_and_taken(served: Served, enrollment_pool: Pool, scene: Cast) -> None:
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, where, text = await upload(session, path, ZOOM.encode(), "zoom.csv")
        assert (status, where.startswith(f"{path}/")) == (200, True)
        assert "3 people were in the meeting. 2 are in this cohort. 1 was not found." in text
        assert "<bdi>zoom.csv</bdi>" in text
        assert await recorded(enrollment_pool, scene) == [], "nothing before somebody has looked"
        (number,) = re.findall(r'<select id="line-(\d+)"', text)
        assert "José&#39;s iPad" in text
        async with session.post(where, data={f"line-{number}": str(scene.enrollment_ids[2])}) as answer:
            assert answer.status == 200
            assert "Saved for 3 people." in await answer.text()
        _, again, _ = await upload(session, path, ZOOM.encode())
        assert again == where, "the same file again is the report that is there"
    assert await recorded(enrollment_pool, scene) == [
        ("Person 0", "virtual", 181, "report"),
        ("Person 1", "virtual", 100, "report"),
        ("Person 2", "virtual", 90, "report"),
    ]
    kept = await enrollment_pool.fetch("SELECT name, email FROM meeting_line WHERE cohort_id = $1", scene.cohort_id)
    assert {tuple(row) for row in kept} == {("", None)}, "who is found is known by the enrollment"


async def test_who_was_in_the_room_is_not_made_an_online_guest(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await path_of(enrollment_pool, scene)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        entries = [
            {"enrollment_id": str(scene.enrollment_ids[0]), "mode": "in person"},
            {"enrollment_id": str(scene.enrollment_ids[1]), "mode": "absent"},
        ]
        assert (await asked(session, "PUT", scene.sheet, json={"entries": entries}))[0] == 200
        _, where, text = await upload(session, path, ZOOM.encode())
        assert "Stays “In person”" in text
        async with session.post(where, data={}) as answer:
            assert answer.status == 200
        async with session.get(where) as answer:
            text = await answer.text()
            assert "José&#39;s iPad" in text, "who was left out stays named"
    assert await recorded(enrollment_pool, scene) == [
        ("Person 0", "in person", None, "staff"),
        ("Person 1", "virtual", 100, "report"),
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose the report"),
        (b"\x89PNG\x00", "This is no text file."),
        (b"Hello\nworld\n", "No list of participants was found."),
        (b"Name,Duration\n", "names nobody"),
    ],
)
async def test_a_file_that_is_no_report_is_answered_with_what_to_do(
    served: Served, enrollment_pool: Pool, scene: Cast, content: bytes, sentence: str
) -> None:
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        status, _, text = await upload(session, await path_of(enrollment_pool, scene), content)
    assert (status, sentence in text, 'id="file-error"' in text) == (422, True, True)


async def test_a_choice_of_somebody_else_and_a_report_of_another_session_are_refused(
    served: Served, enrollment_pool: Pool, scene: Cast
) -> None:
    path = await path_of(enrollment_pool, scene)
    foreign = await cast(enrollment_pool)
    async with playing(served, enrollment_pool, scene, "instructor") as session:
        _, where, text = await upload(session, path, ZOOM.encode())
        (number,) = re.findall(r'<select id="line-(\d+)"', text)
        for wrong in (str(foreign.enrollment_ids[0]), "somebody"):
            async with session.post(where, data={f"line-{number}": wrong}) as answer:
                assert answer.status == 422
                assert "Choose" in await answer.text()
    assert await recorded(enrollment_pool, scene) == []
    report_id = where.rpartition("/")[2]
    async with playing(served, enrollment_pool, foreign, "instructor") as session:
        other = await path_of(enrollment_pool, foreign)
        assert (await asked(session, "GET", f"{other}/{report_id}"))[0] == 404
        assert (await asked(session, "POST", f"{other}/{report_id}", data={"line-1": ""}))[0] == 404
