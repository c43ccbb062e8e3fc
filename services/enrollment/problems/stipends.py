"""The errors of stipends as problems."""

from services.enrollment.stipends import model as stipends
from shared.problems import ProblemType, Table

PROBLEMS: Table = {
    stipends.NotCompletedError: ProblemType(
        code="not-completed",
        status=409,
        title="A stipend is for those who completed",
        advice="Nothing was changed. It can be applied for and approved once the cohort's completion is decided.",
    ),
    stipends.StipendStateError: ProblemType(
        code="stipend-state",
        status=409,
        title="This does not follow what was done with the stipend before",
        advice="Nothing was changed. Read `state`: it is prepared, approved by another person, then paid or declined.",
    ),
    stipends.OwnStipendError: ProblemType(
        code="own-stipend",
        status=409,
        title="Nobody handles a stipend of their own",
        advice="Nothing was changed. Ask somebody else of the staff.",
    ),
    stipends.SecondPersonError: ProblemType(
        code="second-person",
        status=409,
        title="Who prepared a stipend cannot approve it",
        advice="Nothing was changed. Ask another person of the staff to approve it.",
    ),
    stipends.StipendChangedError: ProblemType(
        code="stipend-changed",
        status=409,
        title="The stipend was prepared anew meanwhile",
        advice="Nothing was changed. Look at its budget and amount again, then approve it.",
    ),
    stipends.BudgetExceededError: ProblemType(
        code="budget-exceeded",
        status=409,
        title="The budget has not that much left",
        advice="Nothing was changed. Give less, or choose another budget; an administrator can raise this one.",
    ),
    stipends.WrongBudgetError: ProblemType(
        code="wrong-budget",
        status=409,
        title="The budget is of another program",
        advice="Nothing was changed. Choose a budget of the program that was completed.",
    ),
    stipends.BudgetTakenError: ProblemType(
        code="budget-taken",
        status=409,
        title="There is such a budget already",
        advice="Nothing was changed. A program has one budget from a source in a year: change its amount instead.",
    ),
    stipends.SourceTakenError: ProblemType(
        code="source-taken",
        status=409,
        title="There is a funding source of this name or id already",
        advice="Nothing was changed. Use that one, or choose another name.",
    ),
}
