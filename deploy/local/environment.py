"""The settings of each process of the local stack, as environment variables, and the secrets behind them."""

import base64
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.postgres import Cluster
from shared.lifeline import VARIABLE as LIFELINE

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Role:
    """One process of the stack."""

    name: str
    #: what follows `python -m`
    command: tuple[str, ...]
    database: str
    database_user: str


#: In the order of their ports.
ROLES = (
    Role("enrollment", ("services.enrollment", "serve"), "enrollment", "enrollment"),
    Role("issuer", ("services.credentials", "issuer"), "credentials", "issuer"),
    Role("public", ("services.credentials", "public"), "credentials", "public_reader"),
    Role("enrollment-worker", ("services.enrollment", "work"), "enrollment", "enrollment"),
    Role("issuer-worker", ("services.credentials", "issuer-work"), "credentials", "issuer"),
)
#: (folder of the migrations, database, its owner)
MIGRATIONS = (
    ("services/enrollment/migrations", "enrollment", "enrollment_owner"),
    ("services/credentials/migrations", "credentials", "credentials_owner"),
)


@dataclass(frozen=True)
class Addresses:
    """Where the processes listen: five ports in a row from `port_base`."""

    port_base: int

    def port(self, role: str) -> int:
        """The port of a role."""
        return self.port_base + [one.name for one in ROLES].index(role)

    def url(self, role: str) -> str:
        """The address of a role, without a final slash."""
        return f"http://{HOST}:{self.port(role)}"


@dataclass(frozen=True)
class Environment:
    """Makes each process's environment from the stack's folder, addresses and database."""

    folder: Path
    addresses: Addresses
    cluster: Cluster
    #: further settings for every process, such as LAUREL_WEBHOOK_ORIGINS
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def anchors(self) -> Path:
        """Where the issuers' anchors are written, to be taken off this machine."""
        return self.folder / "anchors"

    def prepare(self) -> None:
        """Make the secrets that are missing."""
        keys = self.folder / "keys"
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("enrollment.pem", "issuer.pem"):
            _write_once(keys / name, _private_key())
        for name in ("sealing.key", "key-encryption.key", "anchor.passphrase"):
            _write_once(keys / name, base64.b64encode(secrets.token_bytes(32)))

    def for_role(self, role: Role) -> dict[str, str]:
        """The environment of a serving process."""
        own, keys = self.addresses, self.folder / "keys"
        found = {
            **_inherited(),
            "LAUREL_ENVIRONMENT": "development",
            "LAUREL_HOST": HOST,
            "LAUREL_PORT": str(own.port(role.name)),
            "LAUREL_DATABASE_URL": self.cluster.dsn(role.database, role.database_user),
            "LAUREL_ENROLLMENT_URL": own.url("enrollment"),
            "LAUREL_ISSUER_URL": own.url("issuer"),
            "LAUREL_PUBLIC_URL": own.url("public"),
        }
        if role.database_user == "enrollment":
            found |= {
                "LAUREL_SERVICE_KEY_PATH": str(keys / "enrollment.pem"),
                "LAUREL_SEALING_KEY_FILE": str(keys / "sealing.key"),
                "LAUREL_STORAGE_FOLDER": str(self.folder / "files"),
            }
        elif role.database_user == "issuer":
            found |= {
                "LAUREL_SERVICE_KEY_PATH": str(keys / "issuer.pem"),
                "LAUREL_KEY_ENCRYPTION_KEY_FILE": str(keys / "key-encryption.key"),
                "LAUREL_DID_METHOD": "key",
                "LAUREL_PUBLISHED_FOLDER": str(self.folder / "published"),
                "LAUREL_ANCHOR_FOLDER": str(self.anchors),
                "LAUREL_ANCHOR_PASSPHRASE_FILE": str(keys / "anchor.passphrase"),
            }
        if role.database == "credentials":
            found["LAUREL_PICTURES_FOLDER"] = str(self.folder / "pictures")
        return found | dict(self.extra)


def _inherited() -> dict[str, str]:
    """This process's environment without settings of another installation."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("LAUREL_")}
    found.pop(LIFELINE, None)
    if sys.platform == "darwin":
        # Homebrew's folders, where the loader does not look by itself; WeasyPrint needs Pango from there.
        found.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    return found


def _private_key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    partial.rename(path)
