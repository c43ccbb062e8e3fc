"""The errors of audits as problems."""

from services.enrollment.audits import model as audits
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    audits.UnknownJurisdictionError: ProblemType(
        code="unknown-jurisdiction",
        status=422,
        title="We do not know this jurisdiction's rules",
        advice="Nothing was made. Choose one of the list.",
    ),
}
