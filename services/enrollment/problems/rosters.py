"""The errors of rosters as problems."""

from shared.problems import Table

PROBLEMS: Table = {}
