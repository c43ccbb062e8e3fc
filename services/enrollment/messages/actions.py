"""The verb of messages: write to everybody in a cohort."""

from uuid import UUID

from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.messages import letters, store
from services.enrollment.messages.model import PLACES, Message, MessageExistsError, SentMessage, problems_of
from services.enrollment.notices import actions as notices
from services.enrollment.organizations.model import Organization
from services.enrollment.people.access import require
from services.enrollment.people.model import Viewer
from shared.postgres import transaction
from shared.problems import InvalidInputError, NotFoundError


async def send(
    house: House, viewer: Viewer, organization: Organization, cohort_id: UUID, message: Message
) -> SentMessage:
    """Send a message to everybody in its audience, each by a letter of their own; the same again sends nothing.

    NotFoundError, InvalidInputError, MessageExistsError.
    """
    if errors := problems_of(message):
        raise InvalidInputError(*errors)
    now = house.clock()
    async with transaction(house.pool) as connection:
        held = await store.hold_cohort(connection, viewer.organization_id, cohort_id, viewer_id=viewer.person_id)
        if held is None or viewer.person_id is None:
            raise NotFoundError
        cohort_name, teaches = held
        require(viewer, "message.send", teaches=teaches)
        known = await store.message(connection, viewer.organization_id, cohort_id, message.id)
        if known is not None:
            if not known.says(message):
                raise MessageExistsError
            return known
        people = await store.recipients(connection, cohort_id, PLACES[message.audience])
        if not people:
            raise InvalidInputError(("audience", "Nobody is there to read it: choose others."))
        is_new = await store.insert(
            connection,
            message,
            organization_id=viewer.organization_id,
            cohort_id=cohort_id,
            by=viewer.person_id,
            at=now,
            recipients=len(people),
        )
        if not is_new:
            raise MessageExistsError
        page_url = f"{house.settings.enrollment_url}/{organization.slug}/cohorts/{cohort_id}"
        mails = [
            letters.message(
                organization, one, message, cohort_name=cohort_name, sender_name=viewer.name, page_url=page_url
            )
            for one in people
        ]
        await notices.post_many(
            connection, mails, organization_id=viewer.organization_id, sealing_key=house.sealing_key
        )
        await journal.note(
            connection,
            organization_id=viewer.organization_id,
            person_id=viewer.person_id,
            action="message.send",
            object_kind="cohort",
            object_id=cohort_id,
            note={"message_id": message.id, "recipients": len(people)},
        )
        sent = await store.message(connection, viewer.organization_id, cohort_id, message.id)
        assert sent is not None
        return sent
