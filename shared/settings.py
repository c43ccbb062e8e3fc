"""Settings are frozen Structs whose fields are read from the environment, one variable each.

A field `database_url` is read from `LAUREL_DATABASE_URL`, or from the file that `LAUREL_DATABASE_URL_FILE` names, so
that a secret need not stand in the environment.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

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
    log_level: Annotated[str, msgspec.Meta(description="least level that is logged")] = "INFO"
    database_url: Annotated[str, msgspec.Meta(description="PostgreSQL of the service, as the role's own user")]
    database_connections: Annotated[int, msgspec.Meta(ge=1, le=200, description="most connections of the pool")] = 10
    enrollment_url: Annotated[str, msgspec.Meta(description="address of the enrollment service, without a final slash")]
    issuer_url: Annotated[str, msgspec.Meta(description="address of the credential service's issuer role")]
    public_url: Annotated[str, msgspec.Meta(description="address of the public role, the one in badge links")]


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
        return msgspec.convert(found, kind, strict=False)
    except msgspec.ValidationError as error:
        where = str(error).rpartition("`$.")[2].rstrip("`") if "`$." in str(error) else ""
        what = str(error).split(" - ")[0]
        raise SettingsError(f"{variable(where)} is malformed: {what}.") from None


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
