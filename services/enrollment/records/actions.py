"""Verbs of records: send one, withdraw one, take over what became of one."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import msgspec

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.notices import actions as notices
from services.enrollment.organizations.model import Organization
from services.enrollment.people import store as people
from services.enrollment.people.model import Viewer
from services.enrollment.records import letters, store
from services.enrollment.records.model import (
    MOST_A_DAY,
    HeldRecord,
    NothingToSendError,
    Sending,
    TooManyRecordsError,
    contact_of,
    request,
)
from shared import outbox
from shared.contracts import canonical
from shared.pages.rendering import LANGUAGES
from shared.postgres import Connection, transaction
from shared.problems import NotFoundError
from shared.records import RecordAnswer, RecordRequest, RecordWithdrawal
from shared.sealing import seal, unseal

#: Topics of the outbox: what the issuer is asked for; the key is the record's id.
RECORD, WITHDRAWAL = "record", "record-withdrawal"
#: Of a link; 256 bits, as base64url.
_TOKEN_BYTES = 32


async def send(
    house: House, viewer: Viewer, organization: Organization, sending: Sending, *, language: str, consent: str
) -> UUID:
    """Have a record signed and its link mailed to the one recipient; the record's id.

    `language` is the record's, `consent` the words that were agreed to.

    NothingToSendError where none of it was completed by the viewer, TooManyRecordsError.
    """
    if viewer.person_id is None:
        raise NotFoundError
    now = house.clock().replace(microsecond=0)
    language = language if language in LANGUAGES else LANGUAGES[0]
    record_id, token = uuid4(), secrets.token_urlsafe(_TOKEN_BYTES)
    async with transaction(house.pool) as connection:
        person = await people.person(connection, organization.id, viewer.person_id)
        if person is None:
            raise NotFoundError
        if await store.sent_within_a_day(connection, organization.id, viewer.person_id, now=now) >= MOST_A_DAY:
            raise TooManyRecordsError
        everything = await store.all_achieved(connection, organization, viewer.person_id)
        chosen = [one for one in everything if one.enrollment_id in sending.enrollment_ids]
        if not chosen:
            raise NothingToSendError
        says = request(
            person.name,
            sending,
            chosen,
            contact=contact_of(organization, email=house.settings.mail_reply_to),
            token_sha256=hashlib.sha256(token.encode()).hexdigest(),
            made_at=now,
            expires_at=now + timedelta(days=sending.days),
            language=language,
        )
        held = HeldRecord(
            id=record_id,
            organization_id=organization.id,
            person_id=viewer.person_id,
            recipient_name=sending.recipient_name,
            recipient_email=sending.recipient_email,
            expires_at=says.expires_at,
            sealed_token=seal(house.sealing_key, token.encode(), belongs_to=str(record_id)),
            payload=canonical(says),
            state="requested",
        )
        await store.insert(connection, held, consent=consent, at=now)
        await _ask(connection, organization.id, RECORD, record_id, canonical(says))
        await _note(connection, viewer, "record.send", record_id)
    return record_id


async def withdraw(house: House, viewer: Viewer, record_id: UUID) -> None:
    """Close the link of one's own record for good; again it changes nothing. NotFoundError."""
    async with transaction(house.pool) as connection:
        held = await store.lock(connection, viewer.organization_id, record_id)
        if held is None or viewer.person_id is None or held.person_id != viewer.person_id:
            raise NotFoundError
        now = house.clock().replace(microsecond=0)
        if await store.withdraw(connection, record_id, at=now):
            payload = canonical(RecordWithdrawal(withdrawn_at=now))
            await _ask(connection, viewer.organization_id, WITHDRAWAL, record_id, payload)
            await _note(connection, viewer, "record.withdraw", record_id)


async def mail(house: House, organization: Organization, record_id: UUID) -> None:
    """Mail the link, now that the issuer shows the record; once, and never of one that was withdrawn meanwhile."""
    async with transaction(house.pool) as connection:
        held = await store.lock(connection, organization.id, record_id)
        if held is None or held.state != "requested":
            return
        assert held.sealed_token is not None
        assert held.payload is not None
        assert held.recipient_email is not None
        token = unseal(house.sealing_key, held.sealed_token, belongs_to=str(record_id)).decode()
        found = letters.record(
            held,
            msgspec.json.decode(held.payload, type=RecordRequest),
            email=held.recipient_email,
            link=f"{house.settings.public_url}/records/{token}",
            sender_name=organization.name,
        )
        await notices.post(connection, found, organization_id=organization.id, sealing_key=house.sealing_key)
        await store.mark_sent(connection, record_id)


async def take_outcome(house: House, organization_id: UUID, answer: RecordAnswer) -> None:
    """Take over who opened a record, as the issuer says; a revision not above the known one is ignored."""
    async with transaction(house.pool) as connection:
        if await store.lock(connection, organization_id, answer.record_id) is None:
            raise NotFoundError
        await store.take_answer(connection, answer)


async def drop_old(house: House) -> None:
    """Let what records said be gone, and whom they were for, once their links have ended."""
    await store.drop_ended(house.pool, now=house.clock())


async def _ask(connection: Connection, organization_id: UUID, topic: str, record_id: UUID, payload: bytes) -> None:
    await outbox.put(connection, organization_id=organization_id, topic=topic, key=record_id, payload=payload)


async def _note(connection: Connection, viewer: Viewer, action: str, record_id: UUID) -> None:
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind="record",
        object_id=record_id,
    )
