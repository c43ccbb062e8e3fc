"""Who may do what: the one table of actions, and the pure function that reads it.

A route names its action in `opt={"policy": action}`. The guard (`access.py`) refuses whoever can have none of the
standings that the table names; where a standing depends on the object (instructor, participant), the handler asks
`access.require` as soon as it has read the object.
"""

from typing import Literal

from shared import contracts

#: How somebody stands to an object: by a role in the whole organization, as an instructor of the object's own cohort,
#: as the participant whose enrollment it is, as anyone signed in to the organization, or as anybody at all.
Standing = Literal["administrator", "coordinator", "instructor", "participant", "signed in", "anybody"]
Policy = dict[str, frozenset[Standing]]

_ADMINISTRATORS: frozenset[Standing] = frozenset({"administrator"})
_STAFF: frozenset[Standing] = frozenset({"administrator", "coordinator"})
_TEACHING: frozenset[Standing] = _STAFF | {"instructor"}
_CONCERNED: frozenset[Standing] = _TEACHING | {"participant"}
_SIGNED_IN: frozenset[Standing] = frozenset({"signed in"})
_ANYBODY: frozenset[Standing] = frozenset({"anybody"})

#: Standings that only the object can tell: the guard lets a signed-in person through to the handler's own question.
BY_OBJECT: frozenset[Standing] = frozenset({"instructor", "participant"})

TABLE: Policy = {
    "open": _ANYBODY,
    # organizations
    "organization.read": _ANYBODY,
    # people
    "sign_in": _ANYBODY,
    "session.read": _SIGNED_IN,
    "session.end": _ANYBODY,
    "person.read": _STAFF,
    "person.write": _STAFF,
    "role.write": _ADMINISTRATORS,
    "mailbox.read": _ANYBODY,
    # programs and cohorts
    "catalog.read": _ANYBODY,
    "program.read": _ANYBODY,
    "program.write": _STAFF,
    "cohort.read": _CONCERNED,
    "cohort.write": _STAFF,
    "session.switch": _TEACHING,
    # enrollments
    "enrollment.create": _ANYBODY,
    "enrollment.list": _TEACHING,
    "enrollment.read": _CONCERNED,
    "enrollment.show_name": frozenset({"participant"}),
    "enrollment.withdraw": _STAFF | {"participant"},
    # attendance and evidence
    "attendance.read": _CONCERNED,
    "attendance.write": _TEACHING,
    "evidence.submit": frozenset({"participant"}),
    "evidence.read": _CONCERNED,
    "evidence.review": _TEACHING,
    # completions and awards
    "completion.read": _STAFF,
    "completion.decide": _STAFF,
    "award.read": _STAFF,
    "award.revoke": _STAFF,
}

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
