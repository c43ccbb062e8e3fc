"""How somebody stands to an object, and the sets of standings that the tables of actions are written in."""

from typing import Literal

#: By a role in the whole organization, as an instructor of the object's own cohort, as the participant whose enrollment
#: it is, as anyone signed in to the organization, or as anybody at all.
Standing = Literal["administrator", "coordinator", "instructor", "participant", "signed in", "anybody"]
Policy = dict[str, frozenset[Standing]]

ADMINISTRATORS: frozenset[Standing] = frozenset({"administrator"})
STAFF: frozenset[Standing] = frozenset({"administrator", "coordinator"})
TEACHING: frozenset[Standing] = STAFF | {"instructor"}
PARTICIPANT: frozenset[Standing] = frozenset({"participant"})
CONCERNED: frozenset[Standing] = TEACHING | PARTICIPANT
SIGNED_IN: frozenset[Standing] = frozenset({"signed in"})
ANYBODY: frozenset[Standing] = frozenset({"anybody"})
