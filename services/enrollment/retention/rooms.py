"""The rooms that hold something of a person: each tells it, and forgets it."""

from collections.abc import Awaitable
from typing import Any, Protocol
from uuid import UUID

import msgspec

from services.enrollment.attendance import store as attendance
from services.enrollment.audits import store as audits
from services.enrollment.cohorts import store_personal as cohorts
from services.enrollment.completions import store_personal as completions
from services.enrollment.directory import store as directory
from services.enrollment.enrollments import store_personal as enrollments
from services.enrollment.evaluations import store as evaluations
from services.enrollment.evidence import store_personal as evidence
from services.enrollment.forms import store_personal as forms
from services.enrollment.messages import store as messages
from services.enrollment.notices import store as notices
from services.enrollment.people import store_personal as people
from services.enrollment.people.secrets import store as secrets
from services.enrollment.programs import store_personal as programs
from services.enrollment.records import store as records
from services.enrollment.rosters import store as rosters
from services.enrollment.stipends import store as stipends
from shared.postgres import Connection, Pool


class Tell(Protocol):
    """Says what a room holds of a person, for their own download."""

    def __call__(
        self, connection: Connection | Pool, organization_id: UUID, person_id: UUID
    ) -> Awaitable[dict[str, Any]]:
        """Each part under a name of its own."""


class Forget(Protocol):
    """Removes what a room holds of a person, in the caller's transaction."""

    def __call__(
        self, connection: Connection, organization_id: UUID, person_id: UUID, *, keep: frozenset[str]
    ) -> Awaitable[list[UUID]]:
        """Leaves the tables that `keep` names; returns the files to destroy after the commit."""


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room with what it can say and forget."""

    tell: Tell
    forget: Forget


#: People last: what belongs to an address is found by it.
ROOMS: tuple[Room, ...] = (
    Room(tell=audits.data_of, forget=audits.forget),
    Room(tell=enrollments.data_of, forget=enrollments.forget),
    Room(tell=rosters.data_of, forget=rosters.forget),
    Room(tell=forms.data_of, forget=forms.forget),
    Room(tell=attendance.data_of, forget=attendance.forget),
    Room(tell=messages.data_of, forget=messages.forget),
    Room(tell=evidence.data_of, forget=evidence.forget),
    Room(tell=evaluations.data_of, forget=evaluations.forget),
    Room(tell=records.data_of, forget=records.forget),
    Room(tell=completions.data_of, forget=completions.forget),
    Room(tell=stipends.data_of, forget=stipends.forget),
    Room(tell=programs.data_of, forget=programs.forget),
    Room(tell=cohorts.data_of, forget=cohorts.forget),
    Room(tell=directory.data_of, forget=directory.forget),
    Room(tell=notices.data_of, forget=notices.forget),
    Room(tell=secrets.data_of, forget=secrets.forget),
    Room(tell=people.data_of, forget=people.forget),
)
