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
from services.credentials.status_lists.model import LENGTH, MOST_TAKEN, OpenList, document
from shared.clock import Clock
from shared.postgres import Connection, Pool


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
    issuer = await keys.issuer(pool, wanted.issuer_id)
    assert issuer is not None
    key = current(await keys.keys(pool, issuer.id)).proof
    held = await keys.sealed_key(pool, key.id)
    assert held is not None
    now = clock().replace(microsecond=0)
    unsigned = document(wanted, did=issuer.did, public_url=public_url, now=now)
    text = await asyncio.to_thread(_signed, unsigned, custody.signer(held), method_of(issuer.did, key), now)
    return await store.keep_signed(pool, list_id, wanted.revision, text, at=now)


def _signed(unsigned: dict[str, object], sign: Callable[[bytes], bytes], method: str, now: datetime) -> str:
    signed = data_integrity.create(unsigned, sign=sign, verification_method=method, created=now)
    return msgspec.json.encode(signed).decode()
