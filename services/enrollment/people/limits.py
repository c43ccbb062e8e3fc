"""Limits how often one network address may ask this process for something that sends a letter."""

from collections import OrderedDict
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar.connection import ASGIConnection

from services.enrollment.people.model import TooManyRequestsError

#: A school behind one address signs in together in the morning; a script does so all day.
_BURST = 200
_PER_SECOND = 1.0
#: A whole school may take its places in one cohort within a minute.
ENROLL_BURST, ENROLLS_PER_SECOND = 400, 2.0
_MOST_ADDRESSES = 10_000


def address_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """The network address that asks, empty where the server knows none."""
    return connection.client.host if connection.client else ""


class AddressLimit:
    """A token bucket for each network address, and what it asks about; the longest unseen is forgotten first."""

    def __init__(self, *, burst: int = _BURST, per_second: float = _PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[tuple[str, UUID | None], tuple[float, datetime]] = OrderedDict()

    def take(self, address: str, *, now: datetime, about: UUID | None = None) -> None:
        """Count one request; TooManyRequestsError where the address has none left."""
        key = (address, about)
        left, since = self._buckets.pop(key, (float(self._burst), now))
        passed = max(0.0, (now - since).total_seconds())
        left = min(float(self._burst), left + passed * self._per_second)
        is_allowed = left >= 1
        self._buckets[key] = (left - 1 if is_allowed else left, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if not is_allowed:
            raise TooManyRequestsError
