"""Addresses and spellings: what may be called as far as the text of a URL tells."""

from ipaddress import ip_address

import pytest

from shared.fetch import TargetPolicy, parse_target
from shared.fetch.addresses import is_public_text

PUBLIC = TargetPolicy()
#: Addresses that lead into somebody's own network, or nowhere.
PRIVATE = [
    "0.0.0.0",  # noqa: S104  # an address to refuse, not to bind
    "10.1.2.3",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
#: Spellings that two readers could read differently, and schemes and ports that are not for strangers.
ODD = [
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0x/",
    "https://017700000001/",
    "https://127.1/",
    "https://127.0.0.01/",
    "https://8.8.8.8./",
    "https://8.8.8.0x8/",
    "https://1.2.3.4.5/",
    "https://256.1.1.1/",
    "https://１２７.0.0.1/",
    "https://8.8.8.８/",
    "https://8。8。8。8/",
    "https://[::1%25lo]/",
    "https://[::1/",
    "https://[2606:4700::1111]a/",
    "https://user@host.example/",
    "https://user:password@host.example/",
    "https://host.example@127.0.0.1/",
    "https://host.example:443@127.0.0.1/",
    "https://host.example\\@127.0.0.1/",
    "https:\\\\host.example/",
    "https:///host.example/",
    "https:host.example/",
    "//host.example/",
    "https://",
    "https://host.example/#fragment",
    "https://host.example/a b",
    " https://host.example/",
    "https://host.example/\r\nX: y",
    "https://host.example/\x00",
    "https://ho\tst.example/",
    "https://ho%73t.example/",
    "https://host..example/",
    "https://.host.example/",
    "https://-host.example/",
    "https://ho_st.example/",
    "https://host.example:/",
    "https://host.example:0443/",
    "https://host.example:65979/",
    "https://host.example:８/",
    "https://☃︎.example\u0600/",
    "https://\ud800.example/",
    f"https://{'a' * 64}.example/",
    f"https://{'.'.join(['a' * 60] * 5)}.example/",
    f"https://host.example/{'a' * 2_000}",
    "http://host.example/",
    "https://host.example:8443/",
    "ftp://host.example/",
    "file:///etc/passwd",
    "gopher://host.example/",
    "data:text/plain,hello",
    "",
]


def bracketed(address: str) -> str:
    """The address as a URL writes it."""
    return f"[{address}]" if ip_address(address).version == 6 else address


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_public_text(address)
    assert parse_target(f"https://{bracketed(address)}/", PUBLIC) in {
        "it is not a public address",
        "its host or port is malformed",  # one with a zone
    }


@pytest.mark.parametrize("address", ["8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_not_refused(address: str) -> None:
    assert is_public_text(address)
    assert parse_target(f"https://{bracketed(address)}/a", PUBLIC) is None


@pytest.mark.parametrize("url", ODD)
def test_an_odd_spelling_is_refused(url: str) -> None:
    assert parse_target(url, PUBLIC)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "intranet", "a.localhost", "db.internal", "printer.local"])
def test_a_local_name_is_refused(host: str) -> None:
    assert parse_target(f"https://{host}/", PUBLIC) == "its host is not a public name"


@pytest.mark.parametrize(
    "url",
    [
        "https://host.example",
        "https://HOST.example:443/a?b=c&d=%20",
        "https://bücher.example/",
        "https://xn--bcher-kva.example/?q=ü",
        "https://1password.example/@name/a:b",
        "https://1.2.3.4.example/",
        "https://host.example?a",
    ],
)
def test_an_ordinary_address_may_be_called(url: str) -> None:
    assert parse_target(url, PUBLIC) is None


def test_origins_are_read_with_and_without_their_default_port() -> None:
    policy = TargetPolicy.from_origins("https://Hooks.example, http://127.0.0.1:9000,http://[::1]:80,")
    assert policy.origins == {"https://hooks.example:443", "http://127.0.0.1:9000", "http://[::1]:80"}
    assert TargetPolicy.from_origins("") == TargetPolicy()


@pytest.mark.parametrize("text", ["https://a.example/", "a.example", "https://a.example/b", "ws://a.example", "*"])
def test_a_malformed_origin_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"http|origin"):
        TargetPolicy.from_origins(text)


def test_only_the_very_origin_is_exempt() -> None:
    policy = TargetPolicy.from_origins("http://127.0.0.1:9000")
    assert parse_target("http://127.0.0.1:9000/hook", policy) is None
    for other in ("http://127.0.0.1:9001/", "https://127.0.0.1:9000/", "http://127.0.0.2:9000/", "http://127.1:9000/"):
        assert parse_target(other, policy) is not None
