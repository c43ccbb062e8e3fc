"""The errors of forms as problems."""

from services.enrollment.forms import model as forms
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    forms.FormChangedError: ProblemType(
        code="form-changed",
        status=409,
        title="The form was changed meanwhile",
        advice="Nothing was changed. Look at its newest version, and write again on top of that.",
    ),
}
