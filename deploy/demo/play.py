"""Plays the story over HTTP, as its people would; what was played before is met, not doubled."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from deploy.demo import story
from deploy.demo.browsers import Browser, browser
from deploy.demo.story import identifier
from deploy.demo.target import Target
from deploy.local.terminal import StackError

Say = Callable[[str], None]
_AT_ONCE = 6
_POLL_SECONDS = 0.2
_MOST_POLLS = 600

COHORT_ID = identifier("cohort", "past")
COMING_ID = identifier("cohort", "coming")
_CURRICULUM_ID = identifier("curriculum", 1)
_INSTRUCTOR_ID = identifier("person", "instructor")


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the cohort: each seated person's standing by their number in the story."""

    standings: dict[int, dict[str, Any]]
    seats: int
    in_line: int


def enrollment_id(number: int) -> UUID:
    """The enrollment of a person of the story."""
    return identifier("enrollment", number)


async def play(target: Target, say: Say) -> Played:
    """The whole story, from the program to the revoked badge; StackError where a step is refused."""
    async with AsyncExitStack() as stack:
        staff = await stack.enter_async_context(browser(target.enrollment))
        link = await asyncio.to_thread(target.staff_link)
        await staff.post(f"/api{urlsplit(link).path}", {})
        say("Staff write the program, its levels and the curriculum")
        await _write_program(staff)
        instructor = await stack.enter_async_context(browser(target.enrollment))
        await staff.put(f"/api/people/{_INSTRUCTOR_ID}", {"name": story.INSTRUCTOR[0], "email": story.INSTRUCTOR[1]})
        past = await staff.find(f"/api/cohorts/{COHORT_ID}")
        if past is None or past["state"] in ("draft", "open"):
            await _fill(staff, target, say)
        if past is None or past["state"] != "closed":
            await _teach(staff, instructor, target, say)
        await _award(staff, say)
        await _open_coming(staff, target, say)
        return await _played(staff)


async def is_played(target: Target) -> bool:
    """Whether the story was played to its end here: its last step is the cohort ahead."""
    async with browser(target.enrollment) as visitor:
        found = await visitor.find(f"/api/{story.SLUG}/cohorts")
    return found is not None and any(one["id"] == str(COMING_ID) for one in found["items"])


async def _write_program(staff: Browser) -> None:
    program = identifier("program")
    await staff.put(
        f"/api/programs/{program}",
        {"slug": "level-program", "name": story.PROGRAM, "description": story.PROGRAM_DESCRIPTION},
    )
    for number, (name, description) in enumerate(story.LEVELS, 1):
        body: dict[str, Any] = {
            "program_id": str(program),
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
    await staff.put(f"/api/curricula/{_CURRICULUM_ID}", curriculum)


def module_id(number: int) -> UUID:
    """A topic of the story."""
    return identifier("module", number)


def session_id(cohort: UUID, number: int) -> UUID:
    """A session of a cohort, from 1."""
    return identifier("session", cohort, number)


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


def _cohort(
    cohort: UUID, sessions: Iterable[story.Session], *, name: str, region: str, year: str, **changed: Any
) -> dict[str, Any]:
    return {
        "curriculum_id": str(_CURRICULUM_ID),
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
                "id": str(session_id(cohort, number)),
                "title": one.title,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "credit_minutes": one.credit_minutes,
                "mode": one.mode,
                "place": one.place,
            }
            for number, one in enumerate(sessions, 1)
        ],
        "instructors": [str(_INSTRUCTOR_ID)],
        **changed,
    }


def _past(state: str) -> dict[str, Any]:
    return _cohort(
        COHORT_ID,
        story.SESSIONS,
        name=story.COHORT,
        region=story.REGION,
        year=story.SCHOOL_YEAR,
        state=state,
    )


async def _fill(staff: Browser, target: Target, say: Say) -> None:
    """32 people sign up one after another; two give their seats back, and the first two in line get them."""
    say(f"{len(story.PEOPLE)} people sign up for {story.SEATS} seats")
    await staff.put(f"/api/cohorts/{COHORT_ID}", _past("open"))
    await staff.put(f"/api/cohorts/{COHORT_ID}/seats", {"seats": story.SEATS})
    known = {one["id"] for one in await _enrollments(staff, COHORT_ID)}
    async with browser(target.enrollment) as visitor:
        for number, name in enumerate(story.PEOPLE):
            if str(enrollment_id(number)) not in known:
                await visitor.put(
                    f"/api/{story.SLUG}/cohorts/{COHORT_ID}/enrollments/{enrollment_id(number)}",
                    {"name": name, "email": story.email(number), "shows_name": number != story.NAME_WITHHELD},
                )
    for number in story.WITHDRAW:
        await staff.put(f"/api/enrollments/{enrollment_id(number)}/withdrawal", {})


