"""The verbs of the journal: note what somebody did or saw."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from services.enrollment.journal import store
from shared.postgres import Connection, Pool


async def note(
    connection: Connection | Pool,
    *,
    organization_id: UUID,
    person_id: UUID | None,
    action: str,
    object_kind: str,
    object_id: UUID | None = None,
    fields: Sequence[str] = (),
    note: Mapping[str, Any] | None = None,
) -> None:
    """Note in the caller's transaction that a person did `action`, or saw `fields`; ids and numbers only, no names.

    Note a reading before the first byte goes out, a change in the transaction that makes it.
    """
    await store.insert(
        connection,
        uuid4(),
        organization_id=organization_id,
        person_id=person_id,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        fields=fields,
        note=note,
    )


async def note_change(
    connection: Connection, organization_id: UUID, by: UUID | None, action: str, object_kind: str, object_id: UUID,
    **more: str,
) -> None:  # fmt: skip
    """Note in the caller's transaction that one of the staff changed something; nothing where `by` is None.

    `more` are ids and numbers.
    """
    if by is not None:
        await note(
            connection,
            organization_id=organization_id,
            person_id=by,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            note=more or None,
        )


async def note_seen(
    connection: Connection | Pool, *, organization_id: UUID, person_id: UUID | None, action: str, object_kind: str,
    object_id: UUID, fields: Sequence[str] = (),
) -> None:  # fmt: skip
    """Note that a person saw something that is looked at again and again: once an hour for each person and thing."""
    if person_id is not None:
        await store.insert_unless_noted(
            connection,
            uuid4(),
            organization_id=organization_id,
            person_id=person_id,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            fields=fields,
        )
