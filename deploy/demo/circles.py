"""The stage's second program: one topic, judged by a rubric. It has no cohort: the tour opens one."""

from typing import Any

from deploy.demo import story
from deploy.demo.browsers import Browser
from deploy.demo.story import identifier

PROGRAM = "Restorative Circles"
LEVEL = "Circle Keeper"
CURRICULUM = "One morning"
TOPIC = "Keeping a circle"

_RUBRIC: dict[str, Any] = {
    "criteria": [
        {
            "id": "listening",
            "name": "Listening",
            "levels": [
                {"id": "begun", "name": "Begun", "points": 1, "description": "Says what was said in the circle."},
                {"id": "clear", "name": "Clear", "points": 2, "description": "Says also what it meant to who spoke."},
            ],
        },
        {
            "id": "next-step",
            "name": "Next step",
            "levels": [
                {"id": "begun", "name": "Begun", "points": 1, "description": "Wants to hold another circle."},
                {"id": "clear", "name": "Clear", "points": 2, "description": "Says when, with whom and what changes."},
            ],
        },
    ]
}


async def write_circles(staff: Browser) -> None:
    """The program with its level, its curriculum and, by that one's rubric, its badge."""
    program, level, curriculum = (identifier("circles", what) for what in ("program", "level", "curriculum"))
    await staff.put(
        f"/api/programs/{program}",
        {
            "slug": "restorative-circles",
            "name": PROGRAM,
            "description": "How to hold a circle in which people listen, repair and agree what is next.",
            "accent": "#6b3f8f",
        },
    )
    described: dict[str, Any] = {
        "program_id": str(program),
        "number": 1,
        "name": LEVEL,
        "description": "Take part in a circle, then keep one yourself.",
    }
    await staff.put(f"/api/levels/{level}", described)
    topic = {
        "id": str(identifier("circles", "module")),
        "name": TOPIC,
        "description": "Opening, the talking piece, questions that open, and closing.",
        "activity_in_person": "A circle in the room, kept by two of the participants.",
        "activity_virtual": "A circle in the video call, in the order of the list of names.",
        "evidence_wanted": "Tell of a circle that you kept: what you heard, and what you do next.",
        "rubric": _RUBRIC,
    }
    await staff.put(f"/api/curricula/{curriculum}", {"level_id": str(level), "name": CURRICULUM, "modules": [topic]})
    awarded = {
        "name": f"{PROGRAM}: {LEVEL}",
        "description": "The holder took part in a circle, kept one, and showed in evidence what came of it.",
        "criteria": f"Attend a morning and have evidence accepted for the topic “{TOPIC}”, judged by its rubric.",
        "achievement_type": "MicroCredential",
        "program_name": PROGRAM,
        "level_name": LEVEL,
        "accent": "#6b3f8f",
        "credit_minutes_available": story.SESSIONS[0].credit_minutes,
        "tags": ["restorative practice"],
    }
    await staff.put(f"/api/levels/{level}", {**described, "achievement": {"version": 1, "content": awarded}})