async def _teach(staff: Browser, instructor: Browser, target: Target, say: Say) -> None:
    """A school year: one session goes online for a closure, attendance is taken, evidence handed in and reviewed."""
    say("A closure moves one session online; attendance is taken in all four")
    cohort = await staff.get(f"/api/cohorts/{COHORT_ID}")
    if cohort["state"] == "open":
        await staff.put(f"/api/cohorts/{COHORT_ID}", _past("running"))
    await instructor.sign_in(story.INSTRUCTOR[1])
    closure = session_id(COHORT_ID, story.CLOSURE_SESSION)
    switched = {"mode": "virtual", "link": "https://meet.example.org/level-one"}
    await instructor.put(f"/api/cohorts/{COHORT_ID}/sessions/{closure}/mode", switched)
    seated = await _seated(staff)
    for number, session in enumerate(story.SESSIONS, 1):
        entries = [_attended(person, number, session) for person in seated]
        path = f"/api/cohorts/{COHORT_ID}/sessions/{session_id(COHORT_ID, number)}/attendance"
        await instructor.put(path, {"entries": entries})
    say(f"{len(seated)} people hand in evidence for {len(story.MODULES)} topics each, and it is reviewed")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def work(number: int) -> None:
        async with gate, browser(target.enrollment) as participant:
            await participant.sign_in(story.email(number))
            await _hand_in(participant, instructor, number)

    await asyncio.gather(*(work(number) for number in seated))


def _attended(person: int, number: int, session: story.Session) -> dict[str, Any]:
    online = number == story.CLOSURE_SESSION
    entry: dict[str, Any] = {
        "enrollment_id": str(enrollment_id(person)),
        "mode": "virtual" if online else "in person",
    }
    if (person in story.MISSED_TOO_MUCH and number > 2) or (person in story.WITHDRAW):
        entry["mode"] = "absent"
    elif person in story.EXCUSED_ONCE and number == 2:
        entry["mode"] = "excused"
    elif person in story.LEFT_EARLY:
        entry["arrived_at"] = session.starts_at.isoformat()
        entry["departed_at"] = (session.ends_at - timedelta(hours=1)).isoformat()
    return entry


async def _hand_in(participant: Browser, instructor: Browser, person: int) -> None:
    for number in range(len(story.MODULES)):
        if person in story.WITHOUT_LAST_EVIDENCE and number == len(story.MODULES) - 1:
            continue
        if person in story.RETURNED_ONCE and number == 0:
            first = identifier("evidence", person, number, "first")
            if await _submit(participant, person, number, first):
                returned = {"decision": "returned", "comment": story.RETURN_COMMENT}
                await instructor.put(f"/api/evidence/{first}/review", returned)
        final = identifier("evidence", person, number)
        if await _submit(participant, person, number, final):
            await instructor.put(f"/api/evidence/{final}/review", {"decision": "accepted"})


async def _submit(participant: Browser, person: int, number: int, evidence: UUID) -> bool:
    """Hand in one piece: a file, a link or a text by turns; False where it was reviewed before."""
    known = await participant.find(f"/api/evidence/{evidence}")
    if known is not None:
        return bool(known["state"] == "submitted")
    path = f"/api/enrollments/{enrollment_id(person)}/evidence/{evidence}"
    module = str(module_id(number))
    if number == 1:
        log = f"Log of one week, {story.MODULES[number].name}\n".encode() * 20
        await participant.put_file(f"{path}/file", log, "text/plain", module_id=module, file_name="log.txt")
    elif number == 2:
        await participant.put(path, {"module_id": module, "link": "https://example.org/conversation"})
    else:
        text = f"What {story.MODULES[number].name} means in my school, as I have met it this year."
        await participant.put(path, {"module_id": module, "text": text})
    return True


