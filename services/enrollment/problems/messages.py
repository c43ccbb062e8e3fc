"""The errors of messages as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
