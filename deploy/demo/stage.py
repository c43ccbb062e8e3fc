"""The stage of the story: the ids of its things, what staff write before anybody signs up, and who is in a cohort."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from deploy.demo import story
from deploy.demo.browsers import Browser
from deploy.demo.story import identifier

COHORT_ID = identifier("cohort", "past")
COMING_ID = identifier("cohort", "coming")
VALLEY_ID = identifier("cohort", "valley")
PROGRAM_ID = identifier("program")
CURRICULUM_ID = identifier("curriculum", 1)
INSTRUCTOR_ID = identifier("person", "instructor")


def enrollment_id(number: int) -> UUID:
    """The enrollment of a person of the story."""
    return identifier("enrollment", number)


def module_id(number: int) -> UUID:
    """A topic of the story."""
    return identifier("module", number)


def session_id(cohort: UUID, number: int) -> UUID:
    """A session of a cohort, from 1."""
    return identifier("session", cohort, number)


async def write_program(staff: Browser) -> None:
    """The program with its four levels, what the first awards, and its curriculum."""
    await staff.put(
        f"/api/programs/{PROGRAM_ID}",
        {"slug": "level-program", "name": story.PROGRAM, "description": story.PROGRAM_DESCRIPTION},
    )
    for number, (name, description) in enumerate(story.LEVELS, 1):
        body: dict[str, Any] = {
            "program_id": str(PROGRAM_ID),
            "number": number,
            "name": f"Level {number}: {name}",
            "description": description,
        }
        if number == 1:
            body["achievement"] = {"version": 1, "content": _achievement()}
        await staff.put(f"/api/levels/{identifier('level', number)}", body)
    modules = [
        {
            "id": str(module_id(number)),
            "name": module.name,
            "description": module.description,
            "evidence_wanted": module.evidence_wanted,
        }
        for number, module in enumerate(story.MODULES)
    ]
    curriculum = {"level_id": str(identifier("level", 1)), "name": "Level One, 2021", "modules": modules}
    await staff.put(f"/api/curricula/{CURRICULUM_ID}", curriculum)
    for number, one in enumerate(story.RESOURCES):
        await staff.send_form(
            f"/{story.SLUG}/resources",
            id=str(identifier("resource", number)),
            program_id=str(PROGRAM_ID),
            title=one.title,
            about=one.about,
            link=one.link,
        )


def _achievement() -> dict[str, Any]:
    return {
        "name": story.ACHIEVEMENT_NAME,
        "description": story.ACHIEVEMENT_DESCRIPTION,
        "criteria": story.ACHIEVEMENT_CRITERIA,
        "achievement_type": "MicroCredential",
        "program_name": story.PROGRAM,
        "level_name": "Level One",
        "credit_minutes_available": sum(one.credit_minutes for one in story.SESSIONS),
        "tags": ["equity", "professional learning"],
    }


def cohort(
    identity: UUID, sessions: Iterable[story.Session], *, name: str, region: str, year: str, **changed: Any
) -> dict[str, Any]:
    """A cohort as staff write it."""
    return {
        "curriculum_id": str(CURRICULUM_ID),
        "name": name,
        "region": region,
        "school_year": year,
        "delivery": "hybrid",
        "time_zone": story.ZONE,
        "policy": {
            "min_sessions": story.MIN_SESSIONS,
            "min_credit_minutes": story.MIN_CREDIT_MINUTES,
            "modules": "all",
        },
        "sessions": [
            {
                "id": str(session_id(identity, number)),
                "title": one.title,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "credit_minutes": one.credit_minutes,
                "mode": one.mode,
                "place": one.place,
            }
            for number, one in enumerate(sessions, 1)
        ],
        "instructors": [str(INSTRUCTOR_ID)],
        **changed,
    }


def past(state: str) -> dict[str, Any]:
    """The cohort of 2021-22, in a state."""
    return cohort(
        COHORT_ID,
        story.SESSIONS,
        name=story.COHORT,
        region=story.REGION,
        year=story.SCHOOL_YEAR,
        state=state,
    )


def year_of(sessions: Sequence[story.Session]) -> str:
    """The school year in which sessions begin, such as 2026-27."""
    first = sessions[0].starts_at
    year = first.year if first.month >= 8 else first.year - 1
    return f"{year}-{(year + 1) % 100:02}"


async def enrollments(staff: Browser, cohort_id: UUID) -> list[dict[str, Any]]:
    """Everybody who enrolled in a cohort."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = await staff.get(f"/api/cohorts/{cohort_id}/enrollments", limit="100", **after)
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


async def seated(staff: Browser) -> list[int]:
    """The numbers of those who have a seat in the cohort of 2021-22."""
    numbers = {str(enrollment_id(number)): number for number in range(len(story.PEOPLE))}
    everybody = await enrollments(staff, COHORT_ID)
    return sorted(numbers[one["id"]] for one in everybody if one["place"] == "seated")