async def _award(staff: Browser, say: Say) -> None:
    """Award at once whoever meets the policy; then revoke one badge."""
    standings = await _standings(staff)
    eligible = [one["enrollment_id"] for one in standings.values() if one["is_eligible"]]
    short = [one["enrollment_id"] for one in standings.values() if not one["is_eligible"]]
    say(f"Staff award {len(eligible)} badges with one decision; {len(short)} people are short of the policy")
    if any(one["outcome"] == "none" for one in standings.values()):
        await staff.put(f"/api/cohorts/{COHORT_ID}/completions", {"completed": eligible, "not_completed": short})
    standings = await _wait(staff, "issued", lambda one: one["award_id"] is None or one["award_state"] != "requested")
    revoked = standings[story.REVOKED]
    if revoked["award_state"] == "issued":
        say("One badge is revoked")
        await staff.put(f"/api/awards/{revoked['award_id']}/revocation", {"reason": story.REVOCATION_REASON})
    await _wait(
        staff,
        "revoked",
        lambda one: one["award_id"] != revoked["award_id"] or one["award_state"] == "revoked",
    )
    cohort = await staff.get(f"/api/cohorts/{COHORT_ID}")
    if cohort["state"] == "running":
        await staff.put(f"/api/cohorts/{COHORT_ID}", {**_past("closed"), "sessions": cohort["sessions"]})


async def _wait(staff: Browser, what: str, is_done: Callable[[dict[str, Any]], bool]) -> dict[int, dict[str, Any]]:
    for _ in range(_MOST_POLLS):
        standings = await _standings(staff)
        if all(is_done(one) for one in standings.values()):
            return standings
        await asyncio.sleep(_POLL_SECONDS)
    raise StackError(f"Two minutes passed and not every badge is {what}. `./run reconcile` names what is missing.")


async def _open_coming(staff: Browser, target: Target, say: Say) -> None:
    """A cohort ahead of today, with free seats."""
    if await staff.find(f"/api/cohorts/{COMING_ID}") is None:
        say("A cohort for the coming year opens, with free seats")
    sessions = story.coming_sessions(datetime.now(UTC).date())
    year = sessions[0].starts_at.year if sessions[0].starts_at.month >= 8 else sessions[0].starts_at.year - 1
    known = await staff.find(f"/api/cohorts/{COMING_ID}")
    if known is None:
        body = _cohort(
            COMING_ID,
            sessions,
            name=story.COMING_COHORT,
            region=story.COMING_REGION,
            year=f"{year}-{(year + 1) % 100:02}",
            state="open",
        )
        await staff.put(f"/api/cohorts/{COMING_ID}", body)
    await staff.put(f"/api/cohorts/{COMING_ID}/seats", {"seats": story.SEATS})
    known_ids = {one["id"] for one in await _enrollments(staff, COMING_ID)}
    async with browser(target.enrollment) as visitor:
        for number in range(story.COMING_ENROLLED):
            enrollment = identifier("coming", number)
            if str(enrollment) not in known_ids:
                await visitor.put(
                    f"/api/{story.SLUG}/cohorts/{COMING_ID}/enrollments/{enrollment}",
                    {"name": f"Coming {number + 1}", "email": f"coming{number + 1}@example.org", "shows_name": True},
                )


async def _enrollments(staff: Browser, cohort: UUID) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = await staff.get(f"/api/cohorts/{cohort}/enrollments", limit="100", **after)
        found += page["items"]
        if page["next"] is None:
            return found
        after = {"after": page["next"]}


async def _seated(staff: Browser) -> list[int]:
    numbers = {str(enrollment_id(number)): number for number in range(len(story.PEOPLE))}
    everybody = await _enrollments(staff, COHORT_ID)
    return sorted(numbers[one["id"]] for one in everybody if one["place"] == "seated")


async def _standings(staff: Browser) -> dict[int, dict[str, Any]]:
    numbers = {str(enrollment_id(number)): number for number in range(len(story.PEOPLE))}
    found = await staff.get(f"/api/cohorts/{COHORT_ID}/completions")
    return {numbers[one["enrollment_id"]]: one for one in found["standings"]}


async def _played(staff: Browser) -> Played:
    cohort = await staff.get(f"/api/cohorts/{COHORT_ID}")
    return Played(standings=await _standings(staff), seats=cohort["seats"], in_line=cohort["in_line"])
