"""Actions of completions, awards, evaluations and audits."""

from services.enrollment.people.policy.standings import PARTICIPANT, STAFF, TEACHING, Policy

TABLE: Policy = {
    "completion.read": STAFF,
    "completion.decide": STAFF,
    "completion.reverse": STAFF,
    "statement.read": STAFF | PARTICIPANT,
    "evaluation.submit": PARTICIPANT,
    "evaluation.read": TEACHING,
    "evaluation.write": STAFF,
    "audit.make": STAFF,
    "audit.read": STAFF,
    "award.read": STAFF,
    "award.revoke": STAFF,
    "award.change": STAFF,
}
