"""Keeps what costs time to make: drawn images and certificates."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable

#: Entries kept of each kind; an image is some 50 KB, a certificate some 100 KB.
_KEPT = 256


class Kept:
    """The results used last; each is made once, also when many ask for it at the same moment."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, asyncio.Task[bytes]] = OrderedDict()

    async def get(self, key: Hashable, make: Callable[[], Coroutine[None, None, bytes]]) -> bytes:
        """The bytes under `key`, made now if they are not kept; what could not be made is tried anew next time."""
        if (task := self._found.get(key)) is None:
            task = self._found[key] = asyncio.create_task(make())
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        self._found.move_to_end(key)
        try:
            # A reader that goes away must not take the work from the others who wait for it.
            return await asyncio.shield(task)
        except BaseException:
            if task.done() and self._found.get(key) is task:
                del self._found[key]
            raise
