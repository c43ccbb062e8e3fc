"""The errors of forms as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
