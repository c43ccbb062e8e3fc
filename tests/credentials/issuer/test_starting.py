"""The issuer role starts only with keys that it can and may use; what it says names the setting and what to do."""

import asyncio
import base64
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from deploy.local.postgres import Cluster
from services.credentials.issuer.house import check_keys
from services.credentials.settings import IssuerSettings
from shared.settings import SettingsError, variable
from tests.credentials.callers import Caller
from tests.credentials.conftest import issuer_settings


def environment(settings: IssuerSettings) -> dict[str, str]:
    """The settings as a process gets them."""
    found = {variable(name): str(value) for name, value in msgspec.structs.asdict(settings).items()}
    return {**os.environ, **found}


async def test_production_refuses_demonstration_keys(issuer: Caller, migrated: Cluster, tmp_path: Path) -> None:
    await issuer.begin(uuid4())
    key = issuer.key_encryption_key
    settings = issuer_settings(
        tmp_path,
        migrated.dsn("credentials", "issuer"),
        enrollment_url=issuer.issuer,
        environment="production",
        published_folder=str(tmp_path / "published"),
        key_encryption_key=key,
    )
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.credentials", "issuer"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "made for demonstration, and this is production" in done.stderr
    assert key not in done.stderr
    await check_keys(msgspec.structs.replace(settings, environment="development"))


async def test_another_key_encryption_key_is_refused(issuer: Caller, migrated: Cluster, tmp_path: Path) -> None:
    await issuer.begin(uuid4())
    wrong = base64.b64encode(os.urandom(32)).decode()
    settings = issuer_settings(
        tmp_path,
        migrated.dsn("credentials", "issuer"),
        enrollment_url=issuer.issuer,
        key_encryption_key=wrong,
    )
    with pytest.raises(SettingsError, match="sealed under"):
        await check_keys(settings)


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode()])
async def test_a_key_that_is_not_32_bytes_is_refused(text: str, migrated: Cluster, tmp_path: Path) -> None:
    settings = issuer_settings(
        tmp_path,
        migrated.dsn("credentials", "issuer"),
        enrollment_url="http://127.0.0.1:9",
        key_encryption_key=text,
    )
    with pytest.raises(SettingsError, match="32 bytes in base64"):
        await check_keys(settings)


async def test_private_keys_are_stored_sealed(issuer: Caller, migrated: Cluster) -> None:
    organization, _ = await issuer.begin()
    connection = await asyncpg.connect(migrated.dsn("credentials", "issuer"))
    sealed = await connection.fetchval(
        "SELECT s.sealed FROM signing_key_secret s JOIN signing_key k ON k.id = s.key_id WHERE k.issuer_id = $1",
        organization,
    )
    await connection.close()
    # PKCS #8 of an Ed25519 key has this prefix (RFC 8410, section 7).
    assert bytes.fromhex("302e020100300506032b6570") not in sealed
    reader = await asyncpg.connect(migrated.dsn("credentials", "public_reader"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.fetchval("SELECT sealed FROM signing_key_secret LIMIT 1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await reader.execute("UPDATE award SET state = 'revoked'")
    await reader.close()
