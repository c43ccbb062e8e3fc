"""Who takes a dispatcher's messages: how many are under way to each receiver, and which receivers are away.

A receiver is known by its messages' key. Held in memory: a dispatcher that starts anew asks each receiver once more.
"""

import random
from collections import Counter
from uuid import UUID

#: Messages of one key that a dispatcher has under way at a time.
MOST_OF_A_KEY = 2
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 60.0


def pause_after(attempts: int) -> float:
    """Seconds to the next attempt: doubling from a quarter second to a minute, with full jitter."""
    most: float = min(_FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 20), _LONGEST_PAUSE_SECONDS)
    return most * random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing


class Receivers:
    """The receivers of one topic. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._under_way = Counter[UUID]()
        #: key of a receiver that is away: (attempts in a row that found it away, when it is asked again)
        self._away: dict[UUID, tuple[int, float]] = {}

    def full(self, now: float) -> list[UUID]:
        """The keys of which nothing more is to be sent now."""
        waiting = {key for key, (_, until) in self._away.items() if until > now or self._under_way[key]}
        return [*waiting | {key for key, count in self._under_way.items() if count >= MOST_OF_A_KEY}]

    def nearly_full(self) -> list[UUID]:
        """The keys of which one message more may be sent; whether somebody is back is asked with one message."""
        return [*self._away, *(key for key, count in self._under_way.items() if count == MOST_OF_A_KEY - 1)]

    def begin(self, key: UUID) -> None:
        """A message of the key is under way."""
        self._under_way[key] += 1

    def end(self, key: UUID) -> None:
        """It is no longer."""
        self._under_way[key] -= 1
        if not self._under_way[key]:
            del self._under_way[key]

    def note_away(self, key: UUID, now: float) -> float:
        """The receiver was found away; returns the seconds until it is asked again."""
        failures, until = self._away.get(key, (0, 0.0))
        if until > now:  # a message sent beside another that told it already
            return until - now
        pause = pause_after(failures + 1)
        self._away[key] = (failures + 1, now + pause)
        return pause

    def failures(self, key: UUID) -> int:
        """How often in a row the receiver was found away."""
        return self._away.get(key, (0, 0.0))[0]

    def note_here(self, key: UUID) -> None:
        """The receiver answered."""
        self._away.pop(key, None)
