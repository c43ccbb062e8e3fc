"""An entry of the journal, which entries are asked for, and the cursor between their pages. Pure."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from shared.problems import InvalidInputError


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody did or saw something; all of it by ids, never by names or contents."""

    id: UUID
    organization_id: UUID
    at: datetime
    #: None where the service did it itself, or somebody who was not signed in.
    person_id: UUID | None
    action: str
    object_kind: str
    object_id: UUID | None
    fields: tuple[str, ...]
    note: dict[str, Any] | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: all, or those of one person, one action, one object, from a moment until before another."""

    person_id: UUID | None = None
    action: str | None = None
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place in the journal, which is read from the newest entry on."""

    at: datetime
    id: UUID


def cursor(entry: Entry) -> str:
    """The cursor behind an entry."""
    return f"{entry.at.astimezone(UTC):%Y%m%dT%H%M%S.%f}-{entry.id.hex}"


def place(text: str | None) -> Place | None:
    """The place that a cursor stands for, None without one; InvalidInputError where it is none."""
    if text is None:
        return None
    at, _, identifier = text.partition("-")
    try:
        return Place(at=datetime.strptime(at, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC), id=UUID(identifier))
    except ValueError:
        raise InvalidInputError(("after", "Use the cursor that the last page gave, or none.")) from None
