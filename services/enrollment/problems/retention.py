"""The errors of retention as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
