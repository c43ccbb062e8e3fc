"""The pool of PostgreSQL connections, and the transaction that an action runs in."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]
else:
    Connection = asyncpg.Connection
    Pool = asyncpg.Pool

logger = logging.getLogger(__name__)

#: What a caller sees when the database is away for a moment: answered as 503 with Retry-After.
UNAVAILABLE = (
    # Not every OSError: a file that cannot be read or written is another matter, and no waiting mends it.
    ConnectionError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    # asyncpg 0.32 raises it for a connection whose server was killed while a statement was being prepared.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
)


#: What PostgreSQL says where it lets nobody in by this name, password or database.
REFUSED = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)


class DatabaseAwayError(ConnectionError):
    """No connection to the database can be made; `reason` is the type of the error that says so."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def create_pool(url: str, *, connections: int, name: str) -> Pool:
    """A pool of at most `connections`; waits for none, so a process starts while its database is still away."""
    return await asyncpg.create_pool(
        url,
        connect=_connect,
        min_size=0,
        max_size=connections,
        command_timeout=30,
        timeout=10,
        init=_prepare_connection,
        server_settings={"application_name": name, "timezone": "UTC", "statement_timeout": "30000"},
    )


async def _connect(*where: Any, **how: Any) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection; DatabaseAwayError where none can be made: no socket, no such host, a password that is not right."""
    try:
        return await asyncpg.connect(*where, **how)
    except (OSError, *REFUSED) as error:
        raise DatabaseAwayError(type(error).__name__) from None


async def _prepare_connection(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
        )


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """One READ COMMITTED transaction: rows that must not change meanwhile are locked by its statements."""
    async with pool.acquire(timeout=10) as connection, connection.transaction():
        yield connection


async def is_ready(pool: Pool) -> bool:
    """Whether the database answers within two seconds."""
    try:
        async with asyncio.timeout(2):
            return await pool.fetchval("SELECT true") is True
    except (*UNAVAILABLE, asyncpg.PostgresError):
        return False
