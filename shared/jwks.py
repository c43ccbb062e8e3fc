"""The public token keys of the other services, fetched from their JWKS and kept."""

import asyncio
import logging
import time
from collections.abc import Mapping

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from shared.answers import AnswerTooLargeError, body_of
from shared.tokens import public_keys

logger = logging.getLogger(__name__)

_MAX_BYTES = 64 * 1024
#: An unknown `kid` asks the issuer again, but no more often than this: a flood of forged tokens must not become ours.
_REFETCH_SECONDS = 5.0
_KEEP_SECONDS = 600.0
_RETRY_SECONDS = 0.5


class JwksCache:
    """Looks up (issuer, kid) among issuers whose JWKS address is a setting, never one that a token names."""

    def __init__(self, session: aiohttp.ClientSession, addresses: Mapping[str, str]) -> None:
        """`addresses` maps each issuer to the base address that serves its `/.well-known/jwks.json`."""
        self._session = session
        self._addresses = addresses
        self._keys: dict[str, dict[str, Ed25519PublicKey]] = {}
        self._asked: dict[str, float] = {}
        self._fetching: dict[str, asyncio.Task[None]] = {}

    async def __call__(self, issuer: str, kid: str) -> Ed25519PublicKey | None:
        """The key, or None where the issuer has none by that name (or cannot be asked just now)."""
        age = time.monotonic() - self._asked.get(issuer, float("-inf"))
        if (kid not in self._keys.get(issuer, {}) and age > _REFETCH_SECONDS) or age > _KEEP_SECONDS:
            # Whoever comes while keys are being fetched waits for the same answer.
            task = self._fetching.get(issuer)
            if task is None:
                task = self._fetching[issuer] = asyncio.create_task(self._refresh(issuer))
            await asyncio.shield(task)
        return self._keys.get(issuer, {}).get(kid)

    async def _refresh(self, issuer: str) -> None:
        try:
            fresh = await self._fetch(issuer)
            if fresh is not None:
                self._keys[issuer] = fresh
            # After a failure it is asked again soon, but not by every token that comes.
            self._asked[issuer] = time.monotonic() - (0.0 if fresh is not None else _REFETCH_SECONDS - _RETRY_SECONDS)
        finally:
            del self._fetching[issuer]

    async def _fetch(self, issuer: str) -> dict[str, Ed25519PublicKey] | None:
        url = f"{self._addresses[issuer]}/.well-known/jwks.json"
        try:
            timeout = aiohttp.ClientTimeout(total=5)
            async with self._session.get(url, timeout=timeout, allow_redirects=False) as answer:
                if answer.status != 200:
                    return None
                return public_keys(await body_of(answer, most_bytes=_MAX_BYTES))
        except (aiohttp.ClientError, AnswerTooLargeError, TimeoutError, ValueError):
            logger.warning("the keys of a service cannot be fetched", extra={"issuer": issuer})
            return None
