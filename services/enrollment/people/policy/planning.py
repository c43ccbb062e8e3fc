"""Actions of programs and cohorts."""

from services.enrollment.people.policy.standings import ANYBODY, CONCERNED, STAFF, TEACHING, Policy

TABLE: Policy = {
    "catalog.read": ANYBODY,
    "program.read": ANYBODY,
    "program.write": STAFF,
    "cohort.read": CONCERNED,
    "cohort.write": STAFF,
    "session.switch": TEACHING,
}
