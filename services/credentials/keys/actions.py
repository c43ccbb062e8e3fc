"""Verbs of issuers: make or change one."""

import asyncio
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.credentials.keys import store
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import Issuer
from services.credentials.proofs import did, multikey
from shared.contracts import IssuerProfile
from shared.postgres import Pool, transaction


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
    held = [custody.make_ed25519(issuer_id)]
    if rules.did_method == "web":
        held.append(await asyncio.to_thread(custody.make_rs256, issuer_id))
        name = did.did_web(rules.public_url, issuer_id)
    else:
        name = did.did_key(multikey.decode(held[0].key.id))
    async with transaction(pool) as connection:
        if await store.insert_issuer(connection, issuer_id, name, profile, now):
            for one in held:
                await store.insert_key(connection, one, is_demonstration=not rules.is_production, at=now)
