"""Key histories kept outside the database, and what a restored database takes back from them.

A database from before a theft was declared would let the stolen key sign and count again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from services.credentials.keys import history, store
from services.credentials.keys.changes import Follow
from services.credentials.keys.custody import ed25519_key, rs256_key
from services.credentials.keys.history import HistoricKey, HistoryError, KeyHistory
from services.credentials.keys.model import SealedKey, SigningKey
from services.credentials.proofs.multikey import KeyFormatError
from services.credentials.proofs.vc_jwt import JwtError
from shared.postgres import Connection, Pool, transaction
from shared.published import Published

logger = logging.getLogger(__name__)

_FOLDER = "histories"
#: Opens under no key: the private half is not in this database.
_LOST = b""


async def keep(pool: Pool, published: Published) -> None:
    """Copy every version of every history; what is there already stays."""
    for row in await store.histories(pool):
        await published.put(_name(row.issuer_id, row.version, row.sha256), row.document.encode())


async def restored(pool: Pool, published: Published, *, follow: Follow, is_demonstration: bool, now: datetime) -> int:
    """Take back the versions that the database does not know; how many.

    A key that came after the backup is known again, as one that cannot sign: whoever has the anchor rotates.
    """
    found: dict[UUID, list[bytes]] = {}
    for name in await published.names(_FOLDER):
        content = await published.read(name)
        if content is not None:
            found.setdefault(UUID(name.split("/")[1]), []).append(content)
    count = 0
    for issuer_id, contents in found.items():
        async with transaction(pool) as connection:
            issuer = await store.issuer(connection, issuer_id)
            if issuer is None or not await store.lock(connection, issuer_id):
                continue
            taken = 0
            while await _take_next(connection, issuer_id, contents, is_demonstration=is_demonstration, now=now):
                taken += 1
            after = await store.issuer(connection, issuer_id)
            assert after is not None
            if taken:
                await follow(connection, issuer_id, issuer.did if after.did != issuer.did else None)
            count += taken
    return count


async def _take_next(
    connection: Connection, issuer_id: UUID, contents: Sequence[bytes], *, is_demonstration: bool, now: datetime
) -> bool:
    newest, anchor = await store.newest_history(connection, issuer_id), await store.anchor(connection, issuer_id)
    if newest is None:
        return False
    for content in contents:
        try:
            said = history.read(content, now=now)
        except HistoryError as error:
            logger.error("a copy of a key history cannot be read", extra={"issuer": issuer_id, "code": error.code})
            continue
        if (said.previous, said.version, said.anchor) == (newest.sha256, newest.version + 1, anchor):
            await _take(connection, issuer_id, said, is_demonstration=is_demonstration)
            text = content.decode()
            await store.insert_history(
                connection, issuer_id, said.version, text, sha256=history.sha256(text), at=said.updated
            )
            return True
    return False


async def _take(connection: Connection, issuer_id: UUID, said: KeyHistory, *, is_demonstration: bool) -> None:
    """Let keys be what a version says of them."""
    known = {one.id: one for one in await store.keys(connection, issuer_id)}
    for key in said.keys:
        if key.id not in known:
            made = SealedKey(key=_public(key, issuer_id), sealed=_LOST)
            await store.insert_key(connection, made, is_demonstration=is_demonstration, at=key.valid_from)
        if key.retired is not None:
            await store.retire(connection, key.id, at=key.retired)
        if key.compromised_since is not None and key.logged is not None:
            await store.compromise(
                connection,
                key.id,
                since=key.compromised_since,
                log_size=key.logged.size,
                log_root=key.logged.root,
            )
    issuer = await store.issuer(connection, issuer_id)
    if issuer is not None and issuer.did != said.issuer:
        await store.rename(connection, issuer_id, old=issuer.did, new=said.issuer, at=said.updated)


def _public(key: HistoricKey, issuer_id: UUID) -> SigningKey:
    try:
        public = key.public_key
    except (KeyFormatError, JwtError):
        raise HistoryError("malformed") from None
    if isinstance(public, Ed25519PublicKey):
        return ed25519_key(public, issuer_id, key.use)
    if isinstance(public, RSAPublicKey):
        return rs256_key(public, issuer_id)
    raise HistoryError("malformed")


def _name(issuer_id: UUID, version: int, sha256: str) -> str:
    return f"{_FOLDER}/{issuer_id}/{version:06d}-{sha256[:16]}.json"
