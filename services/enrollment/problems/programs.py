"""The errors of programs as problems."""

from services.enrollment.programs import model as programs
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    programs.ProgramExistsError: ProblemType(
        code="program-exists", status=409, title="The slug or the id is taken", advice="Choose another slug."
    ),
    programs.LevelExistsError: ProblemType(
        code="level-exists",
        status=409,
        title="The program has a level of this number, or the id is taken",
        advice="Choose another number.",
    ),
    programs.LevelRequirementError: ProblemType(
        code="level-requirement",
        status=409,
        title="A level cannot require this one",
        advice="Choose a level of the same program that does not require this one in turn.",
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
    programs.VerifierAwayError: ProblemType(
        code="verifier-away",
        status=503,
        title="The file cannot be checked now",
        advice="Nothing was kept. Try again in a few minutes.",
        retry_after=60,
    ),
    programs.ClaimDecidedError: ProblemType(
        code="claim-decided",
        status=409,
        title="It was decided already",
        advice="Load the page again. Nobody decides about a badge of their own.",
    ),
    programs.AchievementVersionError: ProblemType(
        code="achievement-version",
        status=409,
        title="This is neither the current version nor the next",
        advice="`current` is the version that the level awards now; another content is the one after it.",
    ),
}
