"""The issuer role served over HTTP, and a caller with a token key of its own that stands where enrollment would."""

import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.postgres import Cluster
from services.credentials.issuer import app
from services.credentials.public import app as public_app
from services.credentials.settings import IssuerSettings, PublicSettings
from shared.tokens import ServiceKey
from tests.credentials.callers import Caller, key_server
from tests.servers import free_port, running


def issuer_settings(folder: Path, database_url: str, *, enrollment_url: str, **changed: object) -> IssuerSettings:
    """Settings of an issuer role of its own; its key files are in `folder`."""
    key = folder / "issuer.pem"
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    port = free_port()
    values = {
        "environment": "development",
        "port": port,
        "database_url": database_url,
        "enrollment_url": enrollment_url,
        "issuer_url": f"http://127.0.0.1:{port}",
        "public_url": "http://127.0.0.1:9",
        "service_key_path": str(key),
        "key_encryption_key": base64.b64encode(os.urandom(32)).decode(),
        "did_method": "key",
        "pictures_folder": str(folder / "pictures"),
    }
    return IssuerSettings(**{**values, **changed})  # type: ignore[arg-type]  # the tests name what they change


@asynccontextmanager
async def issuing(settings: IssuerSettings, key: ServiceKey) -> AsyncIterator[Caller]:
    """A caller of an issuer role that is served with these settings."""
    async with running(app.make(settings), settings.port) as url:
        yield Caller(
            url=url,
            issuer=settings.enrollment_url,
            key=key,
            key_encryption_key=settings.key_encryption_key,
        )


@pytest.fixture(scope="session")
async def enrollment_key() -> AsyncIterator[tuple[ServiceKey, str]]:
    """The caller's token key, and the address that publishes its public half."""
    key = ServiceKey(Ed25519PrivateKey.generate())
    async with running(key_server(key), free_port()) as url:
        yield key, url


@pytest.fixture(scope="session")
def public_port() -> int:
    """Where the public role is served, which every badge names."""
    return free_port()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the issuer keeps pictures, and the public role finds them."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
async def public(migrated: Cluster, public_port: int, pictures: Path) -> AsyncIterator[str]:
    """The address of the public role; it is served without any key."""
    url = f"http://127.0.0.1:{public_port}"
    settings = PublicSettings(
        environment="development",
        port=public_port,
        database_url=migrated.dsn("credentials", "public_reader"),
        enrollment_url="http://127.0.0.1:9",
        issuer_url="http://127.0.0.1:9",
        public_url=url,
        pictures_folder=str(pictures),
    )
    async with running(public_app.make(settings), public_port):
        yield url


@pytest.fixture(scope="session")
async def issuer(
    migrated: Cluster,
    enrollment_key: tuple[ServiceKey, str],
    public_port: int,
    pictures: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Caller]:
    """The issuer role, with did:key issuers."""
    key, url = enrollment_key
    dsn = migrated.dsn("credentials", "issuer")
    folder, public_url = tmp_path_factory.mktemp("issuer"), f"http://127.0.0.1:{public_port}"
    settings = issuer_settings(folder, dsn, enrollment_url=url, public_url=public_url, pictures_folder=str(pictures))
    async with issuing(settings, key) as caller:
        yield caller


@pytest.fixture(scope="session")
async def web_issuer(
    migrated: Cluster, enrollment_key: tuple[ServiceKey, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Caller]:
    """The issuer role, with did:web issuers, whose JWTs are RS256."""
    key, url = enrollment_key
    dsn = migrated.dsn("credentials", "issuer")
    folder = tmp_path_factory.mktemp("web-issuer")
    settings = issuer_settings(folder, dsn, enrollment_url=url, did_method="web", public_url="https://badges.example")
    async with issuing(settings, key) as caller:
        yield caller
