"""Verbs of achievements: put a version, keep a picture for one."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UnsetType

from services.credentials.achievements import store
from services.credentials.achievements.model import (
    CleanPicture,
    KeptPicture,
    PictureRefusal,
    PictureRefusedError,
    StoredVersion,
    UnknownPictureError,
    VersionChangedError,
)
from services.credentials.keys import store as keys
from services.credentials.keys.model import UnknownIssuerError
from shared.contracts import AchievementVersion, canonical, sha256
from shared.limited import LimitExceededError
from shared.postgres import Pool, transaction
from shared.problems import InvalidInputError, NotFoundError
from shared.storage import Storage

#: The function of the limited child that looks into what was uploaded.
CLEAN = "services.credentials.achievements.pictures:clean"
#: The largest file that is looked into.
MAX_PICTURE_BYTES = 1024 * 1024
_MOST_KEPT_BYTES = 8 * 1024 * 1024


class Studio(msgspec.Struct, frozen=True, kw_only=True):
    """What keeping pictures needs: the database, where files go, and a limited child to look into them."""

    pool: Pool
    storage: Storage
    call_limited: Callable[[str, bytes], Awaitable[bytes]]


async def put_picture(studio: Studio, issuer_id: UUID, sha256: str, content: bytes, *, now: datetime) -> bool:
    """Keep a picture under the SHA-256 of what was uploaded; whether it is new.

    PictureRefusedError, UnknownIssuerError, InvalidInputError where the hash is not the content's.
    """
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InvalidInputError(("sha256", "The address names another picture than was sent."))
    if await keys.issuer(studio.pool, issuer_id) is None:
        raise UnknownIssuerError
    if await store.picture(studio.pool, issuer_id, sha256) is not None:
        return False
    try:
        answer = await studio.call_limited(CLEAN, content)
    except LimitExceededError:
        raise PictureRefusedError("complex") from None
    made = msgspec.msgpack.decode(answer, type=CleanPicture | PictureRefusal)
    if isinstance(made, PictureRefusal):
        raise PictureRefusedError(made.code)
    png, svg = [await studio.storage.keep(_once(one), most_bytes=_MOST_KEPT_BYTES) for one in (made.png, made.svg)]
    is_new = await store.insert_picture(
        studio.pool, issuer_id, sha256, KeptPicture(png_id=png.id, svg_id=svg.id), at=now
    )
    if not is_new:
        for one in (png, svg):
            await studio.storage.remove(one.id)
    return is_new


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def put_version(
    pool: Pool, issuer_id: UUID, achievement_id: UUID, number: int, content: AchievementVersion, *, now: datetime
) -> tuple[StoredVersion, bool]:
    """The version and whether it is new. The same content again is the same version, other content refused."""
    digest = sha256(canonical(content))
    async with transaction(pool) as connection:
        if await keys.issuer(connection, issuer_id) is None:
            raise UnknownIssuerError
        if await store.belongs_to_another(connection, achievement_id, issuer_id):
            raise NotFoundError
        wanted = None if isinstance(content.picture, UnsetType) else content.picture.sha256
        if wanted is not None and await store.picture(connection, issuer_id, wanted) is None:
            raise UnknownPictureError
        known = await store.version(connection, achievement_id, number)
        if known is None:
            await store.insert(connection, (achievement_id, number, issuer_id), canonical(content), digest, at=now)
        found = known or await store.version(connection, achievement_id, number)
        assert found is not None
    if found.issuer_id != issuer_id:
        raise NotFoundError
    if found.content_sha256 != digest:
        raise VersionChangedError(found.content_sha256)
    return found, known is None
