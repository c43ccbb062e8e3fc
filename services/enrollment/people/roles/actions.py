"""Verbs of roles. Each is done by an administrator, noted in the journal, and told to whom it concerns.

They happen one after another in an organization, so that of two administrators who dismiss each other one stays.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.organizations import store as organizations
from services.enrollment.people import actions as people
from services.enrollment.people import store as people_store
from services.enrollment.people.model import LastAdministratorError, Person, Role, Viewer
from services.enrollment.people.roles import letters, store
from services.enrollment.people.roles.model import OwnRoleError, Wish
from services.enrollment.people.secrets import store as secrets
from shared.postgres import Connection, transaction
from shared.problems import ForbiddenError, NotFoundError

Roles = frozenset[Role]


async def set_roles(house: House, viewer: Viewer, *, person_id: UUID, roles: Iterable[Role]) -> Person:
    """Give a person exactly these roles, from their next request on; the same again changes nothing.

    NotFoundError, LastAdministratorError, OwnRoleError.
    """
    wanted = frozenset(roles)
    async with transaction(house.pool) as connection:
        await _begin(connection, viewer)
        return await _change(house, connection, viewer, person_id, lambda before: wanted)


async def take_role(house: House, viewer: Viewer, *, person_id: UUID, role: Role) -> Person:
    """Take a role back; again changes nothing. NotFoundError, LastAdministratorError."""
    async with transaction(house.pool) as connection:
        await _begin(connection, viewer)
        return await _change(house, connection, viewer, person_id, lambda before: before - {role})


async def give_role(house: House, viewer: Viewer, wish: Wish) -> Person:
    """Give a role to whoever has the address, added now if unknown; again changes nothing.

    InvalidInputError where somebody new has no name, OwnRoleError.
    """
    organization_id = viewer.organization_id
    async with transaction(house.pool) as connection:
        await _begin(connection, viewer)
        person = await people_store.hold_by_email(connection, organization_id, wish.email)
        if person is None:
            person = await people.ensure_person(
                connection,
                organization_id=organization_id,
                name=wish.name,
                email=wish.email,
                language=wish.language,
            )
            await _note(connection, viewer, person.id, "person.write")
        return await _change(house, connection, viewer, person.id, lambda before: before | {wish.role})


async def _begin(connection: Connection, viewer: Viewer) -> None:
    """Wait for whoever changes roles now; they may have dismissed the viewer."""
    await store.lock_organization(connection, viewer.organization_id)
    if not await store.is_administrator(connection, viewer.organization_id, viewer.person_id):
        raise ForbiddenError("role")


async def _change(
    house: House, connection: Connection, viewer: Viewer, person_id: UUID, after: Callable[[Roles], Roles]
) -> Person:
    organization_id = viewer.organization_id
    if not await store.hold_person(connection, organization_id, person_id):
        raise NotFoundError
    person = await people_store.person(connection, organization_id, person_id)
    organization = await organizations.by_id(connection, organization_id)
    if person is None or organization is None:
        raise NotFoundError
    before, wanted = person.roles, after(person.roles)
    if before == wanted:
        return person
    if person_id == viewer.person_id and not wanted <= before:
        raise OwnRoleError
    if not await store.write(connection, organization_id, person_id, sorted(wanted), now=house.clock()):
        raise LastAdministratorError
    if not wanted:
        # Whoever works here no more opens nobody's private fields.
        await secrets.forget_reading(connection, organization_id, person_id)
    await _note(connection, viewer, person_id, "role.write", gave=wanted - before, took=before - wanted)
    mail = letters.roles_changed(
        organization, person, before=before, after=wanted, home=f"{house.settings.enrollment_url}/{organization.slug}"
    )
    await notices.post(connection, mail, organization_id=organization_id, sealing_key=house.sealing_key)
    found = await people_store.person(connection, organization_id, person_id)
    if found is None:
        raise NotFoundError
    return found


async def _note(connection: Connection, viewer: Viewer, person_id: UUID, action: str, **changes: Roles) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind="person",
        object_id=person_id,
        note={word: ", ".join(sorted(roles)) for word, roles in changes.items() if roles} or None,
    )
