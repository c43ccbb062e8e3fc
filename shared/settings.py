"""Settings are frozen Structs whose fields are read from the environment, one variable each.

A field `database_url` is read from `LAUREL_DATABASE_URL`, or from the file that `LAUREL_DATABASE_URL_FILE` names, so
that a secret need not stand in the environment.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

PREFIX = "LAUREL_"
T = TypeVar("T", bound=msgspec.Struct)


class SettingsError(Exception):
    """A setting is missing or malformed; `sentence` says which and what to do, never its value."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ProcessSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What every process needs, whatever its role."""

    environment: Annotated[
        Literal["development", "production"],
        msgspec.Meta(description="`production` refuses demonstration keys and hides the development mailbox"),
    ] = "production"
    host: Annotated[str, msgspec.Meta(description="address that the process listens on")] = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=1, le=65535, description="port that the process listens on")]
    trusted_proxies: Annotated[
        str,
        msgspec.Meta(description="addresses or networks (comma-separated) of balancers whose `X-Forwarded-For` holds"),
    ] = ""
    log_level: Annotated[
        str, msgspec.Meta(description="least level that is logged: `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`")
    ] = "INFO"
    database_url: Annotated[str, msgspec.Meta(description="PostgreSQL of the service, as the role's own user")]
    database_connections: Annotated[int, msgspec.Meta(ge=1, le=200, description="most connections of the pool")] = 10
    enrollment_url: Annotated[str, msgspec.Meta(description="address of the enrollment service, without a final slash")]
    issuer_url: Annotated[
        str, msgspec.Meta(description="address of the credential service's issuer role, without a final slash")
    ]
    public_url: Annotated[
        str, msgspec.Meta(description="address of the public role, the one in badge links, without a final slash")
    ]


class MigrationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What `migrate` needs."""

    owner_database_url: Annotated[
        str, msgspec.Meta(description="PostgreSQL of the service, as the owner of its tables")
    ]


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def load(kind: type[T], environ: Mapping[str, str]) -> T:
    """The settings of `kind` from `environ`; SettingsError names the first that is missing or malformed."""
    found: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        name = variable(field.name)
        if name in environ:
            found[field.name] = environ[name]
        elif (path := environ.get(f"{name}_FILE")) is not None:
            found[field.name] = _read(name, path)
        elif field.required:
            raise SettingsError(f"{name} is not set. Set it, or {name}_FILE to the file that holds it.")
    try:
        settings = msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        where = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else ""
        what = str(error).split(" - ")[0]
        raise SettingsError(f"{variable(where)} is malformed: {what}.") from None
    for name, (is_formed, form) in _FORMS.items():
        if name in kind.__struct_fields__ and not is_formed(getattr(settings, name)):
            raise SettingsError(f"{variable(name)} is malformed. {form}")
    return settings


def described(kind: type[msgspec.Struct]) -> list[tuple[str, str, str]]:
    """(variable, default or "required", meaning) of each field: the table of the documentation."""
    rows = []
    for field in msgspec.structs.fields(kind):
        default = "required" if field.required else repr(field.default)
        rows.append((variable(field.name), default, _meaning(field.type)))
    return rows


def _meaning(annotation: Any) -> str:
    for meta in getattr(annotation, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


def _read(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name}_FILE names a file that cannot be read: {error.strerror}.") from None


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _is_database(url: str) -> bool:
    """Whether it addresses a PostgreSQL, or several hosts of one; a host may also stand in the query."""
    # Not urlsplit: newer Pythons refuse several hosts where one of them is an IPv6 address in brackets.
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        return False
    hosts = [_HOST.fullmatch(one) for one in _AUTHORITY_END.split(rest)[0].rpartition("@")[2].split(",")]
    return all(host is not None and (host[1] is None or 0 < int(host[1]) < 65536) for host in hosts)


def _is_address(url: str) -> bool:
    """Whether paths can be put behind it to address what a service shows."""
    parts = _split(url)
    host = None if parts is None or "@" in parts.netloc else _HOST.fullmatch(parts.netloc)
    if parts is None or host is None or not parts.netloc or (host[1] is not None and not 0 < int(host[1]) < 65536):
        return False
    return parts.scheme in ("http", "https") and not (url.endswith("/") or "?" in url or "#" in url)


def _are_networks(text: str) -> bool:
    try:
        return all(ipaddress.ip_network(one.strip()) is not None for one in text.split(",") if text)
    except ValueError:
        return False


_AUTHORITY_END = re.compile(r"[/?#]")
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]*)(?::([0-9]{1,5}))?")
_DATABASE = (_is_database, "Its form is `postgresql://user:password@host:port/database`.")
_ADDRESS = (_is_address, "Its form is `https://host`, or with a port or path behind it, without a final slash.")
#: How values beyond their types must be formed, and what is said where they are not.
_FORMS: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "log_level": (
        lambda level: level.upper() in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "Choose DEBUG, INFO, WARNING, ERROR or CRITICAL.",
    ),
    "trusted_proxies": (_are_networks, "Give IP addresses or networks with commas between them, such as `10.0.0.0/8`."),
    "database_url": _DATABASE,
    "owner_database_url": _DATABASE,
    "enrollment_url": _ADDRESS,
    "issuer_url": _ADDRESS,
    "public_url": _ADDRESS,
}
