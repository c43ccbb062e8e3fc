"""Actions of stipends."""

from services.enrollment.people.policy.standings import ADMINISTRATORS, PARTICIPANT, STAFF, Policy

TABLE: Policy = {
    "stipend.apply": PARTICIPANT,
    "stipend.see": STAFF | PARTICIPANT,
    "stipend.read": STAFF,
    "stipend.prepare": STAFF,
    "stipend.approve": STAFF,
    "stipend.pay": STAFF,
    "stipend.decline": STAFF,
    "budget.read": STAFF,
    "budget.write": ADMINISTRATORS,
}
