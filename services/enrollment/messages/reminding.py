"""The verb of reminders: write to everybody seated before each session, once."""

from functools import partial

from services.enrollment.house import House
from services.enrollment.messages import letters, store_reminders
from services.enrollment.notices import actions as notices


async def remind(house: House) -> int:
    """Write the reminders that are due; how many. Several workers may do it at once."""
    return await notices.post_due(
        house, store_reminders.take_due, partial(letters.reminder, own_url=house.settings.enrollment_url)
    )
