"""The verb of cohorts: write one with its sessions and instructors; whom its dates concern hears of what changed."""

from services.enrollment.cohorts import store, store_sessions, telling
from services.enrollment.cohorts.model import (
    ChangedMeanwhileError,
    Cohort,
    CohortExistsError,
    PolicyFixedError,
    check_transition,
    eased,
    problems_of,
)
from services.enrollment.house import House
from services.enrollment.programs import actions as program_actions
from services.enrollment.programs import store as programs
from shared.postgres import Connection
from shared.problems import InvalidInputError


async def write(house: House, connection: Connection, cohort: Cohort, *, unchanged: Cohort | None = None) -> None:
    """Write a cohort with its sessions and instructors in the caller's transaction, which then holds its row.

    The same again changes nothing; seats are written apart. Sessions that people know of are cancelled, not taken out.
    InvalidInputError, StateError, PolicyFixedError, SessionHeldError, CohortExistsError; ChangedMeanwhileError where it
    is no longer what was read (`unchanged`).
    """
    now = house.clock()
    if errors := problems_of(cohort):
        raise InvalidInputError(*errors)
    curricula = await programs.curricula(connection, cohort.organization_id, also=cohort.curriculum_id)
    if not curricula:
        raise InvalidInputError(("curriculum_id", "There is no such curriculum."))
    before = await _hold(connection, cohort)
    if unchanged is not None and before != unchanged:
        raise ChangedMeanwhileError
    # Read again: from here on the cohort holds the curriculum as it is.
    (curriculum,) = await programs.curricula(connection, cohort.organization_id, also=cohort.curriculum_id)
    wanted = cohort.policy.modules
    if wanted != "all" and not {one.id for one in curriculum.modules}.issuperset(wanted):
        raise InvalidInputError(("policy.modules", "Name modules of the cohort's curriculum."))
    await store.update(connection, cohort)
    kept = {one.id for one in cohort.sessions}
    gone = [one.id for one in before.sessions if one.id not in kept] if before else []
    is_known = before is not None and before.state != "draft"
    await store_sessions.write_sessions(connection, cohort, gone=gone, known=is_known, now=now)
    await store.write_instructors(connection, cohort)
    is_another = before is not None and before.curriculum_id != cohort.curriculum_id
    if cohort.state != "draft" and (is_another or not is_known):
        await program_actions.describe_results(connection, cohort.organization_id, curriculum)
    await store.freeze_achievement(connection, cohort.id, anew=is_another)
    if before is not None and is_known:
        await telling.tell(house, connection, before, cohort, now=now)


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
    wanted = (cohort.policy, cohort.curriculum_id)
    # Eased: a cancelled session cannot be asked for.
    is_same = wanted in [(one, before.curriculum_id) for one in (before.policy, eased(before.policy, cohort.sessions))]
    if not is_same and await store.has_enrollments(connection, cohort.id):
        raise PolicyFixedError
    return before
