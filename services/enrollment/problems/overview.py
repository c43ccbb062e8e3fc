"""The errors of the overview as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
