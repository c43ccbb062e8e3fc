"""An installation of did:web issuers over real TLS: both roles, the log kept on demand, a verifier elsewhere."""

import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from deploy.local.postgres import Cluster
from services.credentials.awards.issuing import Desk
from services.credentials.issuance_log import store as issuance_log
from services.credentials.issuance_log.actions import LogKeeper, append, show_head
from services.credentials.issuer import app
from services.credentials.issuer.house import anchor_place, custody_of
from services.credentials.keys import anchor as anchors
from services.credentials.keys.actions import IssuerRules, put_issuer
from services.credentials.keys.changes import Keeper
from services.credentials.keys.history import LogHead
from services.credentials.keys.signer import Signer
from services.credentials.public import app as public_app
from services.credentials.settings import IssuerSettings, PublicSettings
from services.credentials.status_lists.actions import publish
from services.credentials.status_lists.store import follow_keys
from services.credentials.verification.actions import EXAMINE, JUDGE, Means, verify
from services.credentials.verification.model import KnownIssuer, TrustList, Verdict
from shared.clock import Clock, system_clock
from shared.fetch import Fetcher, TargetPolicy
from shared.limited import LimitedPool
from shared.postgres import Pool
from shared.tokens import ServiceKey
from tests.credentials.callers import PROFILE, Caller
from tests.credentials.conftest import issuer_settings
from tests.servers import configured, free_port, running

PASSPHRASE = "correct horse battery staple"


class Installation(msgspec.Struct, kw_only=True):
    """What the tests ask and look into."""

    caller: Caller
    settings: IssuerSettings
    pool: Pool
    public_url: str
    fetcher: Fetcher
    children: LimitedPool
    trusted: TrustList

    async def begin_at(self, moment: datetime) -> tuple[UUID, UUID]:
        """An organization whose issuer was made at a moment, and an achievement."""
        organization = uuid4()
        rules = IssuerRules(
            did_method="web", public_url=self.public_url, is_production=False, anchors=anchor_place(self.settings)
        )
        custody = custody_of(self.settings)
        await put_issuer(self.pool, custody, organization, PROFILE, rules=rules, now=moment)
        return await self.caller.begin(organization)

    def anchor_file(self, issuer_id: UUID) -> Path:
        """The file of the issuer's anchor, where it was written."""
        return anchor_file(Path(self.settings.anchor_folder), issuer_id)

    def keeper(self, issuer_id: UUID, *, clock: Clock = system_clock) -> Keeper:
        """Whoever holds the issuer's anchor."""
        return Keeper(
            pool=self.pool,
            custody=custody_of(self.settings),
            anchor=anchors.open_file(self.anchor_file(issuer_id), PASSPHRASE),
            public_url=self.public_url,
            is_production=False,
            clock=clock,
            follow=follow_keys,
        )

    @property
    def desk(self) -> Desk:
        """Where badges are signed."""
        signer = Signer(custody_of(self.settings))
        return Desk(pool=self.pool, signer=signer, public_url=self.public_url, clock=system_clock)

    async def keep_log(self, issuer_id: UUID) -> None:
        """Give what was signed its place in the log, and show the head, as the worker does."""
        rules = IssuerRules(did_method="web", public_url=self.public_url, is_production=False)
        custody = custody_of(self.settings)
        keeper = LogKeeper(pool=self.pool, custody=custody, rules=rules, clock=system_clock)
        while await append(keeper, issuer_id):
            pass
        await show_head(keeper, issuer_id)

    async def publish_lists(self, issuer_id: UUID) -> None:
        """Sign the issuer's status lists that are out of date, as the worker does."""
        signer = Signer(custody_of(self.settings))
        for row in await self.pool.fetch("SELECT id FROM status_list WHERE issuer_id = $1", issuer_id):
            await publish(self.pool, signer, row["id"], public_url=self.public_url, clock=system_clock)

    async def logged(self, issuer_id: UUID, since: datetime) -> LogHead:
        """What the log had by a moment."""
        size = await issuance_log.size_at(self.pool, issuer_id, since)
        root = await issuance_log.root_at(self.pool, issuer_id, size)
        return LogHead(size=size, root=base64.b64encode(root).decode())

    async def get(self, path: str) -> Any:
        """JSON of the public role."""
        return msgspec.json.decode((await self.fetcher.get(f"{self.public_url}{path}")).body)

    async def badge(self, award_id: UUID, ending: str = "json") -> bytes:
        """A badge's file."""
        return (await self.fetcher.get(f"{self.public_url}/badges/{award_id}.{ending}")).body

    async def verdict(
        self,
        content: bytes,
        *,
        fetcher: Fetcher | None = None,
        trusted: TrustList | None = None,
        is_offline: bool = False,
    ) -> Verdict:
        """What a verifier elsewhere says."""

        async def find(identifier: str) -> KnownIssuer | None:
            return (trusted or self.trusted).find(identifier)

        means = Means(
            call_limited=self.children.call,
            fetcher=fetcher or self.fetcher,
            find_issuer=find,
            clock=system_clock,
            is_offline=is_offline,
        )
        return await verify(content, means)


def anchor_file(folder: Path, issuer_id: UUID) -> Path:
    """The one file of an issuer's anchor in a folder."""
    (path,) = folder.glob(f"anchor-{issuer_id}-*.json")
    return path


@asynccontextmanager
async def installed(
    migrated: Cluster, pool: Pool, key: tuple[ServiceKey, str], folder: Path, **changed: Any
) -> AsyncIterator[Installation]:
    """Both roles, served: the issuer's inside, the public one over TLS."""
    port = free_port()
    url = f"https://localhost:{port}"
    values = {"did_method": "web", "anchor_folder": str(folder / "anchors"), "anchor_passphrase": PASSPHRASE}
    settings = issuer_settings(
        folder,
        migrated.dsn("credentials", "issuer"),
        enrollment_url=key[1],
        public_url=url,
        **{**values, **changed},
    )
    assert anchor_place(settings) is not None
    public = PublicSettings(
        environment="development",
        port=port,
        database_url=migrated.dsn("credentials", "public_reader"),
        enrollment_url="http://127.0.0.1:9",
        issuer_url="http://127.0.0.1:9",
        public_url=url,
        pictures_folder=settings.pictures_folder,
    )
    file = certificate("localhost", folder)
    trust = ssl.create_default_context(cafile=str(file))
    config = uvicorn.Config(
        public_app.make(public),
        host="127.0.0.1",
        port=port,
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="on",
        ssl_certfile=file,
    )
    policy = TargetPolicy.from_origins(url)
    async with (
        running(app.make(settings), settings.port) as issuer_url,
        configured(config),
        Fetcher(policy, trust=trust) as fetcher,
        LimitedPool(2, functions=(EXAMINE, JUDGE)) as children,
    ):
        yield Installation(
            caller=Caller(url=issuer_url, issuer=key[1], key=key[0], key_encryption_key=settings.key_encryption_key),
            settings=settings,
            pool=pool,
            public_url=url,
            fetcher=fetcher,
            children=children,
            trusted=TrustList(),
        )


def certificate(name: str, folder: Path) -> Path:
    """A file with a server's key and its certificate for `name`, signed by itself."""
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
    return file
