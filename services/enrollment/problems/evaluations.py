"""The errors of evaluations as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
