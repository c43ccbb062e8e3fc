"""Actions of admission and enrollments."""

from services.enrollment.people.policy.standings import ANYBODY, CONCERNED, PARTICIPANT, STAFF, TEACHING, Policy

TABLE: Policy = {
    "enrollment.create": ANYBODY,
    "enrollment.list": TEACHING,
    "enrollment.read": CONCERNED,
    "enrollment.show_name": PARTICIPANT,
    "enrollment.withdraw": STAFF | PARTICIPANT,
}
