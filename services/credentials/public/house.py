"""What every handler of the public role is given. It holds no key: its database user can see none."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec

from services.credentials.public import store
from services.credentials.public.drawing.kept import Kept
from services.credentials.settings import PublicSettings
from services.credentials.verification.actions import EXAMINE, JUDGE, Means, Record
from services.credentials.verification.model import KnownIssuer, TrustList
from shared.clock import Clock, system_clock
from shared.documents import DocumentPool
from shared.fetch import Fetcher, TargetPolicy
from shared.limited import LimitedPool
from shared.postgres import Pool, create_pool
from shared.settings import SettingsError
from shared.storage import Storage

#: Verifications that wait for a child; more are told to come back.
_QUEUE = 64


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The role's means: settings, database (reading), clock, the guarded fetcher, and the two pools of children."""

    settings: PublicSettings
    pool: Pool
    clock: Clock
    fetcher: Fetcher
    children: LimitedPool
    documents: DocumentPool
    trusted: TrustList
    drawn: Kept
    pictures: Storage

    @property
    def means(self) -> Means:
        """What verifying needs of it."""
        return Means(
            call_limited=self.children.call,
            fetcher=self.fetcher,
            find_issuer=self.find_issuer,
            clock=self.clock,
            find_record=self.find_record,
        )

    async def find_issuer(self, identifier: str) -> KnownIssuer | None:
        """An issuer of this installation, or of the trust list in the settings."""
        return self.trusted.find(identifier) or await store.known_issuer(self.pool, identifier)

    async def find_record(self, identifier: str) -> Record | None:
        """The badge of a credential that this installation issued."""
        start = f"{self.settings.public_url}/credentials/"
        try:
            credential_id = UUID(identifier.removeprefix(start)) if identifier.startswith(start) else None
        except ValueError:
            credential_id = None
        found = None if credential_id is None else await store.trace_of_credential(self.pool, credential_id)
        if found is None:
            return None
        return Record(
            issuer_id=found.issuer_did,
            badge_url=f"{self.settings.public_url}/badges/{found.award_id}" if found.is_shown else None,
            revoked_on=found.revoked_at.date() if found.revoked_at is not None else None,
            is_replaced=found.is_replaced,
            revocation_reason=found.revocation_reason,
        )


@asynccontextmanager
async def open_house(settings: PublicSettings, *, process: str) -> AsyncIterator[House]:
    """The house for one process, until it stops. SettingsError for a trust list that cannot be read."""
    trusted = trust_list(settings)
    pool = await create_pool(settings.database_url, connections=settings.database_connections, name=process)
    policy = TargetPolicy.from_origins(settings.public_url)
    children = LimitedPool(settings.children, functions=(EXAMINE, JUDGE), queue=_QUEUE)
    try:
        async with Fetcher(policy) as fetcher, children, DocumentPool(settings.drawers) as documents:
            yield House(
                settings=settings,
                pool=pool,
                clock=system_clock,
                fetcher=fetcher,
                children=children,
                documents=documents,
                trusted=trusted,
                drawn=Kept(),
                pictures=Storage(Path(settings.pictures_folder)),
            )
    finally:
        pool.terminate()


def trust_list(settings: PublicSettings) -> TrustList:
    """The trust list that the settings name; an empty one where they name none. SettingsError."""
    if settings.trust_list_path is None:
        return TrustList()
    try:
        return msgspec.json.decode(Path(settings.trust_list_path).read_bytes(), type=TrustList)
    except OSError as error:
        raise SettingsError(f"LAUREL_TRUST_LIST_PATH names a file that cannot be read: {error.strerror}.") from None
    except msgspec.DecodeError as error:
        raise SettingsError(f"LAUREL_TRUST_LIST_PATH names a file that is no trust list: {error}.") from None
