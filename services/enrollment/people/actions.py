"""Verbs about people: add one, begin an organization with its first administrator."""

from datetime import datetime
from uuid import UUID, uuid4

from services.enrollment.journal import actions as journal
from services.enrollment.organizations import actions as organizations
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store, store_personal
from services.enrollment.people.model import Person, PersonExistsError, Viewer, normalized_email
from services.enrollment.people.roles import store as roles
from shared.names import is_legible, one_line
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError

_LONGEST_NAME = 200


def trimmed_name(text: str) -> str:
    """The name as it is stored. InvalidInputError if nobody could read it, or it is longer than 200 characters."""
    name = one_line(text)
    if len(name) > _LONGEST_NAME or not is_legible(name):
        raise InvalidInputError(("name", "Enter a name of letters, at most 200 characters, none of them invisible."))
    return name


async def ensure_person(
    connection: Connection, *, organization_id: UUID, name: str, email: str, language: str = "en"
) -> Person:
    """The person of an address, added now if unknown. Who is known keeps the name they have: anybody may fill a form.

    `language` is of somebody new. InvalidInputError names `name` or `email`.
    """
    address, wanted = normalized_email(email), trimmed_name(name)
    found = await store.hold_by_email(connection, organization_id, address)
    if found is not None:
        return found
    await store.insert_person(
        connection,
        Person(id=uuid4(), organization_id=organization_id, name=wanted, email=address, language=language),
    )
    # read again: another request may have added the same address meanwhile, or a merge have handed it over
    found = await store.hold_by_email(connection, organization_id, address)
    if found is None:
        raise PersonExistsError
    return found


async def add_person(pool: Pool, person: Person, *, by: UUID | None = None) -> tuple[Person, bool]:
    """The person, and whether they were added now; the same again adds nothing. PersonExistsError for other content."""
    wanted = Person(
        id=person.id,
        organization_id=person.organization_id,
        name=trimmed_name(person.name),
        email=normalized_email(person.email),
        language=person.language,
    )
    async with transaction(pool) as connection:
        was_added = await store.insert_person(connection, wanted)
        if was_added:
            await journal.note_change(connection, wanted.organization_id, by, "person.write", "person", wanted.id)
        found = await store.person(connection, wanted.organization_id, wanted.id)
    if found is None or (found.name, found.email, found.language) != (wanted.name, wanted.email, wanted.language):
        raise PersonExistsError
    return found, was_added


async def found_organization(
    pool: Pool, organization: Organization, *, administrator_name: str, administrator_email: str, now: datetime
) -> Person:
    """Begin an organization together with its first administrator. OrganizationExistsError, InvalidInputError."""
    async with transaction(pool) as connection:
        await organizations.create(connection, organization)
        person = await ensure_person(
            connection, organization_id=organization.id, name=administrator_name, email=administrator_email
        )
        await roles.write(connection, organization.id, person.id, ["administrator"], now=now)
    return person


async def acting(connection: Connection, viewer: Viewer) -> UUID:
    """Who acts: their record is neither merged nor erased before the transaction ends. NotFoundError where it was.

    The order of locks: the organization, cohorts, who acts, enrollments, everything else. Whoever writes down who acts
    with an enrollment or less locked asks it first: a merge has the person, and waits for what names them.
    """
    if viewer.person_id is None or not await store_personal.hold_acting(
        connection, viewer.organization_id, viewer.person_id
    ):
        raise NotFoundError
    return viewer.person_id
