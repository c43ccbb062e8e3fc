"""What time alone asks for: what a hold kept that was lifted, records whose years are over, files that were left."""

from services.enrollment.house import House
from services.enrollment.organizations import store as organizations
from services.enrollment.people.model import LastAdministratorError
from services.enrollment.retention import actions, store


async def run(house: House) -> None:
    """Do what may be done now; several workers may do it at once."""
    await actions.destroy_sealed(house)
    await actions.destroy_files(house)
    for asked in await store.to_do(house.pool, today=house.clock().date()):
        organization = await organizations.by_id(house.pool, asked.organization_id)
        if organization is None:
            continue
        try:
            await actions.erase(house, organization, asked.person_id, by=asked.asked_by)
        except LastAdministratorError:
            continue  # until there is another
