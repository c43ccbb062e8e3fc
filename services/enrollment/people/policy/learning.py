"""Actions of one's own learning, the directory and erasure."""

from services.enrollment.people.policy.standings import Policy

TABLE: Policy = {}
