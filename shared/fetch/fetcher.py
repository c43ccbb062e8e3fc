"""The one way to call an address that a stranger named: resolved once, checked, and reached only where checked."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urldefrag, urljoin

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from shared.fetch.addresses import is_public_text
from shared.fetch.targets import Refusal, Target, TargetPolicy, read_target

#: All addresses of a host as text, asked for its name and port; OSError where it has none.
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
Code = Literal[
    "refused_address", "refused_url", "unreachable", "timeout", "too_large", "too_many_redirects", "status", "tls"
]

SECONDS = 5.0
MOST_BYTES = 1024 * 1024
_MOST_HOPS = 3
_MOST_ADDRESSES = 8
#: What we keep of the answer to a post: its status is what counts.
_MOST_POST_BYTES = 16 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LOCATION = re.compile(r"[\x21-\x7e]{1,2000}")
_CHUNK = 64 * 1024


class FetchError(Exception):
    """A call that brought no answer to use; `code` is stable, `status` is the answer's where it came to one."""

    def __init__(self, code: Code, *, status: int | None = None) -> None:
        super().__init__(code if status is None else f"{code} {status}")
        self.code: Code = code
        self.status = status


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: the address it came from in the end, its media type in lower case without parameters, its body."""

    url: str
    status: int
    media_type: str
    body: bytes


class Fetcher:
    """Calls strangers' addresses: no cookie, no proxy, no decompression, bounded in time, size, headers and hops.

    `resolver` and `trust` (the certificates that we trust) are the system's unless given; `seconds` is for all hops.
    """

    def __init__(
        self,
        policy: TargetPolicy,
        *,
        resolver: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._policy = policy
        # Threads of its own: names that take long to resolve must not hold up what else runs in threads.
        self._lookups = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")
        self._resolver = resolver or self._system_resolver
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the threads."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    async def get(self, url: str, *, accept: str = "*/*", most_bytes: int = MOST_BYTES) -> Fetched:
        """A 200 answer of at most `most_bytes`, after at most 3 redirects; FetchError for anything else."""
        async with _deadline(self._seconds):
            target = self._target(url)
            for _ in range(_MOST_HOPS + 1):
                call = _Call("GET", target, {"Accept": accept}, None, most_bytes, is_cut=False)
                found = await self._call(call)
                if isinstance(found, Fetched):
                    return found
                target = self._next(target, found)
            raise FetchError("too_many_redirects")

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> Fetched:
        """The answer, whatever its status, with the first 16 KiB of its body; redirects are not followed."""
        async with _deadline(self._seconds):
            call = _Call("POST", self._target(url), headers, body, _MOST_POST_BYTES, is_cut=True)
            found = await self._call(call)
            assert isinstance(found, Fetched)
            return found

    def _target(self, url: str) -> Target:
        target = read_target(url, self._policy)
        if isinstance(target, Refusal):
            raise FetchError(target.code)
        return target

    def _next(self, target: Target, location: str) -> Target:
        # Judged from scratch like a first address; what cannot be read in one way only is refused.
        if not _LOCATION.fullmatch(location):
            raise FetchError("refused_url")
        try:
            following = self._target(urldefrag(urljoin(target.url, location)).url)
        except ValueError:
            raise FetchError("refused_url") from None
        if target.scheme == "https" and following.scheme != "https":
            raise FetchError("refused_url")
        return following

    async def _call(self, call: "_Call") -> Fetched | str:
        """The answer, or where a GET is redirected to."""
        pinned = _Pinned(await self._addresses(call.target))
        connector = aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False, force_close=True, ssl=self._trust)
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=self._seconds),
            headers={"User-Agent": "Laurel", "Accept-Encoding": "identity"},
        ) as session:
            try:
                return await _answer(session, call)
            except aiohttp.ClientSSLError:
                raise FetchError("tls") from None
            except (aiohttp.ClientError, ValueError, OSError) as error:
                if isinstance(error, TimeoutError):
                    raise FetchError("timeout") from None
                raise FetchError("unreachable") from None

    async def _addresses(self, target: Target) -> Sequence[str]:
        """The addresses to connect to: every one that the name has must be public, or none is used."""
        if _is_literal(target.host):
            return [target.host]
        try:
            found = await self._resolver(target.host, target.port)
        except (OSError, UnicodeError):
            raise FetchError("unreachable") from None
        if not found:
            raise FetchError("unreachable")
        if not target.is_exempt and not all(is_public_text(one) for one in found):
            raise FetchError("refused_address")
        return found[:_MOST_ADDRESSES]

    async def _system_resolver(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._lookups, _look_up, host, port)
        return list(dict.fromkeys(found))


class _Call(msgspec.Struct, frozen=True):
    method: Literal["GET", "POST"]
    target: Target
    headers: Mapping[str, str]
    body: bytes | None
    most_bytes: int
    #: A longer answer is cut, not refused.
    is_cut: bool


class _Pinned(AbstractResolver):
    """Answers with the addresses that were checked, so that no second look at the name can give others."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The pinned addresses, for whichever name."""
        return [
            ResolveResult(
                hostname=host,
                host=one,
                port=port,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for one in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def _answer(session: aiohttp.ClientSession, call: _Call) -> Fetched | str:
    url = URL(call.target.url, encoded=True)
    async with session.request(call.method, url, data=call.body, headers=call.headers, allow_redirects=False) as answer:
        if call.method == "GET" and answer.status in _REDIRECTS and "Location" in answer.headers:
            return answer.headers["Location"]
        if call.method == "GET" and answer.status != 200:
            raise FetchError("status", status=answer.status)
        return Fetched(
            url=call.target.url,
            status=answer.status,
            media_type=answer.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
            body=await _body(answer, call),
        )


async def _body(answer: aiohttp.ClientResponse, call: _Call) -> bytes:
    body = bytearray()
    while len(body) <= call.most_bytes and (chunk := await answer.content.read(_CHUNK)):
        body += chunk
    if len(body) > call.most_bytes and not call.is_cut:
        raise FetchError("too_large")
    return bytes(body[: call.most_bytes])


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncIterator[None]:
    """Turns the end of the time for a whole call into a FetchError."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise FetchError("timeout") from None


def _look_up(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
