"""Actions of attendance and messages."""

from services.enrollment.people.policy.standings import CONCERNED, TEACHING, Policy

TABLE: Policy = {
    "attendance.read": CONCERNED,
    "attendance.write": TEACHING,
}
