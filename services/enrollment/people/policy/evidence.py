"""Actions of evidence."""

from services.enrollment.people.policy.standings import CONCERNED, PARTICIPANT, TEACHING, Policy

TABLE: Policy = {
    "evidence.submit": PARTICIPANT,
    "evidence.read": CONCERNED,
    "evidence.review": TEACHING,
}
