"""What must be sent outside joins the transaction that decided it as a row; a worker sends it, for as long as it takes.

A row is leased (SKIP LOCKED, no transaction held while sending), sent, then deleted under its lease. A worker that dies
lets its lease lapse and another takes over, so a message is sent at least once; receivers make that once in effect.
Nothing is ever discarded: a row that keeps failing stays, is retried with growing pauses, and is reported. Of one key
few messages are under way at a time, and none while its receiver is away: a receiver that hangs delays no other.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID, uuid4

import asyncpg
import msgspec
from prometheus_client import Counter, Gauge

from shared.logs import request_id
from shared.postgres import UNAVAILABLE, Connection, Pool
from shared.receivers import MOST_OF_A_KEY, Receivers, pause_after

logger = logging.getLogger(__name__)

SENT = Counter("laurel_outbox_sent_total", "Messages sent", ["topic"])
FAILED = Counter("laurel_outbox_failed_total", "Attempts that failed", ["topic"])
WAITING = Gauge("laurel_outbox_waiting", "Messages not yet sent", ["topic"])
OLDEST = Gauge("laurel_outbox_oldest_seconds", "Age of the oldest message not yet sent", ["topic"])

LEASE_SECONDS = 30.0
_POLL_SECONDS = 0.2
#: From this attempt on, each further failure is logged as an error: somebody should look.
ALERT_AFTER = 8

PUT = """
INSERT INTO outbox (id, organization_id, topic, key, payload, request_id)
VALUES ($1, $2, $3, $4, $5, $6)
"""
PUT_MANY = """
INSERT INTO outbox (id, organization_id, topic, key, payload, request_id)
SELECT m.id, $1, $2, m.key, m.payload, $3 FROM unnest($4::uuid[], $5::uuid[], $6::bytea[]) AS m (id, key, payload)
"""
# Ranked first, then locked: a window function and FOR UPDATE do not go together. Only so many due rows are ranked that
# a long queue costs no more than a short one.
LEASE = """
UPDATE outbox
SET lease = $1, leased_until = now() + make_interval(secs => $2), attempts = attempts + 1
WHERE id IN (
    SELECT id FROM outbox
    WHERE id = ANY (ARRAY(
        SELECT id
        FROM (
            SELECT id, key, row_number() OVER (PARTITION BY key ORDER BY available_at) AS place
            FROM (
                SELECT id, key, available_at FROM outbox
                WHERE topic = $3 AND available_at <= now() AND (leased_until IS NULL OR leased_until < now())
                    AND key <> ALL ($5::uuid[])
                ORDER BY available_at LIMIT $4 * 16
            ) AS due
        ) AS ranked
        WHERE place <= CASE WHEN key = ANY ($6::uuid[]) THEN 1 ELSE $7 END
    ))
    AND available_at <= now() AND (leased_until IS NULL OR leased_until < now())
    ORDER BY available_at
    LIMIT $4
    FOR UPDATE SKIP LOCKED
)
RETURNING id, organization_id, topic, key, payload, request_id, attempts, lease
"""
DONE = "DELETE FROM outbox WHERE id = $1 AND lease = $2"
POSTPONE = """
UPDATE outbox
SET lease = NULL, leased_until = NULL, available_at = now() + make_interval(secs => $3), last_error = $4
WHERE id = $1 AND lease = $2
"""
WITHDRAW = "DELETE FROM outbox WHERE topic = $1 AND key = $2"
DEPTH = """
SELECT topic, count(*) AS waiting, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
FROM outbox GROUP BY topic
"""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A leased message. `key` is the id of what it is about; `payload` is what was decided, byte for byte."""

    id: UUID
    organization_id: UUID
    topic: str
    key: UUID
    payload: bytes
    request_id: str | None
    attempts: int
    lease: UUID


