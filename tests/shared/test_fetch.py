"""The guarded fetcher: strangers' addresses lead to public https hosts only, whatever their spelling or their DNS."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.fetch import Fetcher, FetchError, Resolver, TargetPolicy
from tests.shared.test_fetch_targets import ODD, PRIVATE, PUBLIC

#: Public by its number, but assigned to nobody.
NOBODY = "2000::1"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}"


def redirect(location: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


class Listener(msgspec.Struct):
    """A server of the loopback interface that says what it is told, and keeps what it was asked."""

    port: int = 0
    answer: bytes = ANSWER
    hits: int = 0
    asked: list[bytes] = []
    #: Sent again and again after the answer, until the caller has enough.
    flood: bytes = b""

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.hits += 1
        try:
            self.asked.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(self.answer)
            await writer.drain()
            while self.flood:
                writer.write(self.flood)
                await writer.drain()
                await asyncio.sleep(0)
        except (OSError, EOFError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def listening(answer: bytes = ANSWER, *, context: ssl.SSLContext | None = None) -> AsyncIterator[Listener]:
    listener = Listener(answer=answer)
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0, ssl=context)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as one:
        yield one


def answering(*answers: Sequence[str]) -> Resolver:
    """A resolver that gives one answer after another, and then none."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0)

    return resolve


def fetching(*listeners: Listener) -> Fetcher:
    """A fetcher to which these listeners are exempt origins."""
    return Fetcher(TargetPolicy.from_origins(",".join(one.origin for one in listeners)))


async def failed(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as raised:
        await fetcher.get(url)
    return raised.value


@pytest.mark.parametrize("address", [*PRIVATE, "no address"])
async def test_a_name_with_an_address_that_is_not_public_is_refused(address: str) -> None:
    async with Fetcher(PUBLIC, resolver=answering([address])) as fetcher:
        assert (await failed(fetcher, "https://somewhere.example/")).code == "refused_address"


@pytest.mark.parametrize("url", ODD)
async def test_an_odd_spelling_is_refused_before_any_name_is_resolved(url: str) -> None:
    async with Fetcher(PUBLIC, resolver=answering()) as fetcher:
        assert (await failed(fetcher, url)).code in {"refused_url", "refused_address"}


async def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    async with Fetcher(PUBLIC, resolver=answering(["8.8.8.8", "10.0.0.1"])) as fetcher:
        assert (await failed(fetcher, "https://somewhere.example/")).code == "refused_address"


async def test_an_exempt_origin_is_fetched(listener: Listener) -> None:
    async with fetching(listener) as fetcher:
        fetched = await fetcher.get(f"{listener.origin}/a?b=%41", accept="application/json")
    assert (fetched.status, fetched.media_type, fetched.body) == (200, "application/json", b"{}")
    assert fetched.url == f"{listener.origin}/a?b=%41"
    asked = listener.asked[0].decode()
    assert asked.startswith("GET /a?b=%41 HTTP/1.1\r\n")
    assert "Accept: application/json\r\n" in asked
    assert "Accept-Encoding: identity\r\n" in asked


async def test_the_loopback_listener_is_hit_by_no_spelling_of_its_address(listener: Listener) -> None:
    decimal = int(IPv4Address("127.0.0.1"))
    names = ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"]
    numbers = ["127.1", str(decimal), hex(decimal), "0", "0.0.0.0"]  # noqa: S104  # to refuse, not to bind
    async with Fetcher(PUBLIC) as fetcher:
        for host in names + numbers:
            for scheme in ("http", "https"):
                await failed(fetcher, f"{scheme}://{host}:{listener.port}/")
    assert listener.hits == 0


async def test_a_name_is_resolved_once_and_only_the_checked_address_is_called(listener: Listener) -> None:
    policy = TargetPolicy.from_origins(f"http://rebind.example:{listener.port}")
    # 192.0.2.1 would be called if the name were asked a second time; then there would be no answer at all.
    async with Fetcher(policy, resolver=answering(["127.0.0.1"], ["192.0.2.1"])) as fetcher:
        assert (await fetcher.get(f"http://rebind.example:{listener.port}/")).body == b"{}"
    assert listener.hits == 1


async def test_a_name_that_turns_private_after_the_check_is_not_called_there() -> None:
    answers: list[list[str]] = [[NOBODY], ["127.0.0.1"]]
    asked = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers.pop(0)

    async with Fetcher(PUBLIC, resolver=resolve, seconds=0.2) as fetcher:
        assert (await failed(fetcher, "https://rebind.example/")).code in {"unreachable", "timeout"}
    assert asked == ["rebind.example"]


async def test_each_call_judges_the_name_anew(listener: Listener) -> None:
    async with Fetcher(PUBLIC, resolver=answering([NOBODY], ["127.0.0.1"]), seconds=0.2) as fetcher:
        await failed(fetcher, "https://rebind.example/")
        assert (await failed(fetcher, "https://rebind.example/")).code == "refused_address"


async def test_redirects_are_followed_three_times(listener: Listener) -> None:
    async with listening() as second, fetching(listener, second) as fetcher:
        listener.answer = redirect(f"{second.origin}/there#part")
        assert (await fetcher.get(listener.origin)).url == f"{second.origin}/there"
        listener.answer = redirect("/again?a")
        assert (await failed(fetcher, listener.origin)).code == "too_many_redirects"
        assert listener.hits == 5
        assert listener.asked[-1].startswith(b"GET /again?a ")


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://2130706433:{port}/", "https://127.0.0.1/", "https://localhost/",
     "file:///etc/passwd", "https://user@host.example/", "http://[::1", "https://ho\tst.example/", "https://hést.example/"],
)  # fmt: skip
async def test_a_redirect_is_judged_like_a_first_address(listener: Listener, location: str) -> None:
    async with listening() as hidden, fetching(listener) as fetcher:
        listener.answer = redirect(location.format(port=hidden.port))
        assert (await failed(fetcher, listener.origin)).code in {"refused_url", "refused_address"}
        assert (listener.hits, hidden.hits) == (1, 0)


