"""The errors of admission as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