class NotSentError(Exception):
    """The message could not be sent now; `reason` is a short code or status, without personal data.

    `is_away` says that it was not about this message: its receiver takes none, so the others of its key wait too.
    """

    def __init__(self, reason: str, *, pause_seconds: float | None = None, is_away: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pause_seconds = pause_seconds
        self.is_away = is_away


Handler = Callable[[Message], Awaitable[None]]


async def put(connection: Connection, *, organization_id: UUID, topic: str, key: UUID, payload: bytes) -> UUID:
    """Add a message to the caller's transaction; returns its id."""
    identifier = uuid4()
    await connection.execute(PUT, identifier, organization_id, topic, key, payload, request_id.get())
    return identifier


async def put_many(
    connection: Connection, *, organization_id: UUID, topic: str, messages: Sequence[tuple[UUID, bytes]]
) -> list[UUID]:
    """Add messages, each a key and a payload, to the caller's transaction in one statement; their ids in that order."""
    identifiers = [uuid4() for _ in messages]
    if messages:
        keys, payloads = zip(*messages, strict=True)
        await connection.execute(
            PUT_MANY, organization_id, topic, request_id.get(), identifiers, list(keys), list(payloads)
        )
    return identifiers


async def lease(
    pool: Pool,
    topic: str,
    *,
    most: int,
    seconds: float = LEASE_SECONDS,
    without: Sequence[UUID] = (),
    only_one_of: Sequence[UUID] = (),
) -> list[Message]:
    """Lease up to `most` due messages of a topic, oldest due first: of each key a few at most.

    None of the keys `without`, one at most of each key in `only_one_of`.
    """
    rows = await pool.fetch(LEASE, uuid4(), seconds, topic, most, without, only_one_of, MOST_OF_A_KEY)
    return [msgspec.convert(dict(row), Message) for row in rows]


async def done(connection: Connection | Pool, message: Message) -> bool:
    """Delete a sent message; False where its lease lapsed and somebody else has it now."""
    return await connection.execute(DONE, message.id, message.lease) == "DELETE 1"


async def postpone(pool: Pool, message: Message, *, reason: str, pause_seconds: float) -> None:
    """Give a message back, to be tried again after the pause."""
    await pool.execute(POSTPONE, message.id, message.lease, pause_seconds, reason[:500])


async def withdraw(connection: Connection, topic: str, key: UUID) -> None:
    """Take back what of a topic waits for a key; what is under way may still arrive."""
    await connection.execute(WITHDRAW, topic, key)


class Dispatcher:
    """Sends the messages of each topic by its handler, `concurrency` at a time (`wider`: by topic), until cancelled."""

    def __init__(
        self,
        pool: Pool,
        handlers: Mapping[str, Handler],
        *,
        concurrency: int = 8,
        wider: Mapping[str, int] | None = None,
    ) -> None:
        self._pool = pool
        self._handlers = handlers
        self._concurrency = dict.fromkeys(handlers, concurrency) | dict(wider or {})
        self._receivers = {topic: Receivers() for topic in handlers}

    async def run(self) -> None:
        """Work until cancelled; an absent database is waited for."""
        async with asyncio.TaskGroup() as tasks:
            for topic, handler in self._handlers.items():
                tasks.create_task(self._run_topic(topic, handler), name=f"outbox {topic}")
            tasks.create_task(self._measure(), name="outbox depth")

    async def _run_topic(self, topic: str, handler: Handler) -> None:
        under_way: set[asyncio.Task[None]] = set()
        concurrency = self._concurrency[topic]
        try:
            while True:
                free = concurrency - len(under_way)
                leased = await self._lease(topic, free) if free else []
                for message in leased:
                    # Before its task runs: the next lease may come first.
                    self._receivers[topic].begin(message.key)
                    under_way.add(asyncio.create_task(self._send(message, handler)))
                if under_way:
                    timeout = None if len(under_way) == concurrency else _POLL_SECONDS
                    _, under_way = await asyncio.wait(under_way, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await asyncio.sleep(_POLL_SECONDS)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    async def _lease(self, topic: str, most: int) -> list[Message]:
        receivers = self._receivers[topic]
        try:
            return await lease(
                self._pool,
                topic,
                most=most,
                without=receivers.full(time.monotonic()),
                only_one_of=receivers.nearly_full(),
            )
        except (*UNAVAILABLE, asyncpg.PostgresError) as error:
            logger.warning("the outbox cannot be read", extra={"topic": topic, "error": type(error).__name__})
            await asyncio.sleep(_POLL_SECONDS * 2)
            return []

    async def _send(self, message: Message, handler: Handler) -> None:
        token, receivers = request_id.set(message.request_id), self._receivers[message.topic]
        try:
            await handler(message)
            receivers.note_here(message.key)
            await done(self._pool, message)
            SENT.labels(message.topic).inc()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever a handler meets, the message must stay and be tried again
            await self._put_back(message, error)
        finally:
            receivers.end(message.key)
            request_id.reset(token)

    async def _put_back(self, message: Message, error: Exception) -> None:
        FAILED.labels(message.topic).inc()
        known = isinstance(error, NotSentError | OSError | asyncio.TimeoutError | asyncpg.PostgresError)
        reason = error.reason if isinstance(error, NotSentError) else type(error).__name__
        asked, attempts = None, message.attempts
        if isinstance(error, NotSentError):
            asked, receivers = error.pause_seconds, self._receivers[message.topic]
            if error.is_away:
                asked = receivers.note_away(message.key, time.monotonic())
                attempts = max(attempts, receivers.failures(message.key))
            else:
                receivers.note_here(message.key)
        logger.log(
            logging.ERROR if attempts >= ALERT_AFTER or not known else logging.INFO,
            "a message was not sent",
            exc_info=None if known else error,
            extra={"topic": message.topic, "key": message.key, "attempts": attempts, "reason": reason},
        )
        try:
            pause = asked if asked is not None else pause_after(message.attempts)
            await postpone(self._pool, message, reason=reason, pause_seconds=pause)
        except (*UNAVAILABLE, asyncpg.PostgresError):
            pass  # the lease lapses by itself

    async def _measure(self) -> None:
        while True:
            try:
                depths = {row["topic"]: row for row in await self._pool.fetch(DEPTH)}
            except (*UNAVAILABLE, asyncpg.PostgresError):
                depths = None
            if depths is not None:
                for topic in self._handlers:
                    WAITING.labels(topic).set(depths[topic]["waiting"] if topic in depths else 0)
                    OLDEST.labels(topic).set(depths[topic]["oldest"] if topic in depths else 0)
            await asyncio.sleep(5)
