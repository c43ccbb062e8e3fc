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
