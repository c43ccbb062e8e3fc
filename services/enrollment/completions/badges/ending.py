"""The verb of endings: tell holders 90, 30 and 7 days before that their badge expires, once each."""

from services.enrollment.completions.badges import letters, store
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from shared.postgres import transaction

#: How many letters one transaction writes.
BATCH = 500


async def tell(house: House) -> int:
    """Write the letters that are due; how many. Several workers may do it at once."""
    number = 0
    while True:
        async with transaction(house.pool) as connection:
            found = await store.take_ending(connection, now=house.clock(), most=BATCH)
            for organization_id in dict.fromkeys(one.organization_id for one in found):
                mails = [
                    letters.ends(one, own_url=house.settings.enrollment_url)
                    for one in found
                    if one.organization_id == organization_id
                ]
                await notices.post_many(
                    connection, mails, organization_id=organization_id, sealing_key=house.sealing_key
                )
        number += len(found)
        if len(found) < BATCH:
            return number
