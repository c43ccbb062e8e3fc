"""Verbs of an issuer's keys: create, rotate, retire, compromise, move. Each has the anchor sign the history anew."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import msgspec

from services.credentials.keys import anchor as anchors
from services.credentials.keys import store
from services.credentials.keys.actions import publish_history
from services.credentials.keys.anchor import Anchor, Place
from services.credentials.keys.custody import Custody
from services.credentials.keys.history import LogHead
from services.credentials.keys.model import Issuer, KeyAlgorithm, KeyUse, SealedKey, SigningKey
from services.credentials.proofs import did
from shared.clock import Clock
from shared.postgres import Connection, Pool, transaction


class RefusedError(Exception):
    """The keys stay as they are; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


#: What else hangs on an issuer's keys, told in the transaction that changes them: the issuer's id, and the DID that it
#: had until then where it moves.
Follow = Callable[[Connection, UUID, str | None], Awaitable[None]]


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """Who may change keys: it holds the anchor."""

    pool: Pool
    custody: Custody
    anchor: Anchor
    public_url: str
    is_production: bool
    clock: Clock
    follow: Follow


class _Change(msgspec.Struct, frozen=True, kw_only=True):
    """The issuer whose keys are changed, as it stands; nobody signs with them meanwhile."""

    connection: Connection
    issuer: Issuer
    keys: list[SigningKey]
    now: datetime


async def give_anchor(pool: Pool, place: Place, issuer_id: UUID, *, public_url: str, clock: Clock) -> str:
    """Make the anchor of an issuer that has none, write its file, publish the first history; the anchor's multikey."""
    anchor = anchors.make()
    async with transaction(pool) as connection:
        issuer = await _locked(connection, issuer_id)
        if not await store.set_anchor(connection, issuer_id, anchor.id):
            raise RefusedError("This issuer has its anchor; an anchor never changes.")
        await publish_history(connection, anchor, issuer_id, public_url=public_url, now=_now(clock))
        await asyncio.to_thread(anchors.write, place, anchor, issuer_id=issuer_id, name=issuer.name)
    return anchor.id


async def create(keeper: Keeper, issuer_id: UUID, *, algorithm: KeyAlgorithm, use: KeyUse = "badge") -> list[str]:
    """A further key, which signs from now on; those before it stay valid and sign no more of themselves. New ids."""
    if use == "log" and algorithm != "Ed25519":
        raise RefusedError("A log signs with Ed25519 only.")
    made = await _made(keeper, issuer_id, [(algorithm, use)])
    async with _changing(keeper, issuer_id) as change:
        await _add(keeper, change, made)
    return [one.key.id for one in made]


async def rotate(keeper: Keeper, issuer_id: UUID, *, use: KeyUse = "badge") -> list[str]:
    """New keys in place of all that sign for this use, which retire: what they signed stays good. New ids."""
    kinds = _kinds(await store.keys(keeper.pool, issuer_id), use) or [("Ed25519", use)]
    made = await _made(keeper, issuer_id, kinds)
    async with _changing(keeper, issuer_id) as change:
        for key in change.keys:
            if key.use == use and key.signs:
                await store.retire(change.connection, key.id, at=change.now)
        await _add(keeper, change, made)
    return [one.key.id for one in made]


async def retire(keeper: Keeper, issuer_id: UUID, key_id: str) -> None:
    """Let one key sign no more; what it signed stays good. Refused for the last one that signs."""
    async with _changing(keeper, issuer_id) as change:
        key = _key(change, key_id)
        if not key.signs:
            raise RefusedError("This key signs no more as it is.")
        if not any(one.signs and one.id != key.id for one in change.keys if _alike(one, key)):
            raise RefusedError("This is the only key of its kind that signs. Rotate instead: `keys rotate`.")
        await store.retire(change.connection, key_id, at=change.now)


async def compromise(keeper: Keeper, issuer_id: UUID, key_id: str, *, since: datetime, logged: LogHead) -> list[str]:
    """From `since` on a key is in strange hands: of its signatures those count that the log had by `logged`.

    A key that still signed is replaced at once; the ids of what replaces it.
    """
    made = await _made(keeper, issuer_id, _replacing(await store.keys(keeper.pool, issuer_id), key_id))
    async with _changing(keeper, issuer_id) as change:
        key = _key(change, key_id)
        if since > keeper.clock():
            raise RefusedError("Give a date that is not in the future.")
        if key.compromised_since is not None and since >= key.compromised_since:
            raise RefusedError(f"This key is known to be compromised since {key.compromised_since:%Y-%m-%d}.")
        await store.compromise(change.connection, key_id, since=since, log_size=logged.size, log_root=logged.root)
        await _add(keeper, change, made)
        await keeper.follow(change.connection, issuer_id, None)
    return [one.key.id for one in made]


