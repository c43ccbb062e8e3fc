"""Actions of attendance, messages and evidence."""

from services.enrollment.people.policy.standings import CONCERNED, PARTICIPANT, TEACHING, Policy

TABLE: Policy = {
    "attendance.read": CONCERNED,
    "attendance.write": TEACHING,
    "attendance.check_in": PARTICIPANT,
    "makeup.approve": TEACHING,
    "report.take": TEACHING,
    "message.send": TEACHING,
    "evidence.submit": PARTICIPANT,
    "evidence.read": CONCERNED,
    "evidence.review": TEACHING,
    "evidence.remove": TEACHING,
}
