"""The errors of stipends as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
