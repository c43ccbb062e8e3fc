"""Each error of the enrollment service and the RFC 9457 problem it becomes: the one place that knows HTTP statuses."""

from services.enrollment.attendance import model as attendance
from services.enrollment.cohorts import model as cohorts
from services.enrollment.completions import model as completions
from services.enrollment.enrollments import model as enrollments
from services.enrollment.events import model as events
from services.enrollment.evidence import model as evidence
from services.enrollment.organizations import model as organizations
from services.enrollment.people import model as people
from services.enrollment.programs import model as programs
from shared import storage
from shared.documents import DocumentPoolBusyError, DocumentsUnavailableError, DrawingFailedError, PageOverflowError
from shared.limited import LimitedPoolBusyError, LimitExceededError
from shared.problems import ProblemType, Table

_PEOPLE: Table = {
    organizations.OrganizationExistsError: ProblemType(
        code="organization-exists", status=409, title="This slug is taken", advice="Choose another slug."
    ),
    people.PersonExistsError: ProblemType(
        code="person-exists",
        status=409,
        title="The id or the address belongs to another person",
        advice="Use the person who is there, or another address.",
    ),
    people.LastAdministratorError: ProblemType(
        code="last-administrator",
        status=409,
        title="An organization keeps at least one administrator",
        advice="Make somebody else administrator first.",
    ),
    people.LinkNotOpenError: ProblemType(
        code="sign-in-link-over", status=410, title="This link no longer works", advice="Ask for a new link."
    ),
    people.CodeNeededError: ProblemType(
        code="sign-in-code-needed",
        status=422,
        title="The code is needed too",
        advice="Send the code from the e-mail; only the browser that asked for the link needs none.",
    ),
    people.WrongCodeError: ProblemType(
        code="sign-in-code-wrong",
        status=422,
        title="The code is not right, or no longer",
        advice="Look at the newest e-mail, or ask for a new link.",
    ),
    people.TooManyRequestsError: ProblemType(
        code="too-many-requests", status=429, title="Too many requests", advice="Wait.", retry_after=10
    ),
}

_PROGRAMS: Table = {
    programs.ProgramExistsError: ProblemType(
        code="program-exists", status=409, title="The slug or the id is taken", advice="Choose another slug."
    ),
    programs.LevelExistsError: ProblemType(
        code="level-exists",
        status=409,
        title="The program has a level of this number, or the id is taken",
        advice="Choose another number.",
    ),
    programs.CurriculumExistsError: ProblemType(
        code="curriculum-exists",
        status=409,
        title="The id of the curriculum or of a module is taken",
        advice="Make a new random id.",
    ),
    programs.CurriculumInUseError: ProblemType(
        code="curriculum-in-use",
        status=409,
        title="A cohort follows this curriculum",
        advice="It stays as it is; make another curriculum.",
    ),
    programs.AchievementVersionError: ProblemType(
        code="achievement-version",
        status=409,
        title="This is neither the current version nor the next",
        advice="`current` is the version that the level awards now; another content is the one after it.",
    ),
}

_COHORTS: Table = {
    cohorts.CohortExistsError: ProblemType(
        code="cohort-exists",
        status=409,
        title="The id of the cohort or of a session is taken",
        advice="Make a new random id.",
    ),
    cohorts.StateError: ProblemType(
        code="cohort-state",
        status=409,
        title="A cohort does not go from this state to that one",
        advice="A cohort begins as a draft or open, then runs, then closes; only before its end can it be cancelled.",
    ),
    cohorts.PolicyFixedError: ProblemType(
        code="policy-fixed",
        status=409,
        title="People are enrolled, so policy and curriculum stay",
        advice="Make another cohort for another policy.",
    ),
    cohorts.SessionHeldError: ProblemType(
        code="session-held",
        status=409,
        title="Attendance was recorded in a session that is to go",
        advice="Keep the sessions named in `session_ids`.",
    ),
}

