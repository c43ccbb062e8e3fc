"""Verbs of status lists: reserve a place in one, sign and publish what changed."""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from services.credentials.keys import store as keys
from services.credentials.keys.model import Keys, SealedKey, current, fact_of
from services.credentials.keys.signer import Signer
from services.credentials.rules import book
from services.credentials.rules.model import Draft, Facts
from services.credentials.status_lists import store
from services.credentials.status_lists.model import (
    LENGTH,
    MOST_TAKEN,
    DatabaseBehindError,
    ListToSign,
    OpenList,
    PublishedList,
    document,
    file_name,
    set_bits,
    together,
    version_of,
)
from shared.clock import Clock
from shared.postgres import Connection, Pool, transaction
from shared.published import AlreadyPublishedError, Published


async def open_list(connection: Connection, issuer_id: UUID, *, now: datetime) -> OpenList:
    """The list for the issuer's next credential, locked; a new one where there is none or half of it is taken."""
    while True:
        found = await store.lock_open(connection, issuer_id)
        if found is not None and found.taken < MOST_TAKEN:
            return found
        if found is not None:
            await store.close(connection, found.id)
        await store.insert(connection, uuid4(), issuer_id, length=LENGTH, at=now)


async def publish(
    pool: Pool, signer: Signer, list_id: UUID, *, public_url: str, clock: Clock, published: Published | None = None
) -> bool:
    """Sign the list with what is revoked by now, and keep it outside the database before anybody sees it.

    False where that was done already. DatabaseBehindError.
    """
    while (wanted := await store.to_sign(pool, list_id)) is not None:
        text, now = await _signed(pool, signer, wanted, public_url=public_url, clock=clock)
        kept = text if published is None else await _put(pool, published, wanted, text)
        if kept is not None:
            return await store.keep_signed(pool, list_id, wanted.revision, kept, at=now)
    return False


async def _put(pool: Pool, published: Published, wanted: ListToSign, text: str) -> str | None:
    """What stands published under the revision; None where it says too little, and another revision is wanted now."""
    name = file_name(wanted.id, wanted.revision)
    try:
        await published.put(name, text.encode())
    except AlreadyPublishedError:
        other = await published.read(name)
        assert other is not None
        bits, _ = set_bits(other)
        if bits - await store.revoked(pool, wanted.id):
            raise DatabaseBehindError(wanted.id) from None
        # Another process signs the same just now, or was killed before it could store it.
        if wanted.revoked <= bits:
            return other.decode()
        newest = max(
            found[1] for one in await published.names(f"status-lists/{wanted.id}") if (found := version_of(one))
        )
        await store.want_behind(pool, wanted.id, newest)
        return None
    return text


async def is_behind(pool: Pool, published: Published) -> bool:
    """Whether the database is older than what was published: it wanted no such revision, or knows no such list."""
    known = await store.revisions(pool)
    newest: dict[UUID, int] = {}
    for name in await published.names("status-lists"):
        if (found := version_of(name)) is not None:
            newest[found[0]] = max(found[1], newest.get(found[0], 0))
    return any(list_id not in known or revision > known[list_id][1] for list_id, revision in newest.items())


async def published_lists(published: Published) -> dict[UUID, PublishedList]:
    """Every list that was ever published, with each bit set that any version of it has set."""
    versions: dict[UUID, list[tuple[int, bytes]]] = {}
    for name in await published.names("status-lists"):
        content = await published.read(name)
        if (found := version_of(name)) is not None and content is not None:
            versions.setdefault(found[0], []).append((found[1], content))
    return {list_id: await asyncio.to_thread(together, found) for list_id, found in versions.items()}


async def _signed(
    pool: Pool, signer: Signer, wanted: ListToSign, *, public_url: str, clock: Clock
) -> tuple[str, datetime]:
    async with transaction(pool) as connection:
        await keys.hold(connection, wanted.issuer_id)
        issuer = await keys.issuer(connection, wanted.issuer_id)
        assert issuer is not None
        did = wanted.did or issuer.did
        held = await keys.sealed_key(connection, await _key_id(connection, wanted, did))
        now = clock().replace(microsecond=0)
    assert held is not None
    found = draft(wanted, did, held, public_url=public_url, now=now)
    return await asyncio.to_thread(sign, found, held, signer), now


async def _key_id(connection: Connection, wanted: ListToSign, did: str) -> str:
    """The key to sign as `did`: under a did:key there is one only, which the issuer may have left since."""
    if did.startswith("did:key:"):
        return did.removeprefix("did:key:")
    return current(await keys.keys(connection, wanted.issuer_id)).proof.id


def draft(wanted: ListToSign, did: str, held: SealedKey, *, public_url: str, now: datetime) -> Draft:
    """The unsigned list with what the rules ask beside it."""
    fact = fact_of(held.key)
    if did.startswith("did:key:"):
        # It has retired under the name that the issuer moved to; under its own it is all there is.
        fact = msgspec.structs.replace(fact, retired=None)
    facts = Facts(issuer=did, now=now, signed_at=now, keys=(fact,), public_url=public_url)
    return Draft(
        kind="status_list",
        document=document(wanted, did=did, public_url=public_url, now=now),
        facts=facts,
    )


def sign(found: Draft, held: SealedKey, signer: Signer) -> str:
    """The signed list, verified; RulesRefusedError where it must not be signed."""
    return signer.sign(book.examine(found), found.document, Keys(proof=held)).content.decode()
