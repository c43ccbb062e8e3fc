"""Records that the tests take apart: signed by the issuer for a recipient of the tests."""

import hashlib
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from shared.contracts import Provider
from shared.records import (
    RECORDS_WRITE,
    RecordAnswer,
    RecordContact,
    RecordEntry,
    RecordRequest,
    RecordResult,
    RecordSession,
    RecordWithdrawal,
)
from tests.credentials.callers import Answer, Caller

HOLDER = "Zoë Ŵyn שרה"


def request(token: str, **changed: Any) -> RecordRequest:
    """A record of one cohort for District 12."""
    now = datetime.now(UTC).replace(microsecond=0)
    entry = RecordEntry(
        program_name="Leaders for Just Schools",
        level_name="Level One",
        cohort_name="North 1",
        region="North",
        activity_start=date(2021, 9, 18),
        activity_end=date(2022, 4, 23),
        completed_on=date(2022, 5, 1),
        credit_minutes=570,
        provider=Provider(name="Illinois Example Provider", number="12-3456"),
        sessions=(
            RecordSession(held_on=date(2021, 9, 18), title="Who we are", credit_minutes=180, mode="in person"),
            RecordSession(held_on=date(2022, 4, 23), title="What we do", credit_minutes=390),
        ),
        topics=("Implicit Bias",),
        results=(RecordResult(name="Reflection", found="Proficient, 3/4"),),
    )
    made = RecordRequest(
        holder_name=HOLDER,
        recipient_name="District 12",
        contact=RecordContact(name="Example Association", url="https://association.example", email="a@example.org"),
        entries=(entry,),
        made_at=now,
        expires_at=now + timedelta(days=30),
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
    )
    return msgspec.structs.replace(made, **changed)


class Sent(msgspec.Struct, frozen=True):
    """A record that was sent."""

    organization: UUID
    id: UUID
    token: str
    request: RecordRequest
    answer: RecordAnswer


async def put(issuer: Caller, organization: UUID, record_id: UUID, body: RecordRequest) -> Answer:
    """Ask for a record."""
    return await issuer.call("PUT", f"/records/{record_id}", issuer.token(RECORDS_WRITE, organization), body)


async def withdraw(issuer: Caller, organization: UUID, record_id: UUID) -> Answer:
    """Withdraw one."""
    body = RecordWithdrawal(withdrawn_at=datetime.now(UTC))
    token = issuer.token(RECORDS_WRITE, organization)
    return await issuer.call("PUT", f"/records/{record_id}/withdrawal", token, body)


async def send(issuer: Caller, **changed: Any) -> Sent:
    """A record of a new organization, signed."""
    organization, _ = await issuer.begin()
    token, record_id = secrets.token_urlsafe(32), uuid4()
    body = request(token, **changed)
    answer = await put(issuer, organization, record_id, body)
    assert answer.status == 201, answer
    return Sent(organization, record_id, token, body, msgspec.convert(answer.body, RecordAnswer))
