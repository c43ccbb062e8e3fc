"""The errors of completions as problems."""

from services.enrollment.completions import model as completions
from services.enrollment.completions.badges import model as badges
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    completions.NotEligibleError: ProblemType(
        code="not-eligible",
        status=409,
        title="Some of these people do not meet the policy",
        advice="Nothing was decided for anybody. Leave out `enrollment_ids`, or let them hand in what is missing.",
    ),
    completions.AlreadyDecidedError: ProblemType(
        code="already-decided",
        status=409,
        title="Some of these people have completed already",
        advice="Nothing was changed. Revoke the badge of `enrollment_ids` instead, if it was a mistake.",
    ),
    completions.AlreadyAwardedError: ProblemType(
        code="already-awarded",
        status=409,
        title="Some of these people had this badge, and it was revoked",
        advice="Nothing was decided for anybody. Leave out `enrollment_ids`: a badge is revoked for good.",
    ),
    completions.NotCompletedError: ProblemType(
        code="not-completed",
        status=409,
        title="They have not completed the cohort",
        advice="Decide completion first; until then there is nothing to take back and no statement.",
    ),
    completions.NotRefusedError: ProblemType(
        code="not-refused",
        status=409,
        title="Their badge is not refused",
        advice="Nothing was asked for again. Look at their page: the badge may be there by now.",
    ),
    completions.SelfApprovalError: ProblemType(
        code="self-approval",
        status=409,
        title="Nobody decides about their own completion",
        advice="Nothing was decided. Ask somebody else to decide.",
    ),
    badges.BadgeNotInForceError: ProblemType(
        code="badge-not-in-force",
        status=409,
        title="There is no badge in force to change",
        advice="Wait until it is signed. What was revoked stays revoked; what has expired is renewed first.",
    ),
    badges.BadgeChangingError: ProblemType(
        code="badge-changing",
        status=409,
        title="Another change of this badge is being made",
        advice="Nothing was changed. Send it again when that one is signed.",
        retry_after=5,
    ),
    badges.NothingChangedError: ProblemType(
        code="nothing-changed",
        status=409,
        title="The badge says all of it already",
        advice="Nothing was asked for. Say what is to be different.",
    ),
    badges.ChangeExistsError: ProblemType(
        code="change-exists",
        status=409,
        title="This id was used for another change",
        advice="Nothing was changed. Use a new id.",
    ),
    completions.NoSessionsError: ProblemType(
        code="no-sessions",
        status=409,
        title="The cohort has no session",
        advice="Nothing was decided. Write the cohort's sessions first: a badge says when they were.",
    ),
    completions.NoAchievementError: ProblemType(
        code="no-achievement",
        status=409,
        title="The cohort's level awards nothing yet",
        advice="Give the level an achievement first.",
    ),
}
