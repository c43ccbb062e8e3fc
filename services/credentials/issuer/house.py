"""What every handler and worker of the issuer role is given; and the check of its keys before it starts."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from services.credentials.achievements.actions import CLEAN, Studio
from services.credentials.awards.actions import Desk
from services.credentials.keys import store as keys
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.custody import Custody, key_encryption_key
from services.credentials.keys.signer import Signer
from services.credentials.proofs.template import Templates
from services.credentials.records.actions import RecordDesk
from services.credentials.settings import IssuerSettings
from shared import contracts
from shared.clock import Clock, system_clock
from shared.jwks import JwksCache
from shared.limited import LimitedPool
from shared.postgres import UNAVAILABLE, Pool, create_pool
from shared.settings import SettingsError
from shared.storage import Storage
from shared.tokens import ServiceKey, TokenVerifier

#: Pictures that wait for the child; more are told to come back.
_QUEUE = 16


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The role's means: settings, database, clock, custody of the signing keys, its token key, a session outward."""

    settings: IssuerSettings
    pool: Pool
    clock: Clock
    #: Makes keys; what signs is `signer`.
    custody: Custody
    signer: Signer
    token_key: ServiceKey
    tokens: TokenVerifier
    http: aiohttp.ClientSession
    studio: Studio

    @property
    def desk(self) -> Desk:
        """What issuing needs of it."""
        return Desk(
            pool=self.pool,
            signer=self.signer,
            public_url=self.settings.public_url,
            clock=self.clock,
        )

    @property
    def record_desk(self) -> RecordDesk:
        """What signing records needs of it."""
        return RecordDesk(
            pool=self.pool, signer=self.desk.signer, public_url=self.settings.public_url, clock=self.clock
        )

    @property
    def rules(self) -> IssuerRules:
        """How this installation makes issuers."""
        settings = self.settings
        return IssuerRules(
            did_method=settings.did_method,
            public_url=settings.public_url,
            is_production=settings.environment == "production",
        )


@asynccontextmanager
async def open_house(settings: IssuerSettings, *, process: str) -> AsyncIterator[House]:
    """The house for one process, until it stops. SettingsError for a key that cannot be used."""
    custody = Custody(key_encryption_key(settings.key_encryption_key))
    pool = await create_pool(settings.database_url, connections=settings.database_connections, name=process)
    try:
        async with AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession(trust_env=False, auto_decompress=False))
            # Not entered, which would start a child: the worker is never given a picture.
            children = LimitedPool(1, functions=(CLEAN,), queue=_QUEUE)
            stack.push_async_callback(children.close)
            caller = settings.enrollment_url
            yield House(
                settings=settings,
                pool=pool,
                clock=system_clock,
                custody=custody,
                signer=Signer(custody, Templates()),
                token_key=_token_key(settings),
                tokens=TokenVerifier(
                    audience=settings.issuer_url,
                    clients={caller: contracts.ENROLLMENT},
                    keys=JwksCache(http, {caller: caller}),
                ),
                http=http,
                studio=Studio(pool=pool, storage=Storage(Path(settings.pictures_folder)), call_limited=children.call),
            )
    finally:
        pool.terminate()


async def check_keys(settings: IssuerSettings) -> None:
    """SettingsError where the keys in the database cannot or must not be used by this process.

    A database that is away is no reason not to start: no key is used without unsealing it.
    """
    custody = Custody(key_encryption_key(settings.key_encryption_key))
    _token_key(settings)
    pool = await create_pool(settings.database_url, connections=1, name="issuer-start")
    try:
        newest = await keys.newest_key(pool)
        if newest is not None and not custody.can_open(newest):
            raise SettingsError(
                "LAUREL_KEY_ENCRYPTION_KEY is not the one that the keys in the database were sealed under. "
                "Give the old one back; without it they cannot sign."
            )
        if settings.environment == "production" and await keys.has_demonstration_keys(pool):
            raise SettingsError(
                "The database holds keys that were made for demonstration, and this is production. "
                "Use another database, or set LAUREL_ENVIRONMENT=development."
            )
    except (*UNAVAILABLE, asyncpg.UndefinedTableError):
        return
    finally:
        pool.terminate()


def _token_key(settings: IssuerSettings) -> ServiceKey:
    try:
        return ServiceKey.load(Path(settings.service_key_path))
    except (OSError, ValueError) as error:
        raise SettingsError(f"LAUREL_SERVICE_KEY_PATH: {error}.") from None
