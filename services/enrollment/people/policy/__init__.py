"""Who may do what: the table of all actions, a file for each part of the service, and the pure function that reads it.

A route names its action in `opt={"policy": action}`. The guard (`access.py`) refuses whoever can have none of the
standings that the table names; where a standing depends on the object (instructor, participant), the handler asks
`access.require` as soon as it has read the object.
"""

from services.enrollment.people.policy import (
    completing,
    ground,
    learning,
    money,
    notices,
    overview,
    people_data,
    places,
    planning,
    teaching,
)
from services.enrollment.people.policy.standings import Policy, Standing
from shared import contracts

#: Standings that only the object can tell: the guard lets a signed-in person through to the handler's own question.
BY_OBJECT: frozenset[Standing] = frozenset({"instructor", "participant"})


def merged(*tables: Policy) -> Policy:
    """One table of all; ValueError for an action that two of them name."""
    found: Policy = {}
    for table in tables:
        if twice := sorted(found.keys() & table.keys()):
            raise ValueError(f"two tables name {', '.join(twice)}")
        found |= table
    return found


TABLE: Policy = merged(
    ground.TABLE,
    notices.TABLE,
    people_data.TABLE,
    planning.TABLE,
    places.TABLE,
    teaching.TABLE,
    completing.TABLE,
    learning.TABLE,
    money.TABLE,
    overview.TABLE,
)

#: What services, not people, may do here: a route names its scope in `opt={"scope": scope}`.
SCOPES: frozenset[str] = frozenset({contracts.EVENTS_READ, contracts.WEBHOOKS_WRITE, contracts.OUTCOMES_WRITE})


def allows(
    action: str, *, roles: frozenset[str], is_signed_in: bool = False, teaches: bool = False, owns: bool = False
) -> bool:
    """Whether somebody may do `action` to an object; KeyError for an action that the table does not know."""
    standings: set[str] = {"anybody"}
    if is_signed_in:
        standings |= roles | {"signed in"}
        if teaches:
            standings.add("instructor")
        if owns:
            standings.add("participant")
    return not TABLE[action].isdisjoint(standings)


def may_depend_on_object(action: str) -> bool:
    """Whether a person without a role may yet be allowed `action`, as the object's instructor or participant."""
    return not TABLE[action].isdisjoint(BY_OBJECT)
