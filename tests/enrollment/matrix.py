"""Everybody inside an organization, and what the table of actions promises each of them on every route. Pure."""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from services.enrollment.people.policy import BY_OBJECT
from services.enrollment.people.policy.standings import ANYBODY, SIGNED_IN, Policy
from tests.enrollment.lines.line import Line
from tests.enrollment.lines.world import World

Insider = Literal[
    "administrator",
    "coordinator",
    "instructor",
    "another cohort's instructor",
    "participant",
    "another participant",
]
INSIDERS: tuple[Insider, ...] = (
    "administrator",
    "coordinator",
    "instructor",
    "another cohort's instructor",
    "participant",
    "another participant",
)
#: Names in paths of what is the participant's alone; whatever else a path names is of the whole cohort, or of staff.
PERSONAL = {"enrollment_id", "evidence_id", "award_id", "record_id", "stipend_id", "field"}
#: Their form names what is one's own, and is sent empty here: "not found" is about that.
NAMED_IN_FORM = {"POST /{slug:str}/learning/addresses/first", "POST /{slug:str}/learning/addresses/remove"}
#: Lists of a whole cohort under an action that its people may do to what is their own.
OF_TEACHERS = {"GET /api/cohorts/{cohort_id:uuid}/evidence"}
#: What takes away the ground of other routes, in the order in which it does no harm.
LAST = (
    "POST /{slug:str}/teach/cohorts/{cohort_id:uuid}/sessions/{session_id:uuid}/cancel",
    "PUT /api/cohorts/{cohort_id:uuid}",
    "POST /{slug:str}/staff/people/{person_id:uuid}/erase",
    "POST /{slug:str}/learning/erase",
)


def names_in(route: str) -> set[str]:
    """The names of what a route's path asks for, but the organization."""
    return set(re.findall(r"{(\w+):", route)) - {"slug"}


def standings(route: str, part: Insider) -> set[str]:
    """How somebody stands to the object of a route, in the words of the table."""
    named = names_in(route)
    if named & PERSONAL:
        owns = part == "participant"
    elif "instructor_id" in named:
        owns = part == "instructor"
    else:
        owns = part in ("participant", "another participant") and route not in OF_TEACHERS
    found = {"signed in", "anybody"}
    if part in ("administrator", "coordinator"):
        found.add(part)
    return found | ({"instructor"} if part == "instructor" else set()) | ({"participant"} if owns else set())


def refusal(route: str, action: str, part: Insider, table: Policy) -> int | None:
    """The status with which `table` refuses `part`, or None where it lets them in."""
    allowed: set[str] = set(table[action])
    if allowed == SIGNED_IN and names_in(route) & PERSONAL:
        # Done to what is one's own, and "not found" for everybody else, staff too.
        allowed = {"participant"}
        return 404 if standings(route, part).isdisjoint(allowed) else None
    if not standings(route, part).isdisjoint(allowed):
        return None
    depends = not allowed.isdisjoint(BY_OBJECT)
    if depends and not names_in(route):
        # A list: everybody signed in is shown what is theirs.
        return None
    return 404 if depends else 403


def is_kept(status: int, wanted: int | None, *, line: Line, is_open: bool) -> bool:
    """Whether an answer is what the table promises; whoever is let in may yet be told what is wrong with the request.

    `is_open`: "not found" is about the object, for anybody may ask, or the form names it.
    """
    if wanted is not None:
        return status == wanted
    return status not in ({401, 403} if is_open else {401, 403, 404}) and (status < 500 or status == line.administrator)


def is_tried(route: str, action: str, table: Policy) -> bool:
    """Whether the route belongs here: not the process's own, nor where anybody at all writes, such as signing in."""
    return action != "open" and (table[action] != ANYBODY or route.startswith("GET"))


def in_order(routes: Iterable[str]) -> list[str]:
    """Routes that read before those that write, and what takes away others' ground at the end."""
    return sorted(routes, key=lambda one: (LAST.index(one) if one in LAST else -1, not one.startswith("GET"), one))


def from_within(world: World) -> World:
    """The world for those inside: where bodies name things of the other organization they name its own."""
    return msgspec.structs.replace(
        world,
        foreign_slug=world.slug,
        foreign_program_id=world.ids.program_id,
        foreign_level_id=world.ids.level_id,
        foreign_curriculum_id=world.ids.curriculum_id,
    )
