"""Letters to many: each sealed for itself, in one statement, and only once the transaction commits."""

import base64
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from services.enrollment.notices import actions, model
from services.enrollment.notices.model import Addressee, Mail
from shared import outbox
from shared.postgres import Pool, transaction
from tests.enrollment.conftest import SEALING_KEY
from tests.enrollment.staff import mails
from tests.enrollment.visitors import Served, browser, fresh_email

KEY = base64.b64decode(SEALING_KEY)


def letter(recipient: str) -> Mail:
    to = Addressee(email=recipient, language="en")
    return model.letter(to, kind="dates", sender_name="Example", subject="A session moved", parts=[f"To {recipient}."])


async def waiting(pool: Pool, organization: UUID) -> Sequence[bytes]:
    rows = await pool.fetch("SELECT payload FROM outbox WHERE organization_id = $1 AND topic = 'mail'", organization)
    return [row["payload"] for row in rows]


async def test_everybody_gets_their_own_letter(served: Served, enrollment_pool: Pool, organization: UUID) -> None:
    people, asked = [fresh_email() for _ in range(30)], list[str]()
    async with transaction(enrollment_pool) as connection:
        with connection.query_logger(lambda query: asked.append(query.query)):
            await actions.post_many(
                connection, [letter(one) for one in people], organization_id=organization, sealing_key=KEY
            )
    # A fresh connection also asks what the types are.
    assert [one for one in asked if "INSERT" in one] == [outbox.PUT_MANY]
    async with browser(served) as anybody:
        for one in people:
            assert [mail["body"].strip() for mail in await mails(anybody, one, "A session moved")] == [f"To {one}."]


async def test_no_letter_of_a_rolled_back_transaction_is_sent_and_none_waits_readable(
    enrollment_pool: Pool, organization: UUID
) -> None:
    with pytest.raises(RuntimeError):
        async with transaction(enrollment_pool) as connection:
            recipient = f"canary-{uuid4().hex}@example.org"
            await actions.post_many(
                connection, [letter(recipient), letter(recipient)], organization_id=organization, sealing_key=KEY
            )
            payloads = [
                row["payload"]
                for row in await connection.fetch("SELECT payload FROM outbox WHERE organization_id = $1", organization)
            ]
            assert len(set(payloads)) == 2
            assert not any(b"canary" in one for one in payloads)
            raise RuntimeError
    assert await waiting(enrollment_pool, organization) == []


async def test_nobody_to_write_to_is_no_letter(enrollment_pool: Pool, organization: UUID) -> None:
    async with transaction(enrollment_pool) as connection:
        await actions.post_many(connection, [], organization_id=organization, sealing_key=KEY)
    assert await waiting(enrollment_pool, organization) == []
