"""Limited children: what strangers send is parsed and canonicalized here, bounded in CPU, memory and time."""

from shared.limited.model import LimitedError, LimitedPoolBusyError, LimitExceededError, Limits
from shared.limited.pool import LimitedPool, LimitedPools, run_limited

__all__ = [
    "LimitExceededError",
    "LimitedError",
    "LimitedPool",
    "LimitedPoolBusyError",
    "LimitedPools",
    "Limits",
    "run_limited",
]
