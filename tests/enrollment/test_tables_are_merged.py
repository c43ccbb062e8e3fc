"""The tables of actions and of problems are put together from many files: none of these overrides another."""

import importlib
import pkgutil
from types import ModuleType

import pytest

from services.enrollment import problems
from services.enrollment.people import policy
from services.enrollment.people.policy import places, planning
from services.enrollment.problems import cohorts, people


def parts(package: ModuleType, table: str) -> list[str]:
    """The keys of the tables of a package's files, as words."""
    names = [found.name for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return [str(key) for name in names for key in getattr(importlib.import_module(name), table, ())]


def test_every_file_is_in_its_table() -> None:
    assert sorted(parts(policy, "TABLE")) == sorted(policy.TABLE)
    assert sorted(parts(problems, "PROBLEMS")) == sorted(str(kind) for kind in problems.PROBLEMS)


def test_an_action_that_two_files_name_is_refused() -> None:
    with pytest.raises(ValueError, match=r"cohort\.read"):
        policy.merged(places.TABLE, planning.TABLE, {"cohort.read": frozenset({"anybody"})})


def test_an_error_that_two_files_name_is_refused() -> None:
    with pytest.raises(ValueError, match="CohortExistsError"):
        problems.merged(people.PROBLEMS, cohorts.PROBLEMS, dict(list(cohorts.PROBLEMS.items())[:1]))
