"""The errors of merges as problems."""

from services.enrollment.merges import model as merges
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    merges.NotMergedError: ProblemType(
        code="not-merged",
        status=409,
        title="These two records cannot become one as they are",
        advice="Nothing was changed. `obstacles` says why; the page of the merge says what to do about each.",
    ),
}
