"""How often one network address may ask: a burst, then so many a second, each address and each matter apart."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.enrollment.people.limits import AddressLimit
from services.enrollment.people.model import TooManyRequestsError

NOW = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)
ONE, OTHER = UUID(int=1), UUID(int=2)


def taken(limit: AddressLimit, address: str, *, now: datetime, about: UUID | None = None) -> int:
    """How many requests are let through at a moment."""
    for count in range(1_000):
        try:
            limit.take(address, now=now, about=about)
        except TooManyRequestsError:
            return count
    pytest.fail("there is no limit")


def test_a_burst_is_let_through_and_then_what_comes_back() -> None:
    limit = AddressLimit(burst=400, per_second=2)
    assert taken(limit, "192.0.2.1", now=NOW) == 400
    assert taken(limit, "192.0.2.1", now=NOW + timedelta(seconds=5)) == 10
    assert taken(limit, "192.0.2.1", now=NOW + timedelta(hours=1)) == 400


def test_addresses_and_matters_count_apart() -> None:
    limit = AddressLimit(burst=3, per_second=0)
    assert taken(limit, "192.0.2.1", now=NOW, about=ONE) == 3
    assert taken(limit, "192.0.2.1", now=NOW, about=OTHER) == 3
    assert taken(limit, "192.0.2.1", now=NOW) == 3
    assert taken(limit, "192.0.2.2", now=NOW, about=ONE) == 3
    assert taken(limit, "192.0.2.1", now=NOW, about=ONE) == 0
