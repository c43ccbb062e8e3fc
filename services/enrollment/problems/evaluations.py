"""The errors of evaluations as problems."""

from services.enrollment.evaluations import model as evaluations
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    evaluations.AlreadyTurnedInError: ProblemType(
        code="already-turned-in",
        status=409,
        title="This evaluation is handed in",
        advice="Nothing was changed. Answers are counted without a name, so nobody can change them.",
    ),
    evaluations.NotOpenError: ProblemType(
        code="evaluation-not-open",
        status=409,
        title="This evaluation is not open",
        advice="Nothing was counted. Whoever has a seat can answer as soon as the session has begun.",
    ),
}
