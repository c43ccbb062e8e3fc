"""How many statements the enrollment service asks of its database while it answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import asyncpg
import pytest

from shared import postgres

#: What the pool and the driver say by themselves: the brackets of a transaction, the reset of a connection that goes
#: back to the pool, and what a fresh connection asks of types.
_BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SELECT pg_advisory_unlock_all()")
_TYPES = "typeinfo_tree"

_counts: list[list[str]] = []


@contextmanager
def heard() -> Iterator[None]:
    """Hear every connection that the service's HTTP application makes in the block; others, the worker's too, are not.

    A pool keeps what prepares its connections, so this must be entered before the application starts.
    """
    prepare = postgres._prepare_connection

    async def prepare_and_hear(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        await prepare(connection)
        if connection.get_settings().application_name == "enrollment":
            connection.add_query_logger(_hear)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres, "_prepare_connection", prepare_and_hear)
        yield


@contextmanager
def counting_queries() -> Iterator[Callable[[], int]]:
    """A function that says how many statements the service (`served`) asked since the block began.

    `with counting_queries() as asked: ...; assert asked() <= 8`. Many rows written by one `executemany` count as one.
    """
    with listing_queries() as found:
        yield lambda: len(found)


@contextmanager
def listing_queries() -> Iterator[list[str]]:
    """The statements themselves, in order: to look at where there are more than one thought."""
    found: list[str] = []
    _counts.append(found)
    try:
        yield found
    finally:
        # Not `remove`, which takes away the first that is equal: two empty lists are.
        _counts[:] = [one for one in _counts if one is not found]


def _hear(asked: "asyncpg.connection.LoggedQuery") -> None:
    text = asked.query.strip()
    if text and not text.upper().startswith(tuple(one.upper() for one in _BRACKETS)) and _TYPES not in text:
        for found in _counts:
            found.append(text)
