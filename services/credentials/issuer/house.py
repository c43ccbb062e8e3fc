"""What every handler and worker of the issuer role is given; and the check of its keys before it starts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from services.credentials.achievements.actions import CLEAN, Studio
from services.credentials.awards.issuing import Desk
from services.credentials.issuance_log.actions import LogKeeper
from services.credentials.keys import store as keys
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.anchor import SHORTEST_PASSPHRASE, Place
from services.credentials.keys.custody import Custody, key_encryption_key
from services.credentials.keys.model import CustodyError
from services.credentials.keys.signer import Signer
from services.credentials.keys.token import Token, TokenPlace
from services.credentials.proofs.template import Templates
from services.credentials.records.actions import RecordDesk
from services.credentials.settings import IssuerSettings
from shared import contracts
from shared.clock import Clock, system_clock
from shared.coalescing import Coalescer
from shared.jwks import JwksCache
from shared.limited import LimitedPool
from shared.postgres import UNAVAILABLE, Pool, create_pool
from shared.published import Published
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
    #: Where what was published is kept outside the database.
    published: Published | None
    coalescer: Coalescer
    studio: Studio

    @property
    def desk(self) -> Desk:
        """What issuing needs of it."""
        return Desk(
            pool=self.pool,
            signer=self.signer,
            public_url=self.settings.public_url,
            clock=self.clock,
            published=self.published,
            coalescer=self.coalescer,
        )

    @property
    def log_keeper(self) -> LogKeeper:
        """What keeping the issuance logs needs of it."""
        return LogKeeper(
            pool=self.pool,
            custody=self.custody,
            rules=self.rules,
            clock=self.clock,
            publish=None if self.published is None else self.published.put,
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
            anchors=anchor_place(settings),
        )


@asynccontextmanager
async def open_house(settings: IssuerSettings, *, process: str) -> AsyncIterator[House]:
    """The house for one process, until it stops. SettingsError for a key that cannot be used."""
    custody = custody_of(settings)
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
                published=published_place(settings),
                coalescer=Coalescer(),
                studio=Studio(pool=pool, storage=Storage(Path(settings.pictures_folder)), call_limited=children.call),
            )
    finally:
        pool.terminate()


async def check_keys(settings: IssuerSettings) -> None:
    """SettingsError where the keys in the database cannot or must not be used by this process.

    A database that is away is no reason not to start: no key is used without unsealing it.
    """
    custody = custody_of(settings)
    anchor_place(settings)
    published_place(settings)
    _token_key(settings)
    pool = await create_pool(settings.database_url, connections=1, name="issuer-start")
    try:
        newest = await keys.newest_key(pool)
        if newest is not None and not custody.can_open(newest):
            raise SettingsError(
                "LAUREL_KEY_ENCRYPTION_KEY is not the one that the keys in the database were sealed under. "
                "Give the old one back; without it they cannot sign."
            )
        await check_token(pool, custody)
        if settings.environment == "production" and await keys.has_demonstration_keys(pool):
            raise SettingsError(
                "The database holds keys that were made for demonstration, and this is production. "
                "Use another database, or set LAUREL_ENVIRONMENT=development."
            )
    except (*UNAVAILABLE, asyncpg.UndefinedTableError):
        return
    finally:
        pool.terminate()


def published_place(settings: IssuerSettings) -> Published | None:
    """Where what was published is kept; SettingsError where production names no folder, or one that cannot be used."""
    if not settings.published_folder:
        if settings.environment == "production":
            raise SettingsError(
                "LAUREL_PUBLISHED_FOLDER is missing. Name a folder that outlives the database and its restores: without"
                " it a restored backup would take revocations back."
            )
        return None
    try:
        return Published(Path(settings.published_folder))
    except OSError as error:
        raise SettingsError(f"LAUREL_PUBLISHED_FOLDER cannot be written: {error.strerror}.") from None


def custody_of(settings: IssuerSettings) -> Custody:
    """The custody that the settings describe. SettingsError."""
    token = None
    if settings.pkcs11_module:
        token = Token(TokenPlace(module=settings.pkcs11_module, label=settings.pkcs11_token, pin=settings.pkcs11_pin))
    return Custody(key_encryption_key(settings.key_encryption_key), token)


def anchor_place(settings: IssuerSettings) -> Place | None:
    """Where new issuers' anchors are written; None where the settings name no folder. SettingsError."""
    if not settings.anchor_folder:
        return None
    if len(settings.anchor_passphrase) < SHORTEST_PASSPHRASE:
        raise SettingsError(
            f"LAUREL_ANCHOR_PASSPHRASE has fewer than {SHORTEST_PASSPHRASE} letters. Give a longer one, or leave "
            "LAUREL_ANCHOR_FOLDER out and make anchors with the command `keys anchor`."
        )
    return Place(folder=Path(settings.anchor_folder), passphrase=settings.anchor_passphrase)


async def check_token(pool: Pool, custody: Custody) -> None:
    """SettingsError where keys are on a token that is not there, lets nobody in, or does not have them."""
    newest = await keys.newest_key(pool, on_token=True)
    try:
        is_there = newest is None or await asyncio.to_thread(custody.can_open, newest)
    except CustodyError as error:
        raise SettingsError(
            f"The token that LAUREL_PKCS11_MODULE and LAUREL_PKCS11_TOKEN name cannot be used ({error.code}). "
            "Check that it is connected, and LAUREL_PKCS11_PIN."
        ) from None
    if not is_there:
        raise SettingsError(
            "Signing keys are on a PKCS#11 token that the settings do not name, or that has lost them. "
            "Set LAUREL_PKCS11_MODULE, LAUREL_PKCS11_TOKEN and LAUREL_PKCS11_PIN to that token."
        )


def _token_key(settings: IssuerSettings) -> ServiceKey:
    try:
        return ServiceKey.load(Path(settings.service_key_path))
    except (OSError, ValueError) as error:
        raise SettingsError(f"LAUREL_SERVICE_KEY_PATH: {error}.") from None
