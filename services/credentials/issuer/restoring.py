"""After a restore of the database: let it agree with what was published, by command or when it is found older."""

import asyncio
import logging
from uuid import UUID

import asyncpg
import msgspec

from services.credentials.awards import restoring
from services.credentials.awards.restoring import Restored
from services.credentials.issuance_log import actions as issuance_log
from services.credentials.issuance_log import store as log_store
from services.credentials.issuance_log.copies import issuer_of
from services.credentials.issuer.house import House, open_house
from services.credentials.settings import IssuerSettings
from services.credentials.status_lists import actions as status_lists
from shared.postgres import UNAVAILABLE
from shared.published import Published
from shared.settings import SettingsError

logger = logging.getLogger(__name__)


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the database had to learn."""

    lists: Restored
    #: Leaves of the issuance logs that it did not know.
    leaves: int


async def restored(house: House) -> Report:
    """Take over all that was published; SettingsError where it is kept nowhere, LogForkedError."""
    published = house.published
    if published is None:
        raise SettingsError("LAUREL_PUBLISHED_FOLDER names no folder, so nobody knows what was published.")
    copies: dict[UUID, list[bytes]] = {}
    for name in await published.names("logs"):
        content, issuer_id = await published.read(name), issuer_of(name)
        if content is not None and issuer_id is not None:
            copies.setdefault(issuer_id, []).append(content)
    leaves = 0
    for issuer_id, found in sorted(copies.items()):
        leaves += await issuance_log.make_whole(house.log_keeper, issuer_id, found)
    return Report(lists=await restoring.restored(house.desk, published), leaves=leaves)


async def restored_if_behind(house: House) -> Report | None:
    """The same where the database is older than what was published."""
    published = house.published
    if published is None:
        return None
    if not await status_lists.is_behind(house.pool, published) and not await _is_log_behind(house, published):
        return None
    report = await restored(house)
    logger.error(
        "the database was older than what was published", extra={"report": msgspec.json.encode(report).decode()}
    )
    return report


async def _is_log_behind(house: House, published: Published) -> bool:
    """Whether a log has fewer leaves than were copied: they are given their places before they are copied."""
    ends: dict[UUID, int] = {}
    for name in await published.names("logs"):
        if (issuer_id := issuer_of(name)) is not None:
            ends[issuer_id] = max(int(name.removesuffix(".json").rpartition("-")[2]), ends.get(issuer_id, 0))
    for issuer_id, end in ends.items():
        log = await log_store.log(house.pool, issuer_id)
        if log is None or log.size < end:
            return True
    return False


async def at_start(settings: IssuerSettings) -> None:
    """Look once before a process serves; a database that is away is no reason not to start."""
    async with open_house(settings, process="issuer-start") as house:
        try:
            await restored_if_behind(house)
        except (*UNAVAILABLE, asyncpg.UndefinedTableError):
            return


def run(settings: IssuerSettings) -> str:
    """The command: what was done, in words."""

    async def work() -> Report:
        async with open_house(settings, process="restored") as house:
            return await restored(house)

    report = asyncio.run(work())
    found = report.lists
    lines = [
        f"{found.lists_closed} status lists were closed: what is awarded from now on goes into fresh ones.",
        f"{found.lists_taken_back} lists, {found.bits_kept} revoked places and {report.leaves} places of the log were"
        " not known any more, and are again.",
        f"{found.awards_revoked} awards are revoked again, {found.awards_erased} erased again.",
    ]
    lines += [f"The issuer of list {one} is not known here: restore its database." for one in found.lists_unknown]
    return "\n".join(lines)
