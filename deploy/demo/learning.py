"""The school year of the story: attendance is taken, evidence handed in, returned, handed in again, accepted."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from deploy.demo import story
from deploy.demo.browsers import Browser, browser
from deploy.demo.stage import COHORT_ID, enrollment_id, module_id, past, seated, session_id
from deploy.demo.story import identifier
from deploy.demo.target import Target

Say = Callable[[str], None]
_AT_ONCE = 6


async def teach(staff: Browser, instructor: Browser, target: Target, say: Say) -> None:
    """A school year: one session goes online for a closure, attendance is taken, evidence handed in and reviewed."""
    say("A closure moves one session online; attendance is taken in all four")
    cohort = await staff.get(f"/api/cohorts/{COHORT_ID}")
    if cohort["state"] == "open":
        await staff.put(f"/api/cohorts/{COHORT_ID}", past("running"))
    await instructor.sign_in(story.INSTRUCTOR[1])
    closure = session_id(COHORT_ID, story.CLOSURE_SESSION)
    switched = {"mode": "virtual", "link": "https://meet.example.org/level-one"}
    await instructor.put(f"/api/cohorts/{COHORT_ID}/sessions/{closure}/mode", switched)
    message = {"subject": story.CLOSURE_MESSAGE.subject, "body": story.CLOSURE_MESSAGE.body}
    await instructor.put(f"/api/cohorts/{COHORT_ID}/messages/{identifier('message', 'closure')}", message)
    people = await seated(staff)
    for number, session in enumerate(story.SESSIONS, 1):
        entries = [_attended(person, number, session) for person in people]
        path = f"/api/cohorts/{COHORT_ID}/sessions/{session_id(COHORT_ID, number)}/attendance"
        await instructor.put(path, {"entries": entries})
    say(f"{len(people)} people hand in evidence for {len(story.MODULES)} topics each, and it is reviewed")
    gate = asyncio.Semaphore(_AT_ONCE)

    async def work(number: int) -> None:
        async with gate, browser(target.enrollment) as participant:
            await participant.sign_in(story.email(number))
            await _hand_in(participant, instructor, number)

    await asyncio.gather(*(work(number) for number in people))


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
        await participant.put_file(
            f"{path}/file", log, "text/plain", module_id=module, file_name="log.txt", attested="true"
        )
    elif number == 2:
        await participant.put(path, {"module_id": module, "link": "https://example.org/conversation"})
    else:
        text = f"What {story.MODULES[number].name} means in my school, as I have met it this year."
        await participant.put(path, {"module_id": module, "text": text})
    return True
