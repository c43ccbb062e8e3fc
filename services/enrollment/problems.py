"""Each error of the enrollment service and the RFC 9457 problem it becomes: the one place that knows HTTP statuses."""

from shared.problems import Table

PROBLEMS: Table = {}
