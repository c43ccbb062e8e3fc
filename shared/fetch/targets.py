"""What the text of a URL tells about whether it may be called. Pure: names are resolved and checked later."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, Self
from urllib.parse import quote

import idna
import msgspec

from shared.fetch.addresses import is_public

_MOST_CHARACTERS = 2_000
_MOST_HOST = 253
_PORTS = {"http": 80, "https": 443}
_URL = re.compile(r"(https?)://([^/?#]*)(/[^?#]*)?(\?[^#]*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[^\[\]:@%]+)(?::([1-9][0-9]{0,4}))?")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
#: A host that ends in a number is an IPv4 address to some readers (URL Standard, "ends in a number checker").
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Special-use names (RFC 6761 and its successors) that lead into a network of one's own.
_LOCAL_NAMES = frozenset(
    ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "arpa", "onion")
)
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff\ud800-\udfff]")
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


class Refusal(msgspec.Struct, frozen=True):
    """Why an address may not be called: a stable code, and a phrase for whoever gave the address."""

    code: Literal["refused_url", "refused_address"]
    phrase: str


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that may be called as far as its text tells, in its one canonical spelling."""

    scheme: str
    #: A name in lower-case ASCII, an IPv4 address, or an IPv6 address without its brackets.
    host: str
    port: int
    #: Path and query, percent-encoded; empty where the URL has none.
    rest: str
    #: Named in the settings: it may be http, private and on any port.
    is_exempt: bool = False

    @property
    def origin(self) -> str:
        """`scheme://host:port`, always with the port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL; a port that goes without saying is left out."""
        origin = self.origin.removesuffix(f":{_PORTS[self.scheme]}")
        return f"{origin}{self.rest or '/'}"


class TargetPolicy(msgspec.Struct, frozen=True):
    """Public https addresses may be called, and these origins (`scheme://host:port`, always with the port)."""

    origins: frozenset[str] = frozenset()

    @classmethod
    def from_origins(cls, text: str) -> Self:
        """From comma-separated origins, a default port left out or not; ValueError names a malformed one."""
        return cls(frozenset(_origin(one.strip()) for one in text.split(",") if one.strip()))


def parse_target(url: str, policy: TargetPolicy) -> str | None:
    """None where the address may be called as far as its text tells, else a phrase that says why not."""
    found = read_target(url, policy)
    return found.phrase if isinstance(found, Refusal) else None


def read_target(url: str, policy: TargetPolicy) -> Target | Refusal:
    """The target that a URL names, or why it is refused; anything that two readers could read differently is."""
    target = _read(url)
    if isinstance(target, Refusal):
        return target
    if target.origin in policy.origins:
        return msgspec.structs.replace(target, is_exempt=True)
    if target.scheme != "https":
        return Refusal("refused_url", "it is not an https address")
    if target.port != 443:
        return Refusal("refused_url", "its port is not 443")
    if (address := _address(target.host)) is not None:
        return target if is_public(address) else Refusal("refused_address", "it is not a public address")
    labels = target.host.split(".")
    if len(labels) < 2 or labels[-1] in _LOCAL_NAMES:
        return Refusal("refused_address", "its host is not a public name")
    return target


def _read(url: str) -> Target | Refusal:
    if len(url) > _MOST_CHARACTERS:
        return Refusal("refused_url", f"it is longer than {_MOST_CHARACTERS} characters")
    if _FORBIDDEN.search(url):
        return Refusal("refused_url", "it has a space, a control character or a backslash")
    if "#" in url:
        return Refusal("refused_url", "it has a fragment")
    if (parts := _URL.fullmatch(url)) is None:
        return Refusal("refused_url", "it is not an http or https address")
    scheme = parts[1].lower()
    if "@" in parts[2]:
        return Refusal("refused_url", "it has a user name")
    if (authority := _AUTHORITY.fullmatch(parts[2])) is None:
        return Refusal("refused_url", "its host or port is malformed")
    port = int(authority[2] or _PORTS[scheme])
    if port > 65_535 or (host := _host(authority[1])) is None:
        return Refusal("refused_url", "its host or port is malformed")
    rest = quote((parts[3] or "/" if parts[4] else parts[3] or "") + (parts[4] or ""), safe=_PRINTABLE)
    return Target(scheme=scheme, host=host, port=port, rest=rest)


def _host(text: str) -> str | None:
    """The one spelling of a host, or None where it has none that every reader agrees on."""
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except ValueError:
            return None
    if len(text) > _MOST_HOST:
        return None
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(text, uts46=True, std3_rules=True).decode()
        except (idna.IDNAError, UnicodeError):
            return None
    labels = name.split(".")
    if len(name) > _MOST_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    if _NUMBER.fullmatch(labels[-1]):
        try:
            # Strict: four decimal numbers without leading zeros; and nothing that had to be mapped to get there.
            return str(IPv4Address(text))
        except ValueError:
            return None
    return name


def _address(host: str) -> IPv4Address | IPv6Address | None:
    if ":" in host:
        return IPv6Address(host)
    try:
        return IPv4Address(host)
    except ValueError:
        return None


def _origin(text: str) -> str:
    target = _read(text)
    if isinstance(target, Refusal):
        raise ValueError(f"{text}: {target.phrase}")
    if target.rest:
        raise ValueError(f"{text}: an origin has no path, not even a slash")
    return target.origin
