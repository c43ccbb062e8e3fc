"""Actions of people, forms, rosters and merges."""

from services.enrollment.people.policy.standings import ADMINISTRATORS, STAFF, Policy

TABLE: Policy = {
    "person.read": STAFF,
    "person.write": STAFF,
    "role.write": ADMINISTRATORS,
    "roster.import": STAFF,
    "person.merge": STAFF,
}
