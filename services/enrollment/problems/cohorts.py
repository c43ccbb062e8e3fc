"""The errors of cohorts as problems."""

from services.enrollment.cohorts import model as cohorts
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    cohorts.CohortExistsError: ProblemType(
        code="cohort-exists",
        status=409,
        title="The id of the cohort or of a session is taken",
        advice="Make a new random id.",
    ),
    cohorts.StateError: ProblemType(
        code="cohort-state",
        status=409,
        title="A cohort does not go from this state to that one",
        advice="A cohort begins as a draft or open, then runs, then closes; only before its end can it be cancelled.",
    ),
    cohorts.PolicyFixedError: ProblemType(
        code="policy-fixed",
        status=409,
        title="People are enrolled, so policy and curriculum stay",
        advice="Make another cohort for another policy.",
    ),
    cohorts.SessionHeldError: ProblemType(
        code="session-held",
        status=409,
        title="Attendance was recorded in a session that is to go",
        advice="Keep the sessions named in `session_ids`.",
    ),
}
