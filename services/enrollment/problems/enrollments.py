"""The errors of enrollments as problems."""

from services.enrollment.enrollments import model as enrollments
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    enrollments.RegistrationClosedError: ProblemType(
        code="registration-closed",
        status=409,
        title="Nobody can enroll in this cohort now",
        advice="`reason` says why, `opens_at` when that changes.",
    ),
    enrollments.EnrollmentExistsError: ProblemType(
        code="enrollment-exists", status=409, title="The id is taken", advice="Make a new random id."
    ),
    enrollments.OutcomeDecidedError: ProblemType(
        code="outcome-decided",
        status=409,
        title="Completion was decided",
        advice="The enrollment stays as it is; ask whoever runs the cohort.",
    ),
    enrollments.SeatsHeldError: ProblemType(
        code="seats-held",
        status=409,
        title="Only free seats can be taken away",
        advice="Give at least `least` seats.",
    ),
}
