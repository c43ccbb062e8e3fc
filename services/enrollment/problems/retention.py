"""The errors of retention as problems."""

from services.enrollment.retention import model as retention
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    retention.HoldTargetError: ProblemType(
        code="hold-target",
        status=422,
        title="A legal hold is on one person or one cohort",
        advice="Nothing was changed. Name one person of the organization, or one of its cohorts.",
    ),
}