async def test_a_redirect_to_a_name_with_a_private_address_is_refused(listener: Listener) -> None:
    listener.answer = redirect("https://inside.example/")
    policy = TargetPolicy.from_origins(listener.origin)
    async with Fetcher(policy, resolver=answering(["10.0.0.1"])) as fetcher:
        assert (await failed(fetcher, listener.origin)).code == "refused_address"


@pytest.mark.parametrize("status", [204, 304, 404, 410, 500])
async def test_any_other_answer_than_200_is_told_by_its_status(listener: Listener, status: int) -> None:
    listener.answer = f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode()
    async with fetching(listener) as fetcher:
        error = await failed(fetcher, listener.origin)
    assert (error.code, error.status) == ("status", status)


async def test_a_body_is_read_to_its_limit_and_no_further(listener: Listener) -> None:
    async with fetching(listener) as fetcher:
        assert (await fetcher.get(listener.origin, most_bytes=2)).body == b"{}"
        with pytest.raises(FetchError, match="too_large"):
            await fetcher.get(listener.origin, most_bytes=1)
        listener.answer, listener.flood = b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65_536
        assert (await failed(fetcher, listener.origin)).code == "too_large"


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"])
async def test_a_slow_answer_ends_in_time(listener: Listener, answer: bytes) -> None:
    held = asyncio.Event()

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await held.wait()
        writer.close()

    server = await asyncio.start_server(slowly, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with Fetcher(TargetPolicy.from_origins(origin), seconds=0.2) as fetcher:
        assert (await failed(fetcher, origin)).code == "timeout"
    held.set()
    server.close()


async def test_the_time_is_for_all_hops_and_the_name() -> None:
    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with Fetcher(PUBLIC, resolver=never, seconds=0.05) as fetcher:
        assert (await failed(fetcher, "https://slow.example/")).code == "timeout"


@pytest.mark.parametrize("flood", [b"A: b\r\n", b"A" * 65_536, b"A: " + b"b" * 65_536 + b"\r\n"])
async def test_a_flood_of_headers_is_cut_off(listener: Listener, flood: bytes) -> None:
    listener.answer, listener.flood = b"HTTP/1.1 200 OK\r\n", flood
    async with fetching(listener) as fetcher:
        assert (await failed(fetcher, listener.origin)).code in {"unreachable", "too_large"}


async def test_nothing_is_unpacked(listener: Listener) -> None:
    listener.answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
    async with fetching(listener) as fetcher:
        assert (await fetcher.get(listener.origin)).body == b"abc"


async def test_no_cookie_comes_back_and_no_proxy_is_asked(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening() as proxy, fetching(listener) as fetcher:
        monkeypatch.setenv("http_proxy", proxy.origin)
        listener.answer = ANSWER.replace(b"OK\r\n", b"OK\r\nSet-Cookie: a=b\r\n")
        await fetcher.get(listener.origin)
        await fetcher.get(listener.origin)
        assert proxy.hits == 0
    assert b"cookie" not in listener.asked[1].lower()


async def test_a_post_brings_its_body_and_follows_no_redirect(listener: Listener) -> None:
    async with listening() as second, fetching(listener, second) as fetcher:
        listener.answer = redirect(second.origin, 307)
        answer = await fetcher.post(listener.origin, body=b"{}", headers={"Content-Type": "application/json"})
        assert (answer.status, second.hits) == (307, 0)
        assert b"Content-Type: application/json\r\n" in listener.asked[0]
        listener.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000
        answer = await fetcher.post(listener.origin, body=b"{}", headers={})
        assert (answer.status, len(answer.body)) == (200, 16_384)


async def test_nobody_there_is_unreachable(listener: Listener) -> None:
    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError

    async with Fetcher(PUBLIC, resolver=nowhere) as fetcher:
        assert (await failed(fetcher, "https://nobody.example/")).code == "unreachable"
    async with Fetcher(PUBLIC, resolver=answering([])) as fetcher:
        assert (await failed(fetcher, "https://nobody.example/")).code == "unreachable"


async def test_a_certificate_must_be_for_the_name_and_from_whom_we_trust(tmp_path: Path) -> None:
    serving, trust = certificate("localhost", tmp_path)
    async with listening(context=serving) as listener:
        port = listener.port
        policy = TargetPolicy.from_origins(f"https://localhost:{port},https://other.example:{port}")
        here: Callable[[], Resolver] = lambda: answering(["127.0.0.1"])  # noqa: E731
        async with Fetcher(policy, resolver=here(), trust=trust) as fetcher:
            assert (await fetcher.get(f"https://localhost:{port}/")).body == b"{}"
        async with Fetcher(policy, resolver=here(), trust=trust) as fetcher:
            assert (await failed(fetcher, f"https://other.example:{port}/")).code == "tls"
        async with Fetcher(policy, resolver=here()) as fetcher:
            assert (await failed(fetcher, f"https://localhost:{port}/")).code == "tls"
        async with Fetcher(TargetPolicy.from_origins(f"https://localhost:{port},http://localhost:{port}"),
                           resolver=here(), trust=trust) as fetcher:  # fmt: skip
            listener.answer = redirect(f"http://localhost:{port}/")
            assert (await failed(fetcher, f"https://localhost:{port}/")).code == "refused_url"


def certificate(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own for `name`, and a caller's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    file.write_bytes(
        signed.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))
