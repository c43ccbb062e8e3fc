"""Revocations answered when their list says so, by many at once, beside commits of one row."""

import asyncio
import base64
import os
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from deploy.local.postgres import Cluster
from services.credentials.achievements import actions as achievements
from services.credentials.awards import actions as awards
from services.credentials.awards.issuing import Desk
from services.credentials.keys import actions as keys
from services.credentials.keys.actions import IssuerRules
from services.credentials.keys.custody import Custody, key_encryption_key
from services.credentials.keys.signer import Signer
from services.credentials.proofs.template import Templates
from shared.clock import system_clock
from shared.contracts import Revocation
from shared.migrate import migrate
from shared.postgres import Pool, create_pool
from shared.published import Published
from tests.benchmarks.measuring import Comparison, compare_at_once
from tests.conftest import MIGRATIONS
from tests.credentials.callers import ACHIEVEMENT, PROFILE, award_request

_CLIENTS = 400
#: More than are revoked while it is measured; copies of one badge, each with its own place in the list.
_AWARDS = 40_000
_URL = "https://badges.example"
_COPY_AWARDS = """
INSERT INTO award (id, issuer_id, state, revision, request, request_sha256, enrollment_id, achievement_id,
    achievement_version, created_at, issued_at)
SELECT n.id, a.issuer_id, a.state, a.revision, a.request, a.request_sha256, n.id, a.achievement_id,
    a.achievement_version, a.created_at, a.issued_at
FROM award a, unnest($2::uuid[]) AS n (id) WHERE a.id = $1
"""
_COPY_CREDENTIALS = """
INSERT INTO credential (id, award_id, issuer_id, reason, number, ask_id, ask_sha256, request, subject_id,
    status_list_id, status_index, key_id, jwt_key_id, valid_from, signed_json, signed_jwt, signed_sha256, issued_at)
SELECT n.id, n.id, c.issuer_id, c.reason, c.number, n.id, c.ask_sha256, c.request, c.subject_id, c.status_list_id,
    (c.status_index + n.place) % 131072, c.key_id, c.jwt_key_id, c.valid_from, c.signed_json, c.signed_jwt,
    c.signed_sha256, c.issued_at
FROM credential c, unnest($2::uuid[]) WITH ORDINALITY AS n (id, place) WHERE c.award_id = $1
"""


async def of_revoking() -> list[Comparison]:
    """In a durable database, with everything that a revocation asks for but HTTP."""
    context = Cluster.temporary(durable=True)
    cluster = await asyncio.to_thread(context.__enter__)
    try:
        await migrate(cluster.dsn("credentials", "credentials_owner"), MIGRATIONS["credentials"])
        pool = await create_pool(cluster.dsn("credentials", "issuer"), connections=20, name="bench")
        with TemporaryDirectory() as folder:
            found = [await _measured(pool, Path(folder))]
        pool.terminate()
        return found
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def _measured(pool: Pool, folder: Path) -> Comparison:
    custody = Custody(key_encryption_key(base64.b64encode(os.urandom(32)).decode()))
    desk = Desk(
        pool=pool,
        signer=Signer(custody, Templates()),
        public_url=_URL,
        clock=system_clock,
        published=Published(folder),
    )
    waiting = await _awards(desk, custody)
    issuer_id = await pool.fetchval("SELECT id FROM issuer")
    revocation = Revocation(reason="Measured", revoked_at=datetime(2026, 11, 1, tzinfo=UTC))
    number = 0

    async def revoke() -> None:
        nonlocal number
        number += 1
        await awards.revoke(desk, issuer_id, waiting.pop(), revocation)

    async def commit() -> None:
        await pool.execute("INSERT INTO wallet_challenge VALUES ($1, $2, $3, 'x', now())", uuid4(), kept, issuer_id)

    kept = waiting.pop()
    found = await compare_at_once("revoke", ("revocations", revoke), ("one-row commits", commit), clients=_CLIENTS)
    signed = len(list((folder / "status-lists").rglob("*.json"))) - 1
    return Comparison(
        title=f"revoke, {number // max(signed, 1):,} a signature of the list",
        measured=found.measured,
        bare=found.bare,
        ratio=found.ratio,
        least_ratio=found.least_ratio,
        greatest_ratio=found.greatest_ratio,
    )


async def _awards(desk: Desk, custody: Custody) -> list[UUID]:
    """Awards of one issuer that can be revoked."""
    issuer_id, achievement_id, first = uuid4(), uuid4(), uuid4()
    rules = IssuerRules(did_method="key", public_url=_URL, is_production=False)
    now = system_clock()
    await keys.put_issuer(desk.pool, custody, issuer_id, PROFILE, rules=rules, now=now)
    await achievements.put_version(desk.pool, issuer_id, achievement_id, 1, ACHIEVEMENT, now=now)
    await awards.put(desk, issuer_id, first, award_request(achievement_id))
    found = [uuid4() for _ in range(_AWARDS)]
    await desk.pool.execute(_COPY_AWARDS, first, found)
    await desk.pool.execute(_COPY_CREDENTIALS, first, found)
    return found
