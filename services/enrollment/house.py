"""What every handler and worker of the enrollment service is given: made once at start, closed at the end."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec

from services.enrollment.settings import EnrollmentSettings
from shared import contracts
from shared.clock import Clock, system_clock
from shared.documents import DocumentPool
from shared.fetch import Fetcher, TargetPolicy
from shared.jwks import JwksCache
from shared.limited import LimitedPools
from shared.postgres import Pool, create_pool
from shared.settings import SettingsError
from shared.storage import Storage
from shared.tokens import ServiceKey, TokenVerifier

#: What the limited children may call: each reads a file that somebody uploaded.
READ_ROSTER = "services.enrollment.rosters.reading:read"
READ_MEETING_REPORT = "services.enrollment.attendance.report:read"


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The service's means: settings, database, clock, files, its token key, and a session to the issuer role."""

    settings: EnrollmentSettings
    pool: Pool
    clock: Clock
    storage: Storage
    token_key: ServiceKey
    tokens: TokenVerifier
    http: aiohttp.ClientSession
    #: Where webhooks may go, and what calls them.
    webhooks: TargetPolicy
    fetcher: Fetcher
    #: 32 bytes
    sealing_key: bytes
    #: Draws documents, reads uploaded files; both start their children at the first use.
    documents: DocumentPool
    children: LimitedPools


def sealing_key(settings: EnrollmentSettings) -> bytes:
    """The 32 bytes of LAUREL_SEALING_KEY; SettingsError if they are not."""
    try:
        key = base64.b64decode(settings.sealing_key, validate=True)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise SettingsError("LAUREL_SEALING_KEY is not 32 bytes in base64. Make one: `openssl rand -base64 32`.")
    return key


def token_key(settings: EnrollmentSettings) -> ServiceKey:
    """The service's token key; SettingsError where its file cannot be used."""
    try:
        return ServiceKey.load(Path(settings.service_key_path))
    except (OSError, ValueError) as error:
        raise SettingsError(f"LAUREL_SERVICE_KEY_PATH: {error}.") from None


def webhook_policy(settings: EnrollmentSettings) -> TargetPolicy:
    """Where webhooks may go. SettingsError for origins that cannot be read."""
    try:
        return TargetPolicy.from_origins(settings.webhook_origins)
    except ValueError as error:
        raise SettingsError(f"LAUREL_WEBHOOK_ORIGINS: {error}") from None


def storage(settings: EnrollmentSettings) -> Storage:
    """The folder of files; SettingsError where it can neither be found nor made."""
    folder = Path(settings.storage_folder)
    # An empty one, or one named from wherever the process happens to start, would be another folder each time.
    if not folder.is_absolute():
        raise SettingsError("LAUREL_STORAGE_FOLDER is no whole path. Name the folder from the root on.")
    try:
        opened = Storage(folder)
    except OSError as error:
        raise SettingsError(f"LAUREL_STORAGE_FOLDER is no folder that can be used: {error.strerror}.") from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError("LAUREL_STORAGE_FOLDER is a folder in which this process may not write.")
    return opened


def check(settings: EnrollmentSettings) -> None:
    """SettingsError where a process with these settings could not open its house."""
    webhook_policy(settings)
    sealing_key(settings)
    token_key(settings)
    storage(settings)


@asynccontextmanager
async def open_house(settings: EnrollmentSettings, *, process: str) -> AsyncIterator[House]:
    """The house for one process, until it stops."""
    webhooks = webhook_policy(settings)
    pool = await create_pool(settings.database_url, connections=settings.database_connections, name=process)
    # Not entered, which would warm them: many a process never draws or reads anything.
    documents, children = DocumentPool(), LimitedPools((READ_ROSTER, READ_MEETING_REPORT))
    try:
        async with (
            AsyncExitStack() as closing,
            aiohttp.ClientSession(trust_env=False, auto_decompress=False) as http,
            Fetcher(webhooks) as fetcher,
        ):
            closing.push_async_callback(documents.close)
            closing.push_async_callback(children.close)
            own, issuer = settings.enrollment_url, settings.issuer_url
            yield House(
                settings=settings,
                pool=pool,
                clock=system_clock,
                storage=storage(settings),
                token_key=token_key(settings),
                tokens=TokenVerifier(
                    audience=own,
                    clients={issuer: contracts.ISSUER, own: contracts.ENROLLMENT},
                    keys=JwksCache(http, {issuer: issuer, own: own}),
                ),
                http=http,
                webhooks=webhooks,
                fetcher=fetcher,
                sealing_key=sealing_key(settings),
                documents=documents,
                children=children,
            )
    finally:
        pool.terminate()
