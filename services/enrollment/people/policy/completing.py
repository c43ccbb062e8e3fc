"""Actions of completions, awards, evaluations and audits."""

from services.enrollment.people.policy.standings import STAFF, Policy

TABLE: Policy = {
    "completion.read": STAFF,
    "completion.decide": STAFF,
    "award.read": STAFF,
    "award.revoke": STAFF,
}
