"""The errors of rosters as problems."""

from services.enrollment.rosters import model as rosters
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    rosters.NotTakingPeopleError: ProblemType(
        code="not-taking-people",
        status=409,
        title="Nobody can be put into this cohort as it is",
        advice="Nobody was enrolled. People can be put into a cohort that is open or runs; open it first.",
    ),
    rosters.RosterTakenError: ProblemType(
        code="roster-taken",
        status=409,
        title="This list was taken already",
        advice="Nothing was changed. Bring the file again to look at it anew.",
    ),
}
