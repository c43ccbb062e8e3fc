"""Verbs of status lists: reserve a place in one, sign and publish what changed."""

import asyncio
from datetime import datetime
from uuid import UUID, uuid4

from services.credentials.keys import store as keys
from services.credentials.keys.model import Issuer, Keys, SealedKey, current, fact_of
from services.credentials.keys.signer import Signer
from services.credentials.rules import book
from services.credentials.rules.model import Draft, Facts
from services.credentials.status_lists import store
from services.credentials.status_lists.model import LENGTH, MOST_TAKEN, ListToSign, OpenList, document
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


async def publish(pool: Pool, signer: Signer, list_id: UUID, *, public_url: str, clock: Clock) -> bool:
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
    found = draft(wanted, issuer, held, public_url=public_url, now=now)
    text = await asyncio.to_thread(sign, found, held, signer)
    return await store.keep_signed(pool, list_id, wanted.revision, text, at=now)


def draft(wanted: ListToSign, issuer: Issuer, held: SealedKey, *, public_url: str, now: datetime) -> Draft:
    """The unsigned list with what the rules ask beside it."""
    facts = Facts(issuer=issuer.did, now=now, signed_at=now, keys=(fact_of(held.key),), public_url=public_url)
    return Draft(
        kind="status_list",
        document=document(wanted, did=issuer.did, public_url=public_url, now=now),
        facts=facts,
    )


def sign(found: Draft, held: SealedKey, signer: Signer) -> str:
    """The signed list, verified; RulesRefusedError where it must not be signed."""
    return signer.sign(book.examine(found), found.document, Keys(proof=held)).content.decode()
