"""The errors of attendance as problems."""

from services.enrollment.attendance import model as attendance
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    attendance.CohortCancelledError: ProblemType(
        code="cohort-cancelled",
        status=409,
        title="The cohort was cancelled",
        advice="Nothing is recorded in it any more.",
    ),
}
