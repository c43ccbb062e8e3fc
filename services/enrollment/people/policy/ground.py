"""Actions of what everything stands on: organizations and signing in."""

from services.enrollment.people.policy.standings import ANYBODY, SIGNED_IN, Policy

TABLE: Policy = {
    "open": ANYBODY,
    "organization.read": ANYBODY,
    "sign_in": ANYBODY,
    "language.choose": ANYBODY,
    "session.read": SIGNED_IN,
    "session.end": ANYBODY,
}
