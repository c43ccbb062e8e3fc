"""The errors of audits as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
