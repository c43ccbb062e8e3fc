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
    audits.ErasedMeanwhileError: ProblemType(
        code="erased-meanwhile",
        status=409,
        title="People of this cohort were erased while the file was made",
        advice="Nothing of the file was kept. Make it again.",
    ),
}
