"""The errors of merges as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
