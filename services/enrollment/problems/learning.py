"""The errors of learning as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
