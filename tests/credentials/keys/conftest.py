"""The installation of did:web issuers that the tests of keys share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.postgres import Cluster
from services.credentials.keys import anchor
from shared.postgres import Pool
from shared.tokens import ServiceKey
from tests.credentials.keys.installation import Installation, installed


@pytest.fixture(scope="session", autouse=True)
def cheap_passphrases() -> Iterator[None]:
    """Half a second for each file of an anchor would be most of these tests' time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchor, "COST", 2**10)
        yield


@pytest.fixture(scope="session")
async def installation(
    migrated: Cluster,
    issuer_pool: Pool,
    enrollment_key: tuple[ServiceKey, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    """An installation with keys sealed in the database."""
    folder = tmp_path_factory.mktemp("web")
    async with installed(migrated, issuer_pool, enrollment_key, folder) as one:
        yield one
