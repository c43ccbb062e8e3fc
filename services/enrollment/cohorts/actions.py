"""Verbs of cohorts: write one with its sessions and instructors, switch how a session is held."""

from uuid import UUID

import msgspec

from services.enrollment.cohorts import letters, store
from services.enrollment.cohorts.model import (
    Cohort,
    CohortExistsError,
    Mode,
    PolicyFixedError,
    Session,
    check_transition,
    problems_of,
    problems_of_switch,
)
from services.enrollment.house import House
from services.enrollment.notices import actions as notices
from services.enrollment.organizations import store as organizations
from services.enrollment.programs import store as programs
from shared.postgres import Connection, transaction
from shared.problems import InvalidInputError, NotFoundError


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """How a session is to be held; what is None stays as it is."""

    mode: Mode
    place: str | None = None
    link: str | None = None


async def write(connection: Connection, cohort: Cohort) -> None:
    """Write a cohort with its sessions and instructors in the caller's transaction, which then holds its row.

    The same again changes nothing; seats are written apart. InvalidInputError, StateError, PolicyFixedError,
    SessionHeldError, CohortExistsError.
    """
    if errors := problems_of(cohort):
        raise InvalidInputError(*errors)
    curricula = await programs.curricula(connection, cohort.organization_id, also=cohort.curriculum_id)
    if not curricula:
        raise InvalidInputError(("curriculum_id", "There is no such curriculum."))
    before = await _hold(connection, cohort)
    # Read again: from here on the cohort holds the curriculum as it is.
    (curriculum,) = await programs.curricula(connection, cohort.organization_id, also=cohort.curriculum_id)
    wanted = cohort.policy.modules
    if wanted != "all" and not {one.id for one in curriculum.modules}.issuperset(wanted):
        raise InvalidInputError(("policy.modules", "Name modules of the cohort's curriculum."))
    await store.update(connection, cohort)
    kept = {one.id for one in cohort.sessions}
    gone = [one.id for one in before.sessions if one.id not in kept] if before else []
    await store.write_sessions(connection, cohort, gone=gone)
    await store.write_instructors(connection, cohort)


async def _hold(connection: Connection, cohort: Cohort) -> Cohort | None:
    """The cohort as it was, held and fit to become as wanted; None for a new one."""
    was_added = await store.insert(connection, cohort)
    if not await store.hold(connection, cohort.organization_id, cohort.id):
        raise CohortExistsError
    if was_added:
        check_transition("draft", cohort.state)
        return None
    before = await store.cohort(connection, cohort.organization_id, cohort.id)
    if before is None:
        raise CohortExistsError
    check_transition(before.state, cohort.state)
    is_same = (before.policy, before.curriculum_id) == (cohort.policy, cohort.curriculum_id)
    if not is_same and await store.has_enrollments(connection, cohort.id):
        raise PolicyFixedError
    return before


async def switch(house: House, organization_id: UUID, cohort_id: UUID, session_id: UUID, wanted: Switch) -> Session:
    """Hold a session in person or online; everybody seated is written to. The same again changes nothing.

    NotFoundError, InvalidInputError where a place or a link is missing.
    """
    async with transaction(house.pool) as connection:
        before = await store.hold_session(connection, organization_id, cohort_id, session_id)
        if before is None:
            raise NotFoundError
        after = msgspec.structs.replace(
            before, mode=wanted.mode, place=wanted.place or before.place, link=wanted.link or before.link
        )
        if errors := problems_of_switch(after.mode, after.place, after.link):
            raise InvalidInputError(*errors)
        if after != before:
            await store.switch_session(connection, after)
            await _tell(house, connection, organization_id, cohort_id, after)
    return after


async def _tell(house: House, connection: Connection, organization_id: UUID, cohort_id: UUID, session: Session) -> None:
    organization = await organizations.by_id(connection, organization_id)
    cohort = await store.cohort(connection, organization_id, cohort_id)
    if organization is None or cohort is None or session.ends_at <= house.clock():
        return
    url = f"{house.settings.enrollment_url}/{organization.slug}/cohorts/{cohort_id}"
    for person in await store.seated_people(connection, cohort_id):
        mail = letters.switched(
            organization, person, session, cohort_name=cohort.name, zone=cohort.time_zone, page_url=url
        )
        await notices.post(connection, mail, organization_id=organization_id, sealing_key=house.sealing_key)
