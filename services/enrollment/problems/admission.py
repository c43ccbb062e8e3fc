"""The errors of admission as problems."""

from services.enrollment.admission import model as admission
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    admission.InvitationExistsError: ProblemType(
        code="invitation-exists",
        status=409,
        title="The cohort has this code, or the id is taken",
        advice="Choose another code.",
    ),
    admission.InvitationUsedError: ProblemType(
        code="invitation-used",
        status=409,
        title="More people enrolled by this code already",
        advice="Allow at least `uses`.",
    ),
}
