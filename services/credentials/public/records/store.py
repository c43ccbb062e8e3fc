"""The SQL of records as the public role reads them, and the one row that it writes: that one was read."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from services.credentials.keys.model import Issuer
from services.credentials.records.model import Form, RecordOverError
from shared.postgres import Pool
from shared.records import RecordRequest

OF_LINK = """
SELECT r.id, r.request, r.signed_json, r.issued_at, r.expires_at, r.withdrawn_at,
    i.id AS issuer_id, i.did, i.name, i.url, i.description, i.is_demonstration
FROM record r JOIN issuer i ON i.id = r.issuer_id
WHERE r.token_sha256 = $1 AND (r.issued_at IS NOT NULL OR r.withdrawn_at IS NOT NULL)
"""
# Once a minute in each form: whoever reloads fills no table.
NOTE = """
INSERT INTO record_opening (id, issuer_id, record_id, form, opened_at)
SELECT $1, $2, $3, $4, $5
WHERE NOT EXISTS (SELECT FROM record_opening WHERE record_id = $3 AND form = $4 AND opened_at > $6)
"""
_ONCE_IN = timedelta(minutes=1)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A record that may be shown."""

    id: UUID
    issuer: Issuer
    request: RecordRequest
    signed_json: str
    issued_at: datetime
    expires_at: datetime


async def by_token(pool: Pool, token_sha256: str, *, now: datetime) -> Record | None:
    """The record behind a token; RecordOverError for one that expired or was withdrawn."""
    row = await pool.fetchrow(OF_LINK, token_sha256)
    if row is None:
        return None
    if row["withdrawn_at"] is not None:
        raise RecordOverError(is_withdrawn=True)
    if row["signed_json"] is None or row["expires_at"] <= now:
        raise RecordOverError(is_withdrawn=False)
    return Record(
        id=row["id"],
        issuer=Issuer(
            id=row["issuer_id"],
            did=row["did"],
            name=row["name"],
            url=row["url"],
            description=row["description"],
            is_demonstration=row["is_demonstration"],
        ),
        request=msgspec.json.decode(row["request"], type=RecordRequest),
        signed_json=row["signed_json"],
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
    )


async def note(pool: Pool, found: Record, form: Form, *, now: datetime) -> None:
    """Note that somebody read it, for its holder."""
    await pool.execute(NOTE, uuid4(), found.issuer.id, found.id, form, now, now - _ONCE_IN)
