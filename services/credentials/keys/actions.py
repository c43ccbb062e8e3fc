"""Verbs of issuers: make or change one."""

import asyncio
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from services.credentials.keys import anchor as anchors
from services.credentials.keys import history, store
from services.credentials.keys.anchor import Anchor, Place
from services.credentials.keys.custody import Custody
from services.credentials.keys.model import Issuer, SealedKey, current_log_key, history_address, log_address
from services.credentials.proofs import did, multikey
from shared.contracts import IssuerProfile
from shared.postgres import Connection, Pool, transaction


class IssuerRules(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation makes issuers. Without a place for anchors an issuer gets its anchor by the command."""

    did_method: Literal["key", "web"]
    public_url: str
    is_production: bool
    anchors: Place | None = None


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
    held = await asyncio.to_thread(_first_keys, custody, issuer_id, rules)
    if rules.did_method == "web":
        name = did.did_web(rules.public_url, issuer_id)
    else:
        name = did.did_key(multikey.decode(held[0].key.id))
    async with transaction(pool) as connection:
        if not await store.insert_issuer(connection, issuer_id, name, profile, now):
            return
        for one in held:
            await store.insert_key(connection, one, is_demonstration=not rules.is_production, at=now)
        if rules.anchors is not None:
            # Still in the transaction: an anchor whose file could not be written is nobody's.
            await _give_anchor(connection, rules.anchors, issuer_id, profile.name, public_url=rules.public_url, now=now)


def _first_keys(custody: Custody, issuer_id: UUID, rules: IssuerRules) -> list[SealedKey]:
    held = [custody.make_ed25519(issuer_id)]
    if rules.did_method == "web":
        held.append(custody.make_rs256(issuer_id))
    return [*held, custody.make_ed25519(issuer_id, use="log")]


async def _give_anchor(
    connection: Connection, place: Place, issuer_id: UUID, name: str, *, public_url: str, now: datetime
) -> None:
    """Make the issuer's anchor, which signs the first version of the history, is written to its file, and forgotten."""
    anchor = anchors.make()
    await store.set_anchor(connection, issuer_id, anchor.id)
    await publish_history(connection, anchor, issuer_id, public_url=public_url, now=now)
    await asyncio.to_thread(anchors.write, place, anchor, issuer_id=issuer_id, name=name)


async def publish_history(
    connection: Connection, anchor: Anchor, issuer_id: UUID, *, public_url: str, now: datetime
) -> int:
    """Have the anchor sign what the issuer's keys are now, as the next version of the history; its number."""
    issuer = await store.issuer(connection, issuer_id)
    assert issuer is not None
    before = await store.newest_history(connection, issuer_id)
    number = 1 if before is None else before.version + 1
    version = history.Version(
        id=history_address(issuer_id, public_url=public_url),
        log=log_address(issuer_id, public_url=public_url),
        did=issuer.did,
        also_known_as=await store.aliases(connection, issuer_id),
        anchor=anchor.id,
        number=number,
        previous=None if before is None else before.sha256,
        updated=now,
    )
    unsigned = history.document(version, await store.keys(connection, issuer_id))
    text = history.signed(unsigned, sign=anchor.sign, anchor=anchor.id, created=now)
    # As with badges, what is stored is what was read back and verified.
    history.read(text.encode(), now=now)
    await store.insert_history(connection, issuer_id, number, text, sha256=history.sha256(text), at=now)
    return number


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
