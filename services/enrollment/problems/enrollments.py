"""The errors of enrollments as problems."""

from services.enrollment.enrollments import model as enrollments
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    enrollments.RegistrationClosedError: ProblemType(
        code="registration-closed",
        status=409,
        title="Nobody can enroll in this cohort now",
        advice="`reason` says why, `opens_at` when that changes.",
    ),
    enrollments.LevelRequiredError: ProblemType(
        code="level-required",
        status=409,
        title="This cohort needs the badge of another level",
        advice="Show a badge of `level_name` from elsewhere on the page “A badge from elsewhere”; once it is accepted, "
        "enroll again.",
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
    enrollments.OfferOverError: ProblemType(
        code="offer-over",
        status=409,
        title="This offer has ended",
        advice="The seat went on to the next in line. Enroll again while registration is open.",
    ),
    enrollments.NotPlacedError: ProblemType(
        code="not-placed",
        status=409,
        title="Some of these people do not have such a place",
        advice="Nothing was changed. Leave out `enrollment_ids`.",
    ),
    enrollments.AttendedError: ProblemType(
        code="attended",
        status=409,
        title="Some of these people were in a session",
        advice="Nothing was changed. Correct the attendance of `enrollment_ids`, or withdraw them instead.",
    ),
    enrollments.NoSeatThereError: ProblemType(
        code="no-seat-there",
        status=409,
        title="The other cohort has no seat for everybody",
        advice="Nobody was moved. Leave out `enrollment_ids`, or give that cohort more seats.",
    ),
    enrollments.AlreadyThereError: ProblemType(
        code="already-there",
        status=409,
        title="Some of these people are in the other cohort already",
        advice="Nobody was moved. Leave out `enrollment_ids`.",
    ),
    enrollments.LevelMissingError: ProblemType(
        code="level-missing",
        status=409,
        title="Some of these people lack the badge that the other cohort needs",
        advice="Nobody was moved. Leave out `enrollment_ids`, or let them show a badge of `level_name` on the page "
        "“A badge from elsewhere”; once it is accepted, move them.",
    ),
    enrollments.NoTransferError: ProblemType(
        code="no-transfer",
        status=409,
        title="People cannot be moved to that cohort",
        advice="Choose another cohort of the same program that is open or runs.",
    ),
}
