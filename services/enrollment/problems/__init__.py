"""Each error of the enrollment service and the RFC 9457 problem it becomes, a file for each room.

The one place that knows HTTP statuses.
"""

from services.enrollment.problems import (
    admission,
    attendance,
    audits,
    children,
    cohorts,
    completions,
    directory,
    enrollments,
    evaluations,
    events,
    evidence,
    files,
    forms,
    learning,
    merges,
    messages,
    notices,
    organizations,
    overview,
    people,
    programs,
    records,
    retention,
    rosters,
    stipends,
)
from shared.problems import ProblemType, Table


def merged(*tables: Table) -> Table:
    """One table of all; ValueError for an error that two of them name."""
    found: dict[type[Exception], ProblemType] = {}
    for table in tables:
        if twice := found.keys() & table.keys():
            raise ValueError(f"two tables name {', '.join(sorted(error.__name__ for error in twice))}")
        found.update(table)
    return found


PROBLEMS: Table = merged(
    admission.PROBLEMS,
    attendance.PROBLEMS,
    audits.PROBLEMS,
    children.PROBLEMS,
    cohorts.PROBLEMS,
    completions.PROBLEMS,
    directory.PROBLEMS,
    enrollments.PROBLEMS,
    evaluations.PROBLEMS,
    events.PROBLEMS,
    evidence.PROBLEMS,
    files.PROBLEMS,
    forms.PROBLEMS,
    learning.PROBLEMS,
    merges.PROBLEMS,
    messages.PROBLEMS,
    notices.PROBLEMS,
    organizations.PROBLEMS,
    overview.PROBLEMS,
    people.PROBLEMS,
    programs.PROBLEMS,
    records.PROBLEMS,
    retention.PROBLEMS,
    rosters.PROBLEMS,
    stipends.PROBLEMS,
)
