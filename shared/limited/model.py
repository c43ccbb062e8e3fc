"""What a child may use, and how it fails. Pure."""

from typing import Literal

import msgspec

Kind = Literal["cpu", "memory", "time", "crash", "answer"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one job may use in a child; a child that exceeds it is ended and replaced."""

    #: Seconds of CPU for one job.
    cpu_seconds: float = 2.0
    #: Seconds of wall time for one job.
    wall_seconds: float = 5.0
    #: Address space above what the child has when it is warm, where the system has such a limit.
    memory_bytes: int = 256 << 20
    #: The longest answer.
    answer_bytes: int = 16 << 20
    #: Wall time from start to warm.
    start_seconds: float = 30.0
    #: Jobs after which a child is replaced, so that what one stranger left in it does not stay for good.
    jobs: int = 500


class LimitedError(Exception):
    """A job in a limited child brought no answer."""


class LimitedPoolBusyError(LimitedError):
    """Too many jobs wait already; try again in a moment."""


class LimitExceededError(LimitedError):
    """A job went beyond a limit or broke its child; `reason` is a kind of error or a signal, never content."""

    def __init__(self, kind: Kind, *, reason: str = "") -> None:
        super().__init__(f"{kind} {reason}".strip())
        self.kind: Kind = kind
        self.reason = reason
