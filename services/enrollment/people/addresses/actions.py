"""Verbs of addresses: ask for one, confirm it by the link that was mailed there, write to another, remove one.

Whoever asks is told nothing of the address: whose it is, stands only in the letter that is sent there. The link adds
the address only for who asked and is signed in, so that a mail scanner that follows it gives nobody's address away.
"""

import secrets
from datetime import timedelta
from uuid import UUID

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.notices.model import Mail
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store as people
from services.enrollment.people.addresses import letters, store
from services.enrollment.people.addresses.model import (
    MOST_ADDRESSES,
    MOST_WISHES,
    WISH_LIFETIME,
    AddressTakenError,
    TooManyWishesError,
    Wish,
    WishOverError,
)
from services.enrollment.people.model import Person, normalized_email, token_sha256
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError

_TOKEN_BYTES = 32


async def ask(house: House, organization: Organization, person_id: UUID, text: str) -> str:
    """Write to an address that somebody wants to add; the address as it is stored.

    NotFoundError, InvalidInputError, TooManyWishesError.
    """
    now, email, token = house.clock(), normalized_email(text), secrets.token_urlsafe(_TOKEN_BYTES)
    async with transaction(house.pool) as connection:
        person = await _held(connection, organization.id, person_id)
        own = await store.addresses(connection, organization.id, person_id)
        if email in {one.email for one in own}:
            raise InvalidInputError(("email", "This address is yours already."))
        if len(own) >= MOST_ADDRESSES:
            raise InvalidInputError(("email", "Remove an address first: you have ten."))
        await store.delete_old(connection, now)
        if await store.wishes_since(connection, person_id, now - timedelta(hours=1)) >= MOST_WISHES:
            raise TooManyWishesError
        wish = Wish(person_id=person_id, email=email)
        await store.insert_wish(
            connection, token_sha256(token), organization.id, wish, now=now, expires_at=now + WISH_LIFETIME
        )
        holder = await people.person_by_email(connection, organization.id, email)
        url = f"{house.settings.enrollment_url}/{organization.slug}/learning/addresses/{token}"
        mail = (
            letters.confirm_address(organization, person, email, url=url, useful_until=now + WISH_LIFETIME)
            if holder is None
            else letters.address_taken(organization, holder, email)
        )
        await _post(house, connection, organization, mail)
    return email


async def wish_of(house: House, organization_id: UUID, person_id: UUID, token: str) -> Wish:
    """The address that a link confirms. WishOverError."""
    found = await store.wish(house.pool, token_sha256(token), organization_id, person_id, now=house.clock())
    if found is None:
        raise WishOverError
    return found


async def confirm(house: House, organization_id: UUID, person_id: UUID, token: str) -> None:
    """Add the address that a link was mailed to. NotFoundError, WishOverError, AddressTakenError."""
    now = house.clock()
    async with transaction(house.pool) as connection:
        await _held(connection, organization_id, person_id)
        wish = await store.wish(connection, token_sha256(token), organization_id, person_id, now=now)
        if wish is None:
            raise WishOverError
        if not await store.add(connection, organization_id, person_id, wish.email, now=now):
            raise AddressTakenError
        await store.delete_wishes(connection, organization_id, wish)
        await _note(connection, organization_id, person_id, "address.add")


async def write_to(house: House, organization: Organization, person_id: UUID, email: str) -> None:
    """Write to another of somebody's addresses; the one before is told of it. NotFoundError."""
    async with transaction(house.pool) as connection:
        person = await _held(connection, organization.id, person_id)
        if person.email == email:
            return
        # Records that are older than this table may not stand in it.
        await store.add(connection, organization.id, person_id, person.email, now=house.clock())
        if not await store.has(connection, organization.id, person_id, email):
            raise NotFoundError
        await store.write_to(connection, organization.id, person_id, email)
        await _note(connection, organization.id, person_id, "address.choose")
        await _post(house, connection, organization, letters.address_changed(organization, person))


async def remove(house: House, organization_id: UUID, person_id: UUID, email: str) -> None:
    """Take one of somebody's addresses away, but not the one that we write to. NotFoundError."""
    async with transaction(house.pool) as connection:
        await _held(connection, organization_id, person_id)
        if not await store.remove(connection, organization_id, person_id, email):
            raise NotFoundError
        await _note(connection, organization_id, person_id, "address.remove")


async def _held(connection: Connection, organization_id: UUID, person_id: UUID) -> Person:
    is_held = await store.lock_person(connection, organization_id, person_id)
    found = await people.person(connection, organization_id, person_id) if is_held else None
    if found is None:
        raise NotFoundError
    return found


async def _note(connection: Connection, organization_id: UUID, person_id: UUID, action: str) -> None:
    await journal.note(
        connection,
        organization_id=organization_id,
        person_id=person_id,
        action=action,
        object_kind="person",
        object_id=person_id,
    )


async def _post(house: House, connection: Connection, organization: Organization, mail: Mail) -> None:
    await notices.post(connection, mail, organization_id=organization.id, sealing_key=house.sealing_key)
