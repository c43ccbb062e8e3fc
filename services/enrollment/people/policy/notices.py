"""Actions of e-mail."""

from services.enrollment.people.policy.standings import ANYBODY, STAFF, Policy

TABLE: Policy = {
    "mailbox.read": ANYBODY,
    "refusal.read": STAFF,
    "refusal.see": STAFF,
}
