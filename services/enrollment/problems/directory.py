"""The errors of the directory as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
