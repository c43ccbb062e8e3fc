"""That an award was revoked or erased, kept outside the database: a restored backup does not know it."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from services.credentials.awards.model import AwardRow
from shared.contracts import Erasure, Revocation, RevocationCategory
from shared.published import AlreadyPublishedError, Published

_REVOCATIONS, _ERASURES = "revocations", "erasures"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """An award that was revoked or erased: no word of why, which may name somebody."""

    award_id: UUID
    issuer_id: UUID
    at: datetime
    category: RevocationCategory | UnsetType = UNSET


async def keep_revocation(published: Published | None, row: AwardRow, revocation: Revocation) -> None:
    """Keep that an award is revoked; what was kept first stays."""
    mark = Mark(award_id=row.id, issuer_id=row.issuer_id, at=revocation.revoked_at, category=revocation.category)
    await _keep(published, _REVOCATIONS, mark)


async def keep_erasure(published: Published | None, row: AwardRow, erasure: Erasure) -> None:
    """Keep that an award is erased; what was kept first stays."""
    await _keep(published, _ERASURES, Mark(award_id=row.id, issuer_id=row.issuer_id, at=erasure.erased_at))


async def revocations(published: Published) -> list[Mark]:
    """Every award that was ever revoked."""
    return await _marks(published, _REVOCATIONS)


async def erasures(published: Published) -> list[Mark]:
    """Every award that was ever erased."""
    return await _marks(published, _ERASURES)


async def _keep(published: Published | None, under: str, mark: Mark) -> None:
    if published is not None:
        with suppress(AlreadyPublishedError):
            await published.put(f"{under}/{mark.award_id.hex[:2]}/{mark.award_id}.json", msgspec.json.encode(mark))


async def _marks(published: Published, under: str) -> list[Mark]:
    found = [await published.read(name) for name in await published.names(under)]
    return [msgspec.json.decode(content, type=Mark) for content in found if content is not None]