_ENROLLMENTS: Table = {
    enrollments.RegistrationClosedError: ProblemType(
        code="registration-closed",
        status=409,
        title="Nobody can enroll in this cohort now",
        advice="`reason` says why, `opens_at` when that changes.",
    ),
    enrollments.EnrollmentExistsError: ProblemType(
        code="enrollment-exists", status=409, title="The id is taken", advice="Make a new random id."
    ),
    enrollments.OutcomeDecidedError: ProblemType(
        code="outcome-decided",
        status=409,
        title="Completion was decided",
        advice="The enrollment stays as it is; ask whoever runs the cohort.",
    ),
    enrollments.SeatsHeldError: ProblemType(
        code="seats-held",
        status=409,
        title="Only free seats can be taken away",
        advice="Give at least `least` seats.",
    ),
}

_COMPLETIONS: Table = {
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
    completions.SelfApprovalError: ProblemType(
        code="self-approval",
        status=409,
        title="Nobody decides about their own completion",
        advice="Nothing was decided. Ask somebody else to decide.",
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

_EVENTS: Table = {
    events.UnknownCursorError: ProblemType(
        code="unknown-cursor",
        status=400,
        title="This is no cursor of this feed",
        advice="Use the cursor that the last answer gave, or none to begin from the start.",
    ),
    events.EndpointExistsError: ProblemType(
        code="endpoint-exists",
        status=409,
        title="This address is an endpoint already, or the id is taken",
        advice="Use the endpoint that is there, or a new random id.",
    ),
    events.TooManyEndpointsError: ProblemType(
        code="too-many-endpoints",
        status=409,
        title="There are as many endpoints as there may be",
        advice="Delete one first.",
    ),
}

_ATTENDANCE: Table = {
    attendance.CohortCancelledError: ProblemType(
        code="cohort-cancelled",
        status=409,
        title="The cohort was cancelled",
        advice="Nothing is recorded in it any more.",
    ),
}

_EVIDENCE: Table = {
    evidence.EvidenceExistsError: ProblemType(
        code="evidence-exists",
        status=409,
        title="The id belongs to evidence with other content",
        advice="Hand in under a new id.",
    ),
    evidence.EvidenceStandsError: ProblemType(
        code="evidence-stands",
        status=409,
        title="Something was handed in for this module",
        advice="Wait for its review; once it is returned, hand in again.",
    ),
    evidence.NotTakingPartError: ProblemType(
        code="not-taking-part",
        status=409,
        title="Only who has a seat hands in evidence",
        advice="Take a seat in the cohort first; nothing is handed in once it is cancelled.",
    ),
    evidence.SelfReviewError: ProblemType(
        code="self-review",
        status=409,
        title="Nobody reviews their own evidence",
        advice="Ask another instructor or a coordinator.",
    ),
    evidence.AlreadyReviewedError: ProblemType(
        code="already-reviewed",
        status=409,
        title="The evidence was reviewed otherwise before",
        advice="Read `state`. What was returned stays so: the participant hands in again.",
    ),
    storage.FileLostError: ProblemType(
        code="file-lost",
        status=500,
        title="The file is no longer where it was kept",
        advice="Tell whoever runs Laurel, who can give it back from a backup; or let it be handed in again.",
    ),
    storage.TooLargeError: ProblemType(
        code="file-too-large", status=413, title="The file is too large", advice="Send at most `most_bytes` bytes."
    ),
}

_BUSY = ProblemType(
    code="busy", status=503, title="Too many are waiting", advice="Try again in a moment.", retry_after=2
)
_NOT_DRAWN = ProblemType(
    code="not-drawn",
    status=503,
    title="This document cannot be made now",
    advice="Try again in a minute; if it stays, tell whoever runs Laurel.",
    retry_after=60,
)

_CHILDREN: Table = {
    DocumentPoolBusyError: _BUSY,
    LimitedPoolBusyError: _BUSY,
    DocumentsUnavailableError: _NOT_DRAWN,
    DrawingFailedError: _NOT_DRAWN,
    PageOverflowError: _NOT_DRAWN,
    LimitExceededError: ProblemType(
        code="file-not-readable",
        status=422,
        title="This file cannot be read",
        advice="Nothing was changed. Save it again as CSV, or with fewer rows, and send that.",
    ),
}

PROBLEMS: Table = {
    **_CHILDREN,
    **_COMPLETIONS,
    **_EVENTS,
    **_PEOPLE,
    **_PROGRAMS,
    **_COHORTS,
    **_ENROLLMENTS,
    **_ATTENDANCE,
    **_EVIDENCE,
}
