"""Actions of stipends."""

from services.enrollment.people.policy.standings import Policy

TABLE: Policy = {}
