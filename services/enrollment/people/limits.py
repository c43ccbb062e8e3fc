"""Limits how many sign-in links one network address may ask this process for."""

from collections import OrderedDict
from datetime import datetime

from services.enrollment.people.model import TooManyRequestsError

#: A school behind one address signs in together in the morning; a script does so all day.
_BURST = 200
_PER_SECOND = 1.0
_MOST_ADDRESSES = 10_000


class AddressLimit:
    """A token bucket for each network address; the longest unseen is forgotten first."""

    def __init__(self, *, burst: int = _BURST, per_second: float = _PER_SECOND) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, address: str, *, now: datetime) -> None:
        """Count one request; TooManyRequestsError where the address has none left."""
        left, since = self._buckets.pop(address, (float(self._burst), now))
        passed = max(0.0, (now - since).total_seconds())
        left = min(float(self._burst), left + passed * self._per_second)
        is_allowed = left >= 1
        self._buckets[address] = (left - 1 if is_allowed else left, now)
        if len(self._buckets) > _MOST_ADDRESSES:
            self._buckets.popitem(last=False)
        if not is_allowed:
            raise TooManyRequestsError
