"""The enrollment service, served over HTTP with its worker, for the tests of its rooms."""

import base64
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from deploy.local.postgres import Cluster
from services.enrollment import app, worker
from services.enrollment.settings import EnrollmentSettings
from tests.enrollment.queries import heard
from tests.enrollment.visitors import Served
from tests.servers import free_port, running

#: One for the whole run: services that share the tests' database must open each other's messages.
SEALING_KEY = base64.b64encode(os.urandom(32)).decode()


def settings_for(folder: Path, database_url: str, port: int) -> EnrollmentSettings:
    """Settings of a development installation on `port`, with keys and files in `folder`."""
    key = folder / "service.pem"
    key.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return EnrollmentSettings(
        environment="development",
        port=port,
        database_url=database_url,
        enrollment_url=f"http://127.0.0.1:{port}",
        issuer_url="http://127.0.0.1:9",
        public_url="http://127.0.0.1:9",
        service_key_path=str(key),
        sealing_key=SEALING_KEY,
        storage_folder=str(folder / "files"),
    )


@pytest.fixture(scope="session")
async def served(migrated: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """The service and its worker; both end with the tests."""
    settings = settings_for(
        tmp_path_factory.mktemp("enrollment"), migrated.dsn("enrollment", "enrollment"), free_port()
    )
    with heard():
        async with running(app.make(settings), settings.port) as url, running(worker.make(settings), free_port()):
            yield Served(url=url, settings=settings)
