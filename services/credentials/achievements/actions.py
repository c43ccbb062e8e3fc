"""The verb of achievements: put a version."""

from datetime import datetime
from uuid import UUID

from services.credentials.achievements import store
from services.credentials.achievements.model import StoredVersion, VersionChangedError
from services.credentials.keys import store as keys
from services.credentials.keys.model import UnknownIssuerError
from shared.contracts import AchievementVersion, canonical, sha256
from shared.postgres import Pool, transaction
from shared.problems import NotFoundError


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