async def move_to_web(keeper: Keeper, issuer_id: UUID) -> str:
    """Call a did:key issuer by a did:web, which lives at the public address; its new DID.

    What it signed under the old name keeps it and verifies by itself; the history says that both are one.
    """
    if not keeper.public_url.startswith("https://"):
        raise RefusedError(
            f"did:web is resolved over https, and the public address is {keeper.public_url}. "
            "Serve the public role at an https address (LAUREL_PUBLIC_URL) first."
        )
    made = await _made(keeper, issuer_id, [("Ed25519", "badge"), ("RS256", "badge")])
    async with _changing(keeper, issuer_id, needs_web=False) as change:
        old = change.issuer.did
        if old.startswith("did:web:"):
            raise RefusedError(f"This issuer is {old} as it is.")
        for key in change.keys:
            if key.use == "badge" and key.signs:
                await store.retire(change.connection, key.id, at=change.now)
        await _add(keeper, change, made)
        new = did.did_web(keeper.public_url, issuer_id)
        await store.rename(change.connection, issuer_id, old=old, new=new, at=change.now)
        await keeper.follow(change.connection, issuer_id, old)
    return new


@asynccontextmanager
async def _changing(keeper: Keeper, issuer_id: UUID, *, needs_web: bool = True) -> AsyncIterator[_Change]:
    """The issuer under lock; when the block ends, its history is signed anew in the same transaction."""
    async with transaction(keeper.pool) as connection:
        issuer = await _locked(connection, issuer_id)
        known = await store.anchor(connection, issuer_id)
        if known is None:
            raise RefusedError("This issuer has no anchor yet. Make one first: `keys anchor`.")
        if known != keeper.anchor.id:
            raise RefusedError(f"This is the file of another anchor; the issuer's is {known}.")
        if needs_web and not issuer.did.startswith("did:web:"):
            raise RefusedError(
                "A did:key issuer is its key, which can be neither changed nor withdrawn. "
                "Move it to did:web first: `keys move --to web`."
            )
        # Nobody holds the keys now, so that what was signed before is dated no later than this.
        now = _now(keeper.clock)
        yield _Change(connection=connection, issuer=issuer, keys=await store.keys(connection, issuer_id), now=now)
        await publish_history(connection, keeper.anchor, issuer_id, public_url=keeper.public_url, now=now)


async def _locked(connection: Connection, issuer_id: UUID) -> Issuer:
    await store.lock(connection, issuer_id)
    issuer = await store.issuer(connection, issuer_id)
    if issuer is None:
        raise RefusedError(f"There is no issuer {issuer_id} here.")
    return issuer


async def _made(keeper: Keeper, issuer_id: UUID, kinds: Sequence[tuple[KeyAlgorithm, KeyUse]]) -> list[SealedKey]:
    """New keys, not stored yet: making them takes too long for a transaction."""

    def make() -> list[SealedKey]:
        return [
            keeper.custody.make_rs256(issuer_id)
            if algorithm == "RS256"
            else keeper.custody.make_ed25519(issuer_id, use=use)
            for algorithm, use in kinds
        ]

    return await asyncio.to_thread(make)


async def _add(keeper: Keeper, change: _Change, made: Sequence[SealedKey]) -> None:
    for one in made:
        await store.insert_key(change.connection, one, is_demonstration=not keeper.is_production, at=change.now)


def _kinds(keys: Sequence[SigningKey], use: KeyUse) -> list[tuple[KeyAlgorithm, KeyUse]]:
    """The kinds of keys that sign for a use, each once."""
    return list(dict.fromkeys((one.algorithm, one.use) for one in keys if one.use == use and one.signs))


def _replacing(keys: Sequence[SigningKey], key_id: str) -> list[tuple[KeyAlgorithm, KeyUse]]:
    """What must be made before a key can be given up: one of its kind where no other signs."""
    key = next((one for one in keys if one.id == key_id), None)
    if key is None or not key.signs or any(one.signs and one.id != key_id for one in keys if _alike(one, key)):
        return []
    return [(key.algorithm, key.use)]


def _alike(one: SigningKey, other: SigningKey) -> bool:
    return (one.algorithm, one.use) == (other.algorithm, other.use)


def _key(change: _Change, key_id: str) -> SigningKey:
    found = next((one for one in change.keys if one.id == key_id), None)
    if found is None:
        raise RefusedError(f"The issuer has no key {key_id}. `keys list` names them.")
    return found


def _now(clock: Clock) -> datetime:
    """The time to the second, as signatures are dated."""
    return clock().replace(microsecond=0)
