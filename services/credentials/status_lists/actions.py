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
from services.credentials.status_lists.model import LENGTH, MOST_TAKEN, ListToSign, OpenList, document
from shared.clock import Clock
from shared.postgres import Connection, Pool, transaction


async def open_list(connection: Connection, issuer_id: UUID, *, now: datetime) -> OpenList:
    """The list for the issuer's next credential, locked; a new one where there is none or half of it is taken."""
    while True:
        found = await store.lock_open(connection, issuer_id)
        if found is not None and found.taken < MOST_TAKEN:
            return found
        if found is not None:
            await store.close(connection, found.id)
        await store.insert(connection, uuid4(), issuer_id, length=LENGTH, at=now)


async def publish(pool: Pool, signer: Signer, list_id: UUID, *, public_url: str, clock: Clock) -> bool:
    """Sign the list with what is revoked by now; False where that was done already."""
    wanted = await store.to_sign(pool, list_id)
    if wanted is None:
        return False
    async with transaction(pool) as connection:
        await keys.hold(connection, wanted.issuer_id)
        issuer = await keys.issuer(connection, wanted.issuer_id)
        assert issuer is not None
        did = wanted.did or issuer.did
        held = await keys.sealed_key(connection, await _key_id(connection, wanted, did))
        now = clock().replace(microsecond=0)
    assert held is not None
    found = draft(wanted, did, held, public_url=public_url, now=now)
    text = await asyncio.to_thread(sign, found, held, signer)
    return await store.keep_signed(pool, list_id, wanted.revision, text, at=now)


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
