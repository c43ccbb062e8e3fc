"""The verb of endings: tell holders 90, 30 and 7 days before that their badge expires, once each."""

from functools import partial

from services.enrollment.completions.badges import letters, store
from services.enrollment.house import House
from services.enrollment.notices import actions as notices


async def tell(house: House) -> int:
    """Write the letters that are due; how many. Several workers may do it at once."""
    return await notices.post_due(
        house, store.take_ending, partial(letters.ends, own_url=house.settings.enrollment_url)
    )
