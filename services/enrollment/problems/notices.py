"""The errors of notices as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
