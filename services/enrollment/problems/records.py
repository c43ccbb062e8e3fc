"""The errors of records as problems."""

from services.enrollment.records import model
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    model.TooManyRecordsError: ProblemType(
        code="too-many-records",
        status=429,
        title="Many records were sent within a day",
        advice="Nothing was sent. Wait until tomorrow.",
        retry_after=3600,
    ),
    model.NothingToSendError: ProblemType(
        code="nothing-to-send",
        status=422,
        title="There is nothing to send",
        advice="Nothing was sent. Choose at least one cohort that you completed.",
    ),
}
