"""Actions of e-mail."""

from services.enrollment.people.policy.standings import ANYBODY, Policy

TABLE: Policy = {
    "mailbox.read": ANYBODY,
}
