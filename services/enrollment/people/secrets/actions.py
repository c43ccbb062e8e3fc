"""Verbs of private fields: keep, open, and let somebody open. What others than the owner open is noted first."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer
from services.enrollment.people.roles import store as roles
from services.enrollment.people.secrets import store
from shared.postgres import Connection, Pool, transaction
from shared.problems import NotFoundError
from shared.sealing import seal, unseal

#: The field whose content stands on a statement of completion.
LICENSE_NUMBER = "license-number"


def _belongs_to(organization_id: UUID, person_id: UUID, field: str) -> str:
    return f"person secret {organization_id} {person_id} {field}"


async def keep(
    connection: Connection,
    organization_id: UUID,
    person_id: UUID,
    values: Mapping[str, str],
    *,
    sealing_key: bytes,
    overwrites: bool,
    now: datetime,
) -> None:
    """Keep private fields sealed. Without `overwrites` only what is not there: anybody can type another's address.

    With it, an empty value forgets the field.
    """
    sealed = [
        (field, seal(sealing_key, value.encode(), belongs_to=_belongs_to(organization_id, person_id, field)))
        for field, value in values.items()
        if value
    ]
    if sealed:
        await store.put_secrets(connection, organization_id, person_id, sealed, overwrites=overwrites, now=now)
    for field in [field for field, value in values.items() if overwrites and not value]:
        await store.delete_secret(connection, organization_id, person_id, field)


async def own_secrets(
    pool: Connection | Pool, organization_id: UUID, person_id: UUID, *, sealing_key: bytes
) -> dict[str, str]:
    """All that is private of a person, opened: for themselves only."""
    found = await store.secrets(pool, organization_id, person_id)
    return {
        field: unseal(sealing_key, sealed, belongs_to=_belongs_to(organization_id, person_id, field)).decode()
        for field, sealed in found.items()
    }


async def reassign(
    connection: Connection, organization_id: UUID, *, away: UUID, into: UUID, sealing_key: bytes, now: datetime
) -> None:
    """Let what is private of one record be another's, sealed anew for it; what `into` has itself stays."""
    found = await own_secrets(connection, organization_id, away, sealing_key=sealing_key)
    await keep(connection, organization_id, into, found, sealing_key=sealing_key, overwrites=False, now=now)
    await store.forget_secrets(connection, organization_id, away)
    await store.move_reading(connection, organization_id, away=away, keep=into)


async def open_secret(house: House, viewer: Viewer, person_id: UUID, field: str) -> str | None:
    """A private field, for its owner or whoever may read the field, which is noted; None where nothing is kept.

    NotFoundError for everybody else.
    """
    organization_id = viewer.organization_id
    if viewer.person_id is None:
        raise NotFoundError
    if viewer.person_id != person_id:
        async with transaction(house.pool) as connection:
            if field not in await store.fields_read_by(connection, organization_id, viewer.person_id):
                raise NotFoundError
            if await people.person(connection, organization_id, person_id) is None:
                raise NotFoundError
            await journal.note(
                connection,
                organization_id=organization_id,
                person_id=viewer.person_id,
                action="secret.read",
                object_kind="person",
                object_id=person_id,
                fields=[field],
            )
    sealed = (await store.secrets(house.pool, organization_id, person_id)).get(field)
    if sealed is None:
        return None
    return unseal(house.sealing_key, sealed, belongs_to=_belongs_to(organization_id, person_id, field)).decode()


async def grant(house: House, viewer: Viewer, person_id: UUID, field: str) -> None:
    """Let somebody of the staff open a private field; again changes nothing. NotFoundError, also without a role."""
    async with transaction(house.pool) as connection:
        # Whoever takes their last role away meanwhile waits for it, and takes this with it.
        await roles.lock_organization(connection, viewer.organization_id)
        found = await people.person(connection, viewer.organization_id, person_id)
        if viewer.person_id is None or found is None or not found.roles:
            raise NotFoundError
        by, now = viewer.person_id, house.clock()
        if await store.put_reader(connection, viewer.organization_id, person_id, field, by=by, now=now):
            await _note(connection, viewer, person_id, field, "reader.grant")


async def revoke(house: House, viewer: Viewer, person_id: UUID, field: str) -> None:
    """Let somebody open a private field no more; again changes nothing."""
    async with transaction(house.pool) as connection:
        if await store.delete_reader(connection, viewer.organization_id, person_id, field):
            await _note(connection, viewer, person_id, field, "reader.revoke")


async def _note(connection: Connection, viewer: Viewer, person_id: UUID, field: str, action: str) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind="person",
        object_id=person_id,
        fields=[field],
    )
