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
    attendance.NewerChangeError: ProblemType(
        code="newer-change",
        status=409,
        title="Somebody changed this since",
        advice="Nothing was undone. Look at the sheet again: the newer change stands.",
    ),
    attendance.OwnMakeupError: ProblemType(
        code="own-makeup",
        status=409,
        title="Nobody approves their own make-up work",
        advice="Nothing was changed. Ask another instructor or a coordinator.",
    ),
    attendance.CheckInClosedError: ProblemType(
        code="check-in-closed",
        status=409,
        title="Check-in is not open",
        advice="It is open from half an hour before the session until its end. Tell your instructor that you are here.",
    ),
    attendance.CodeOverError: ProblemType(
        code="check-in-code-over",
        status=410,
        title="This code is over",
        advice="It changes every half minute. Point your phone at the code on the screen again.",
    ),
}
