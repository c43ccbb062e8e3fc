"""The verb after a restore: what was ever published holds, also where the database comes from an older backup."""

from uuid import UUID

import msgspec

from services.credentials.awards import marks, store, store_endings
from services.credentials.awards.issuing import Desk, publish, tell
from services.credentials.awards.marks import Mark
from services.credentials.keys import store as keys
from services.credentials.status_lists import actions as status_lists
from services.credentials.status_lists import store as lists
from shared.contracts import Erasure, Revocation
from shared.postgres import Connection, transaction
from shared.published import Published

#: The reason that was given is lost with the database that held it.
_LOST_REASON = "Revoked before a backup was restored"


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What the database had to learn from what was published."""

    lists_closed: int
    #: Lists that it did not know.
    lists_taken_back: int
    #: Set bits that it did not know.
    bits_kept: int
    awards_revoked: int
    awards_erased: int
    #: Published lists of issuers that it does not know, by id.
    lists_unknown: tuple[UUID, ...]


async def restored(desk: Desk, published: Published) -> Restored:
    """Close every list, so that no index is given twice; set every bit and revoke every award that ever was.

    Again it changes nothing but that lists are closed.
    """
    found = await status_lists.published_lists(published)
    revoked, erased = await marks.revocations(published), await marks.erasures(published)
    async with transaction(desk.pool) as connection:
        known = await lists.lock_all(connection)
        closed = await lists.close_all(connection)
        taken_back, unknown, bits_kept = 0, [], 0
        for list_id, one in sorted(found.items()):
            if list_id not in known:
                if not await lists.take_back(connection, list_id, one):
                    unknown.append(list_id)
                    continue
                taken_back += 1
            fresh = one.bits - await lists.revoked(connection, list_id)
            await lists.keep_bits(connection, list_id, fresh)
            await store.revoke_at(connection, list_id, fresh, at=one.signed_at)
            bits_kept += len(fresh)
        awards_revoked = sum([await _revoke(desk, connection, one) for one in revoked])
        awards_erased = sum([await _erase(desk, connection, one) for one in erased])
        for list_id in sorted(found.keys() - set(unknown)):
            await lists.want_behind(connection, list_id, found[list_id].revision)
    for list_id in sorted(found.keys() - set(unknown)):
        await publish(desk, list_id)
    return Restored(
        lists_closed=closed,
        lists_taken_back=taken_back,
        bits_kept=bits_kept,
        awards_revoked=awards_revoked,
        awards_erased=awards_erased,
        lists_unknown=tuple(unknown),
    )


async def _revoke(desk: Desk, connection: Connection, mark: Mark) -> bool:
    """Whether the award was not revoked here."""
    if await keys.issuer(connection, mark.issuer_id) is None:
        return False
    revocation = Revocation(reason=_LOST_REASON, revoked_at=mark.at, category=mark.category)
    is_new = await store_endings.insert_revoked(connection, mark.award_id, mark.issuer_id, revocation, at=desk.clock())
    row = await store.lock(connection, mark.award_id)
    if row is not None and row.state != "revoked":
        await store_endings.revoke(connection, row, revocation)
        is_new = True
    if is_new:
        await tell(connection, mark.award_id, public_url=desk.public_url)
    return is_new


async def _erase(desk: Desk, connection: Connection, mark: Mark) -> bool:
    """Whether the award was not erased here."""
    if await keys.issuer(connection, mark.issuer_id) is None:
        return False
    erasure = Erasure(erased_at=mark.at)
    is_new = await store_endings.insert_erased(connection, mark.award_id, mark.issuer_id, erasure, at=desk.clock())
    if not is_new:
        is_new = await store_endings.erase(connection, mark.award_id, erasure)
    if is_new:
        await tell(connection, mark.award_id, public_url=desk.public_url)
    return is_new
