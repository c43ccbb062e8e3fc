"""Verbs of issuers: make or change one."""

import asyncio
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.credentials.keys import store
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import Issuer, SealedKey, current_log_key
from services.credentials.proofs import did, multikey
from shared.contracts import IssuerProfile
from shared.postgres import Connection, Pool, transaction


class IssuerRules(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation makes issuers."""

    did_method: Literal["key", "web"]
    public_url: str
    is_production: bool


async def put_issuer(
    pool: Pool, custody: Custody, issuer_id: UUID, profile: IssuerProfile, *, rules: IssuerRules, now: datetime
) -> Issuer:
    """Make the organization's issuer with its keys, or take over a changed profile; its DID stays what it was."""
    known = await store.issuer(pool, issuer_id)
    if known is None:
        await _make(pool, custody, issuer_id, profile, rules=rules, now=now)
    await store.update_issuer(pool, issuer_id, profile)
    found = await store.issuer(pool, issuer_id)
    assert found is not None
    return found


async def _make(
    pool: Pool, custody: Custody, issuer_id: UUID, profile: IssuerProfile, *, rules: IssuerRules, now: datetime
) -> None:
    held = [custody.make_ed25519(issuer_id), custody.make_ed25519(issuer_id, use="log")]
    if rules.did_method == "web":
        held.append(await asyncio.to_thread(custody.make_rs256, issuer_id))
        name = did.did_web(rules.public_url, issuer_id)
    else:
        name = did.did_key(multikey.decode(held[0].key.id))
    async with transaction(pool) as connection:
        if await store.insert_issuer(connection, issuer_id, name, profile, now):
            for one in held:
                await store.insert_key(connection, one, is_demonstration=not rules.is_production, at=now)


async def log_key(
    connection: Connection, custody: Custody, issuer_id: UUID, *, rules: IssuerRules, now: datetime
) -> SealedKey:
    """The key that signs the heads of the issuer's log; made now for an issuer that is older than its log.

    The caller holds the log's row, so that two do not make two.
    """
    known = current_log_key(await store.keys(connection, issuer_id))
    if known is None:
        made = custody.make_ed25519(issuer_id, use="log")
        await store.insert_key(connection, made, is_demonstration=not rules.is_production, at=now)
        return made
    held = await store.sealed_key(connection, known.id)
    assert held is not None
    return held
