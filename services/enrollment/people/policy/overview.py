"""Actions of the overview, exports and the journal."""

from services.enrollment.people.policy.standings import Policy

TABLE: Policy = {}
