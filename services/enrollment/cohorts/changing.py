"""Verbs of one cohort's dates and settings, for staff and instructors; whom its dates concern hears of it."""

from collections.abc import Callable
from uuid import UUID

import msgspec

from services.enrollment.cohorts import actions, store
from services.enrollment.cohorts.model import Cohort, Mode, Session, by_date, eased, problems_of_switch
from services.enrollment.house import House
from services.enrollment.journal import actions as journal
from services.enrollment.people import actions as people
from services.enrollment.people.model import Viewer
from shared.postgres import Connection, Pool, transaction
from shared.problems import InvalidInputError, NotFoundError


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """How a session is to be held; what is None stays as it is."""

    mode: Mode
    place: str | None = None
    link: str | None = None


async def switch(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID, wanted: Switch) -> Session:
    """Hold a session in person or online; everybody seated is written to. The same again changes nothing.

    NotFoundError, InvalidInputError where a place or a link is missing.
    """

    def switched(cohort: Cohort) -> Cohort:
        before = _session(cohort, session_id)
        after = msgspec.structs.replace(
            before, mode=wanted.mode, place=wanted.place or before.place, link=wanted.link or before.link
        )
        return _with(cohort, after)

    after = await _change(house, viewer, cohort_id, switched, action="session.switch", session_id=session_id)
    return _session(after, session_id)


async def put_session(house: House, viewer: Viewer, cohort_id: UUID, session: Session) -> Session:
    """Move a session, or change how it is held, or add it; the sessions keep the order of their dates.

    NotFoundError, InvalidInputError, SessionHeldError, CohortExistsError for the id of another cohort's.
    """

    def put(cohort: Cohort) -> Cohort:
        after = _with(cohort, session)
        return msgspec.structs.replace(after, sessions=by_date(after.sessions))

    after = await _change(house, viewer, cohort_id, put, action="session.move", session_id=session.id)
    return _session(after, session.id)


async def cancel_session(house: House, viewer: Viewer, cohort_id: UUID, session_id: UUID) -> None:
    """Cancel a session; of a draft it is taken out. Again changes nothing; completing asks for no more than is left.

    NotFoundError, SessionHeldError where attendance was recorded.
    """

    def without(cohort: Cohort) -> Cohort:
        kept = tuple(one for one in cohort.sessions if one.id != session_id)
        return msgspec.structs.replace(cohort, sessions=kept, policy=eased(cohort.policy, kept))

    await _change(house, viewer, cohort_id, without, action="session.cancel", session_id=session_id)


async def change(house: House, viewer: Viewer, cohort_id: UUID, wanted: Callable[[Cohort], Cohort]) -> Cohort:
    """Write what `wanted` makes of a cohort; its state stays. NotFoundError and the errors of `actions.write`."""
    return await _change(house, viewer, cohort_id, wanted, action="cohort.write")


async def add_instructor(house: House, viewer: Viewer, cohort_id: UUID, *, name: str, email: str) -> None:
    """Let somebody teach a cohort, as a new person if the address is unknown. InvalidInputError, NotFoundError."""
    async with transaction(house.pool) as connection:
        held = await _held(connection, viewer, cohort_id)
        person = await people.ensure_person(connection, organization_id=viewer.organization_id, name=name, email=email)
        teachers = tuple(sorted({*held.instructors, person.id}))
        await store.write_instructors(connection, msgspec.structs.replace(held, instructors=teachers))
        await note(connection, viewer, "cohort.instructor", cohort_id, person_id=person.id)


async def remove_instructor(house: House, viewer: Viewer, cohort_id: UUID, person_id: UUID) -> None:
    """Let somebody no longer teach a cohort. NotFoundError for the cohort."""
    async with transaction(house.pool) as connection:
        held = await _held(connection, viewer, cohort_id)
        teachers = tuple(one for one in held.instructors if one != person_id)
        await store.write_instructors(connection, msgspec.structs.replace(held, instructors=teachers))
        await note(connection, viewer, "cohort.instructor", cohort_id, person_id=person_id)


async def create(house: House, viewer: Viewer, cohort: Cohort) -> None:
    """Write a new draft; the same again changes nothing. The errors of `actions.write`."""
    async with transaction(house.pool) as connection:
        await actions.write(house, connection, cohort)
        await note(connection, viewer, "cohort.create", cohort.id)


async def _change(
    house: House, viewer: Viewer, cohort_id: UUID, wanted: Callable[[Cohort], Cohort], *, action: str,
    session_id: UUID | None = None,
) -> Cohort:  # fmt: skip
    async with transaction(house.pool) as connection:
        before = await _held(connection, viewer, cohort_id)
        after = wanted(before)
        if after == before:
            return before
        if errors := _problems(before, after):
            raise InvalidInputError(*errors)
        await actions.write(house, connection, after)
        if session_id is None:
            await note(connection, viewer, action, cohort_id)
        else:
            await note(connection, viewer, action, cohort_id, session_id=session_id)
    return after


def _problems(before: Cohort, after: Cohort) -> list[tuple[str, str]]:
    """What keeps the sessions that change from being held; those that stay as they are may lack something."""
    touched = [one for one in after.sessions if one not in before.sessions]
    if after.state == "draft":
        return []
    return [problem for one in touched for problem in problems_of_switch(one.mode, one.place, one.link)]


async def _held(connection: Connection, viewer: Viewer, cohort_id: UUID) -> Cohort:
    if not await store.hold(connection, viewer.organization_id, cohort_id):
        raise NotFoundError
    found = await store.cohort(connection, viewer.organization_id, cohort_id)
    if found is None:
        raise NotFoundError
    return found


def _session(cohort: Cohort, session_id: UUID) -> Session:
    found = next((one for one in cohort.sessions if one.id == session_id), None)
    if found is None:
        raise NotFoundError
    return found


def _with(cohort: Cohort, session: Session) -> Cohort:
    """The cohort with a session in the place of its earlier self, or behind the others."""
    kept = tuple(session if one.id == session.id else one for one in cohort.sessions)
    return msgspec.structs.replace(cohort, sessions=kept if session in kept else (*kept, session))


async def note(connection: Connection | Pool, viewer: Viewer, action: str, cohort_id: UUID, **more: UUID) -> None:
    """Note in the journal who changed a cohort; `more` are ids."""
    await journal.note(
        connection,
        organization_id=viewer.organization_id,
        person_id=viewer.person_id,
        action=action,
        object_kind="cohort",
        object_id=cohort_id,
        note={key: str(value) for key, value in more.items()} or None,
    )
