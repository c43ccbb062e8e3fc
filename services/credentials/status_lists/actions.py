"""Verbs of status lists: reserve a place in one, sign and publish what changed."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from services.credentials.keys import store as keys
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import current, method_of
from services.credentials.proofs import data_integrity
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


async def publish(pool: Pool, custody: Custody, list_id: UUID, *, public_url: str, clock: Clock) -> bool:
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
    unsigned = document(wanted, did=did, public_url=public_url, now=now)
    text = await asyncio.to_thread(_signed, unsigned, custody.signer(held), method_of(did, held.key), now)
    return await store.keep_signed(pool, list_id, wanted.revision, text, at=now)


async def _key_id(connection: Connection, wanted: ListToSign, did: str) -> str:
    """The key to sign as `did`: under a did:key there is one only, which the issuer may have left since."""
    if did.startswith("did:key:"):
        return did.removeprefix("did:key:")
    return current(await keys.keys(connection, wanted.issuer_id)).proof.id


def _signed(unsigned: dict[str, object], sign: Callable[[bytes], bytes], method: str, now: datetime) -> str:
    signed = data_integrity.create(unsigned, sign=sign, verification_method=method, created=now)
    return msgspec.json.encode(signed).decode()
