"""Actions of completions, awards, evaluations and audits."""

from services.enrollment.people.policy.standings import PARTICIPANT, STAFF, Policy

TABLE: Policy = {
    "completion.read": STAFF,
    "completion.decide": STAFF,
    "completion.reverse": STAFF,
    "statement.read": STAFF | PARTICIPANT,
    "award.read": STAFF,
    "award.revoke": STAFF,
}
