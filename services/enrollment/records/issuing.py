"""Asks the issuer role for records, as `completions.issuing` does for awards: the worker's side."""

from contextlib import suppress

from services.enrollment.house import House
from services.enrollment.issuer_client import ErasedError, IssuerClient
from services.enrollment.organizations import store as organizations
from services.enrollment.records import actions
from shared.outbox import Handler, Message
from shared.records import RECORDS_WRITE


def handlers(house: House) -> dict[str, Handler]:
    """The handlers of the outbox topics of records."""
    issuer = IssuerClient(house)

    async def put(message: Message) -> None:
        organization = await organizations.by_id(house.pool, message.organization_id)
        # A withdrawal may have overtaken it: then there is nothing to mail.
        with suppress(ErasedError):
            await issuer.put(
                f"/records/{message.key}",
                message.payload,
                scope=RECORDS_WRITE,
                organization_id=message.organization_id,
            )
            assert organization is not None
            await actions.mail(house, organization, message.key)

    async def withdraw(message: Message) -> None:
        await issuer.put(
            f"/records/{message.key}/withdrawal",
            message.payload,
            scope=RECORDS_WRITE,
            organization_id=message.organization_id,
        )

    return {actions.RECORD: put, actions.WITHDRAWAL: withdraw}
